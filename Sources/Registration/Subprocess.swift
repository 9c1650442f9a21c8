// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc

/// Another program, run to its end.
struct Subprocess {
    /// Its exit status; -1 if it could not be started or did not end by itself.
    let status: Int32
    /// What it wrote to standard output and errors; empty if that was not caught.
    let output: String

    /// The longest time, in seconds: modutil waits for a database that is locked. In a home of
    /// somebody else anything can hang, and a package manager waits for us.
    static let patience = 120

    /// - Parameters:
    ///   - path: a name without a folder is looked for in PATH.
    ///   - arguments: without the program's name.
    ///   - home: the user's home folder, for the program's environment, in which little else is.
    ///   - isCaught: whether output is caught, or goes where ours goes.
    ///   - limit: the longest time, in seconds.
    init(_ path: String, _ arguments: [String], home: String, isCaught: Bool, limit: Int = patience) {
        var ends: [Int32] = [-1, -1]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if isCaught {
            guard unsafe pipe(&ends) == 0 else {
                self.init(status: -1, output: "")
                return
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        }
        var process: pid_t = 0
        var words = unsafe Subprocess.copies([path] + arguments)
        var environment = unsafe Subprocess.copies(Subprocess.environment(home: home))
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        let isStarted = unsafe posix_spawnp(&process, path, &actions, nil, &words, &environment) == 0
        if isCaught { close(ends[1]) }
        defer { if isCaught { close(ends[0]) } }
        guard isStarted else {
            self.init(status: -1, output: "")
            return
        }
        let output = isCaught ? Subprocess.output(of: ends[0], process, limit) : ""
        let status = Subprocess.status(of: process, limit)
        // WIFEXITED and WEXITSTATUS.
        self.init(status: status & 0x7F == 0 ? (status >> 8) & 0xFF : -1, output: output)
    }

    private init(status: Int32, output: String) {
        self.status = status
        self.output = output
    }

    /// Whether a program of this name is in PATH.
    static func isInstalled(_ name: String) -> Bool {
        path.parts(":").contains { unsafe access("\($0)/\(name)", X_OK) == 0 }
    }

    private static var path: String {
        Machine.environment("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }

    /// Ours for the same user; for another one whose home it is, and the language. modutil loads the
    /// library, which shall not cache a card.
    private static func environment(home: String) -> [String] {
        let own =
            home == Machine.environment("HOME")
            ? (Machine().bytes(of: "/proc/self/environ") ?? []).split(separator: 0)
                .map { String(decoding: $0, as: UTF8.self) }
            : ["HOME=\(home)", "PATH=\(path)"]
                + ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { name in
                    Machine.environment(name).map { "\(name)=\($0)" }
                }
        return own + ["CPS_PKCS11_CACHE=off"]
    }

    /// How the program ended; it is ended when it takes too long.
    private static func status(of process: pid_t, _ seconds: Int) -> Int32 {
        let limit = time(nil) + seconds
        var status: Int32 = 0
        var pause: useconds_t = 500
        while unsafe waitpid(process, &status, WNOHANG) == 0 {
            if time(nil) >= limit { kill(process, SIGKILL) }
            // The kernel itself is waiting, as for a file server.
            if time(nil) >= limit + 5 { return SIGKILL }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        return status
    }

    /// What comes until the program closes its end; it is ended when it takes too long.
    private static func output(of end: Int32, _ process: pid_t, _ seconds: Int) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        let limit = time(nil) + seconds
        while true {
            let left = limit - time(nil)
            var waiting = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&waiting, 1, Int32(clamping: max(0, left) * 1000))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else {
                kill(process, SIGKILL)
                break
            }
            let count = unsafe read(end, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            if bytes.count < 1 << 20 { bytes += piece.prefix(count) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Strings as C has them, with a null pointer at the end.
    private static func copies(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe strings.map { unsafe strdup($0) } + [nil]
    }
}
