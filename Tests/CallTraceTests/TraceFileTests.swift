// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import CallTrace

@Suite("The file of a trace")
final class TraceFileTests {
    private let folder: String
    private var path: String { folder + "/trace" }

    init() throws {
        var template = Array("/tmp/trace-tests.XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["trace", "other"] { _ = unsafe unlink("\(folder)/\(name)") }
        _ = unsafe rmdir(folder)
    }

    private func content(of path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private func make(_ path: String, mode: mode_t) {
        close(unsafe open(path, O_WRONLY | O_CREAT, mode))
        _ = unsafe chmod(path, mode)
    }

    @Test("is made for its owner alone, and added to")
    func made() throws {
        let file = try #require(TraceFile(path: path))
        file.add(line: "one")
        file.add(line: "two")
        #expect(content(of: path) == "one\ntwo\n")
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("is not written to through a link")
    func links() throws {
        make(folder + "/other", mode: 0o600)
        _ = unsafe symlink("other", path)
        try #require(TraceFile(path: path)).add(line: "one")
        #expect(content(of: folder + "/other") == "")
        _ = unsafe unlink(path)
        _ = unsafe link(folder + "/other", path)
        try #require(TraceFile(path: path)).add(line: "one")
        #expect(content(of: path) == "")
    }

    @Test("is not written to when others could read it")
    func readableByOthers() throws {
        make(path, mode: 0o640)
        try #require(TraceFile(path: path)).add(line: "one")
        #expect(content(of: path) == "")
    }

    @Test("is no pipe", .timeLimit(.minutes(1)))
    func pipe() throws {
        _ = unsafe mkfifo(path, 0o600)
        try #require(TraceFile(path: path)).add(line: "one")
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try #require(TraceFile(path: path)).add(line: "two")
        var byte: UInt8 = 0
        #expect(unsafe read(reader, &byte, 1) == 0)
    }

    @Test("A relative path is that of the folder of now")
    func relative() throws {
        let file = try #require(TraceFile(path: "trace"))
        #expect(file.path.hasPrefix("/") && file.path.hasSuffix("/trace"))
        #expect(TraceFile(path: "") == nil)
    }

    @Test("A line has a time, a process, a thread, and no control characters")
    func lines() throws {
        try #require(CallTrace(path: path)).log(.card(1, .connected(.t0, reader: "A\nreader\u{7F}")))
        let line = try #require(content(of: path))
        #expect(line.hasSuffix(" card 1 connected T=0 A?reader?\n"))
        #expect(line.contains(" \(getpid())/"))
        let time = try #require(line.split(separator: " ").first)
        #expect(time.split(separator: ".").last?.count == 6)
    }
}
