// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import Messages

/// Signals that wait: while a code is presented, or a terminal does not show what
/// is typed, a Ctrl-C must not end the program before that is put right. Pending signals
/// are delivered by `release()`.
enum Signals {
    /// Ctrl-C, `kill`, a closed terminal, Ctrl-\ and Ctrl-Z.
    static let held: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    /// Lets these signals wait until `release()`. Calling it twice is calling it once.
    static func hold() { change(SIG_BLOCK) }

    /// Lets them through again: if one came, this program ends (or stops) here.
    static func release() { change(SIG_UNBLOCK) }

    /// Runs something that no signal shall cut short.
    static func holding<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = isHolding
        hold()
        defer { if !before { release() } }
        return try body()
    }

    /// Whether somebody wants this program to end; for long work between two commands.
    /// - Throws: `Failure` with `.cancelled`.
    static func check() throws(Failure) {
        if held.contains(where: { $0 != SIGTSTP && isPending($0) }) { throw Signals.interrupted }
    }

    static let interrupted = Failure(.cancelled, Message("Interrupted.", fr: "Interrompu."))

    /// Lets a Ctrl-Z through that waits: the program stops here, and goes on from here.
    static func stopIfAsked() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTSTP)
        unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
    }

    /// A descriptor that can be read from (and never is) when a held signal waits; -1
    /// when the system has none left.
    static func descriptor() -> Int32 {
        var set = heldSet()
        return unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
    }

    private static var isHolding: Bool {
        var mask = sigset_t()
        unsafe sigprocmask(SIG_BLOCK, nil, &mask)
        return unsafe sigismember(&mask, SIGINT) == 1
    }

    private static func isPending(_ signal: Int32) -> Bool {
        var pending = sigset_t()
        unsafe sigpending(&pending)
        return unsafe sigismember(&pending, signal) == 1
    }

    private static func change(_ how: Int32) {
        var set = heldSet()
        unsafe sigprocmask(how, &set, nil)
    }

    private static func heldSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in held { unsafe sigaddset(&set, signal) }
        return set
    }
}
