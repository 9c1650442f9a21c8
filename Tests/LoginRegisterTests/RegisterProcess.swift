// SPDX-License-Identifier: Apache-2.0

import CProcess
import Foundation
import Testing

/// A process with logins (Tests/LoginRegisterTool), that does what a test says. (Foundation's
/// Process waits for the children of a process, too.)
final class RegisterProcess {
    let processID: Int32
    private let input: Int32
    private let output: Int32
    private var hasEnded = false

    /// - Parameter folder: the folder that the register's folder is in.
    init(in folder: String) throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let tool = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("login-register-tool").path
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        let pipes = unsafe cps_pipe2(&toChild, O_CLOEXEC) + cps_pipe2(&fromChild, O_CLOEXEC)
        try #require(pipes == 0)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        // The signals that this process ignores or blocks are the tool's to die of.
        var attributes = posix_spawnattr_t()
        var all = sigset_t()
        var none = sigset_t()
        unsafe sigfillset(&all)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(truncatingIfNeeded: POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(tool), strdup(folder), nil]
        var child: Int32 = 0
        let result = unsafe posix_spawn(&child, tool, &actions, &attributes, &words, environ)
        unsafe posix_spawn_file_actions_destroy(&actions)
        unsafe posix_spawnattr_destroy(&attributes)
        unsafe words.forEach { unsafe free($0) }
        close(toChild[0])
        close(fromChild[1])
        try #require(result == 0, "no \(tool)")
        processID = child
        input = toChild[1]
        output = fromChild[0]
    }

    /// Has a command done.
    /// - Returns: its answer.
    @discardableResult
    func callAsFunction(_ command: String) throws -> String {
        send(command)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(output, &byte, 1)
            try #require(count == 1, "the process has ended")
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    private func send(_ command: String) {
        let text = Array("\(command)\n".utf8)
        _ = unsafe write(input, text, text.count)
    }

    /// Ends the process by this signal.
    func end(by signal: Int32) {
        kill(processID, signal)
        waitForEnd()
    }

    /// Lets it end by `_exit`.
    func leave() {
        send("leave")
        waitForEnd()
    }

    private func waitForEnd() {
        _ = waitpid(processID, nil, 0)
        hasEnded = true
    }

    deinit {
        if !hasEnded { end(by: SIGKILL) }
        close(input)
        close(output)
    }
}

/// A folder of a test's own, in place of /run/user/UID.
final class RunFolder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("cps-run-\(UUID().uuidString)").path
    var register: String { path + "/cps-pkcs11" }

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try setMode(0o700, of: path)
    }

    func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func give(_ path: String, to user: Int) throws {
        try FileManager.default.setAttributes(
            [.ownerAccountID: user, .groupOwnerAccountID: user], ofItemAtPath: path)
    }

    func mode(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    /// The entries' paths.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: register)) ?? []).map { register + "/" + $0 }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
