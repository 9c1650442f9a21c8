// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import Messages

/// Held signals. While a PIN is presented, or the terminal's echo is off, Ctrl-C must not end
/// the program before that is undone. Pending signals are delivered by `release()`.
enum Signals {
    /// Ctrl-C, `kill`, a closed terminal, Ctrl-\ and Ctrl-Z.
    static let held: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    /// Holds these signals until `release()`. Calls do not nest.
    static func hold() { change(SIG_BLOCK) }

    /// Delivers pending signals: if there is one, this program ends (or stops) here.
    static func release() { change(SIG_UNBLOCK) }

    /// Runs a function that no signal may interrupt.
    static func holding<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = isHolding
        hold()
        defer { if !before { release() } }
        return try body()
    }

    /// Checks between two commands whether a signal asks this program to end.
    /// - Throws: `Failure` with `.cancelled` then.
    static func check() throws(Failure) {
        if held.contains(where: { $0 != SIGTSTP && isPending($0) }) { throw Signals.interrupted }
    }

    static let interrupted = Failure(.cancelled, Message("Interrupted.", fr: "Interrompu."))

    /// Delivers a pending Ctrl-Z: the program stops here, and continues from here.
    static func stopIfAsked() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTSTP)
        unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
    }

    /// A descriptor that poll() reports as readable while a held signal is pending (it is never
    /// read from); -1 if the system has no descriptor left.
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
