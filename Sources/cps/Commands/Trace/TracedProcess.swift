// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// A child process with the library's trace switched on. SIGTERM and SIGHUP are forwarded to
/// it; `cps` ends when it ends.
final class TracedProcess {
    let identifier: pid_t
    private var signals = sigset_t()

    /// Signals for the command: forwarded, or ignored here because the terminal sends them to both.
    private static let forwarded: [Int32] = [SIGTERM, SIGHUP]
    private static let ignored: [Int32] = [SIGINT, SIGQUIT]

    /// - Throws: `Failure` with `.usage` if the command cannot be run.
    init(_ words: [String], trace: String) throws(Failure) {
        unsafe setenv("CPS_PKCS11_TRACE", trace, 1)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The command gets the signal mask and SIGPIPE action that `cps` was started with.
        var mask = sigset_t()
        unsafe pthread_sigmask(SIG_SETMASK, nil, &mask)
        unsafe posix_spawnattr_setsigmask(&attributes, &mask)
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        unsafe sigemptyset(&signals)
        for signal in [SIGCHLD] + TracedProcess.forwarded + TracedProcess.ignored { unsafe sigaddset(&signals, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)

        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var identifier: pid_t = 0
        let code = unsafe posix_spawnp(&identifier, words[0], nil, &attributes, &arguments, environ)
        guard code == 0 else {
            let (name, reason) = (words[0].printable, SystemError.message(code))
            throw Failure(
                .usage,
                Message(
                    "\(name) cannot be run (\(reason.english)).",
                    fr: "\(name) ne peut pas être lancé (\(reason.french))."))
        }
        self.identifier = identifier
    }

    /// Waits up to `milliseconds` for the end.
    /// - Returns: the exit status to pass on; nil if the command has not ended.
    func wait(milliseconds: Int) -> Int32? {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        let signal = unsafe sigtimedwait(&signals, nil, &time)
        if TracedProcess.forwarded.contains(signal) { kill(identifier, signal) }
        var status: Int32 = 0
        guard unsafe waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
        // WIFEXITED and WEXITSTATUS; after a signal 128 + its number, like shells.
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }
}

/// The trace file, in a folder that only the user can access.
final class TraceFolder {
    private let folder: String
    let path: String
    private var position = 0
    /// The start of an incomplete line.
    private var beginning: [UInt8] = []

    /// - Throws: `Failure` with `.fileFailed`.
    init() throws(Failure) {
        let parents = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { (name: String) -> String? in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
        for parent in parents + ["/tmp"] where parent.hasPrefix("/") {
            var name = "\(parent)/cps-trace.XXXXXX".utf8CString.map { $0 }
            guard unsafe mkdtemp(&name) != nil else { continue }
            folder = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = folder + "/trace"
            return
        }
        throw Failure(
            .fileFailed,
            Message("No folder for the trace could be made.", fr: "Impossible de créer un dossier pour la trace."))
    }

    deinit { remove() }

    /// The lines written since the last call.
    func newLines() -> [String] {
        let file = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe pread(file, &piece, piece.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            position += count
            beginning += piece.prefix(count)
        }
        guard let end = beginning.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = beginning[..<end].split(separator: UInt8(ascii: "\n"))
        beginning.removeSubrange(...end)
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    func remove() {
        _ = unsafe unlink(path)
        _ = unsafe rmdir(folder)
    }
}
