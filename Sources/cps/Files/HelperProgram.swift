// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc

/// Files and programs that are installed with this program.
enum InstalledFile {
    /// The path of the first of some files that this user may use. Whoever can write in their folders
    /// can replace this program as well. The environment has no influence.
    /// - Parameters:
    ///   - places: relative to this program's folder: /usr/bin in a package, .build/MACHINE/release in
    ///     the source tree.
    ///   - mode: what this user must be allowed to do, `R_OK` or `X_OK`.
    /// - Returns: nil if there is no such file.
    static func path(_ places: [String], mode: Int32) -> String? {
        guard let folder = Machine.programFolder else { return nil }
        return places.map { "\(folder)/\($0)" }.first { unsafe access($0, mode) == 0 }
    }
}

/// Runs a program that reads all of its standard input, then writes its standard output.
enum Filter {
    /// Runs the program and waits for its end. Its standard error is ours.
    /// - Parameter words: the program, looked for in PATH if it has no slash, and its arguments.
    /// - Returns: what it wrote; nil if it cannot be run. A program that ends early has not read all.
    static func run(_ words: [String], input: [UInt8]) -> [UInt8]? {
        guard let program = words.first, var question = Pipe(), var answer = Pipe() else { return nil }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, question.reading, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, answer.writing, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // This program ignores SIGPIPE; others expect it.
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process: pid_t = 0
        guard unsafe posix_spawnp(&process, program, &actions, &attributes, &arguments, environ) == 0 else {
            return nil
        }
        question.closeReading()
        answer.closeWriting()
        _ = Output.put(input, to: question.writing)
        question.closeWriting()
        let output = answer.readAll()
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
        return output
    }
}

/// The two ends of a pipe. Programs that are started do not inherit them.
private struct Pipe: ~Copyable {
    private(set) var reading: Int32
    private(set) var writing: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        (reading, writing) = (ends[0], ends[1])
        // One thread: no other one starts a program in between.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        if reading >= 0 { close(reading) }
        if writing >= 0 { close(writing) }
    }

    mutating func closeReading() {
        close(reading)
        reading = -1
    }

    mutating func closeWriting() {
        close(writing)
        writing = -1
    }

    /// Reads until the last writer has closed its end.
    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(reading, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += piece.prefix(count)
        }
    }
}
