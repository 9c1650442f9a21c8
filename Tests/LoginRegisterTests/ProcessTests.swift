// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The register among processes: what becomes of an entry when its owner ends, forks, or
/// has its descriptors closed.
@Suite("Logins of several processes")
struct ProcessTests {
    let folder: RunFolder
    let owner: RegisterProcess
    let other: RegisterProcess
    static let card = "cps3-01 Reader0 5"

    init() throws {
        folder = try RunFolder()
        owner = try RegisterProcess(in: folder.path)
        other = try RegisterProcess(in: folder.path)
    }

    private func logIn(_ process: RegisterProcess, _ how: String = "user last") throws -> String {
        try process("add \(ProcessTests.card) \(how)")
    }

    private func look() throws -> String { try other("look \(ProcessTests.card)") }

    @Test("are seen by each other")
    func others() throws {
        #expect(try look() == "0 0 false")
        #expect(try logIn(owner) == "0" && look() == "1 0 false")
        #expect(try logIn(other) == "0" && look() == "2 0 false")
        #expect(try owner("look - Reader0 5") == "2 0 false")
        try owner("remove 0")
        #expect(try look() == "1 0 false")
    }

    @Test("are orphaned by each way to end without a logout", arguments: ["_exit", "KILL", "TERM", "HUP"])
    func orphans(how: String) throws {
        #expect(try logIn(owner) == "0")
        switch how {
        case "_exit": owner.leave()
        case "TERM": owner.end(by: SIGTERM)
        case "HUP": owner.end(by: SIGHUP)
        default: owner.end(by: SIGKILL)
        }
        #expect(try look() == "0 1 false")
        // Beside a login that stands it is still one.
        #expect(try logIn(other) == "0" && look() == "1 1 false")
        try other("remove 0")
        try other("clear \(ProcessTests.card)")
        #expect(try look() == "0 0 false" && folder.files.isEmpty)
    }

    @Test("are urgent to close with the unblocking code or logout=reset, and not to close with leave")
    func orphanKinds() throws {
        #expect(try logIn(owner, "unblocking leave") == "0")
        owner.end(by: SIGKILL)
        #expect(try look() == "0 1 true")
        try other("clear \(ProcessTests.card)")
        for (how, seen) in [("user reset", "0 1 true"), ("user leave", "0 0 false")] {
            let owner = try RegisterProcess(in: folder.path)
            #expect(try logIn(owner, how) == "0")
            owner.end(by: SIGKILL)
            #expect(try look() == seen)
            try other("clear \(ProcessTests.card)")
        }
    }

    @Test("of a card that is gone are cleared away after their owner, and do not count")
    func outdated() throws {
        #expect(try logIn(owner) == "0")
        #expect(try other("look cps3-01 Reader0 7") == "0 0 false" && folder.files.count == 1)
        owner.end(by: SIGKILL)
        #expect(try other("look cps3-01 Reader1 7") == "0 0 false" && folder.files.count == 1)
        // By a program that knows of an earlier insertion only.
        #expect(try other("look cps3-01 Reader0 3") == "0 0 false" && folder.files.count == 1)
        #expect(try other("look cps3-01 Reader0 7") == "0 0 false" && folder.files.isEmpty)
    }

    @Test("stand as long as their owner, whatever a forked child does with its copies")
    func childEndsFirst() throws {
        #expect(try logIn(owner) == "0")
        for how in ["fork", "fork-closing"] {
            let child = try #require(Int32(try owner(how)))
            Thread.sleep(forTimeInterval: 0.2)
            #expect(try look() == "1 0 false" && owner("intact 0") == "true")
            kill(child, SIGKILL)
            #expect(try look() == "1 0 false" && owner("intact 0") == "true")
        }
    }

    @Test("are orphaned although a forked child that knows nothing of it keeps the lock")
    func childOutlives() throws {
        #expect(try logIn(owner) == "0")
        let child = try #require(Int32(try owner("fork")))
        defer { kill(child, SIGKILL) }
        #expect(try look() == "1 0 false")
        owner.end(by: SIGKILL)
        #expect(try look() == "0 1 false")
    }

    @Test("are orphaned while their owner has ended and its parent takes no note of that")
    func zombie() throws {
        #expect(try logIn(owner) == "0")
        let child = try #require(Int32(try owner("fork")))
        defer { kill(child, SIGKILL) }
        // The process is not waited for yet.
        kill(owner.processID, SIGSTOP)
        #expect(try look() == "1 0 false")
        kill(owner.processID, SIGKILL)
        Thread.sleep(forTimeInterval: 0.2)
        #expect(try look() == "0 1 false")
    }

    @Test("notice that the host closed all descriptors, and are entered anew")
    func closedDescriptors() throws {
        #expect(try logIn(owner) == "0" && owner("intact 0") == "true")
        try owner("closefrom 3")
        #expect(try owner("intact 0") == "false")
        try owner("open 5")
        #expect(try owner("intact 0") == "false")
        try owner("remove 0")
        #expect(try logIn(owner) == "1" && owner("intact 1") == "true")
        #expect(try look() == "1 0 false" && folder.files.count == 1)
        // The host's descriptors are its own.
        #expect(try owner("intact 0") == "false" && owner("intact 1") == "true")
    }

    @Test("are not entered by a process that may open no more files, which judges the others by their owners")
    func noDescriptors() throws {
        #expect(try logIn(other) == "0")
        try owner("limit 3")
        #expect(try logIn(owner) == "none")
        #expect(try owner("look \(ProcessTests.card)") == "0 0 false")
        #expect(folder.files.count == 1)
    }

    @Test("of many processes are counted to the last one")
    func many() throws {
        let processes = try (0..<20).map { _ in try RegisterProcess(in: folder.path) }
        for process in processes { #expect(try logIn(process) == "0") }
        #expect(try look() == "20 0 false")
        for process in processes.prefix(10) { process.end(by: SIGKILL) }
        #expect(try look() == "10 10 false")
        for process in processes.dropFirst(10) { try process("remove 0") }
        #expect(try look() == "0 10 false")
        let milliseconds = try #require(Int(try other("time \(ProcessTests.card) 100")))
        #expect(milliseconds < 1000, "a look among 10 entries takes \(milliseconds * 10) µs")
    }
}
