// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Testing
import VirtualCPSTestSupport

@testable import VirtualCPS

/// What goes wrong on purpose.
@Suite("Planned faults") struct PlannedFaultTests {
    @Test(
        "are read from the words of the command line",
        arguments: [
            ("drop@1", Fault.removeCard, 1), ("reset@12", .forget, 12), ("repeat@3", .repeated, 3),
            ("garbage:0102@4", .garbage([1, 2]), 4), ("garbage:@4", .garbage([]), 4), ("truncate:5@6", .truncate(5), 6),
            ("shorten:0@7", .shorten(0), 7), ("status:6F00@8", .status(.noPreciseDiagnosis), 8),
            ("refuse:6a82@9", .refuse(.fileNotFound), 9), ("delay:1500@10", .delay(milliseconds: 1500), 10),
        ] as [(String, Fault, Int)])
    func words(text: String, fault: Fault, number: Int) throws {
        let planned = try PlannedFault(parsing: text)
        #expect(planned.fault == fault && planned.number == number)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "drop", "drop@", "drop@0", "drop@-1", "drop@1@2", "drop:1@2", "status@1", "status:6F@1", "status:xyz@1",
            "garbage:0@1", "truncate:x@1", "explode@1", "@1",
        ])
    func nonsense(text: String) {
        #expect(throws: (any Error).self) { try PlannedFault(parsing: text) }
    }

    @Test("change the answer, or what the card knows")
    func answers() throws {
        let card = try TestCard().card
        let select = ReaderTests.selectSerial
        let read = ReaderTests.read
        #expect(card.respond(to: select) == [0x90, 0x00])
        let right = card.respond(to: read)
        #expect(right == [0x5A, 0x0A, 0x90, 0x00])
        func response(_ answer: FaultyAnswer) -> [UInt8] { answer.response(of: card, to: read, after: [0x12, 0x34]) }
        #expect(response(.repeated) == [0x12, 0x34])
        #expect(response(.shorten(1)) == [0x5A, 0x90, 0x00])
        #expect(response(.truncate(1)) == [0x5A])
        #expect(response(.status(.noPreciseDiagnosis)) == [0x5A, 0x0A, 0x6F, 0x00])
        #expect(response(.refuse(.fileNotFound)) == [0x6A, 0x82])
        #expect(response(.delay(milliseconds: 0)) == right)
        // No file is selected any more.
        #expect(response(.forget) == [0x69, 0x86])
    }

    @Test("of the service end all connections, and it has seen one insertion then")
    func restart() throws {
        let readers = InProcessReaders()
        let card = try TestCard().card
        let (select, read) = (ReaderTests.selectSerial, ReaderTests.read)
        readers.insert(card, into: ReaderTests.reader)
        readers.insert(card, into: ReaderTests.reader)
        let channel = try readers.connect(to: ReaderTests.reader)
        readers.inject(.restartService, atAPDU: 1, in: ReaderTests.reader)
        #expect(readers.hasFaults)
        #expect(throws: ChannelError.serviceUnavailable) { _ = try channel.transmit(read.span) }
        #expect(throws: ChannelError.serviceUnavailable) { _ = try channel.beginTransaction() }
        #expect(!readers.hasFaults)
        #expect(try readers.states(of: [ReaderTests.reader])[0].eventCount == 1)
        let again = try readers.connect(to: ReaderTests.reader)
        let answer = try again.transmit(select.span)
        #expect(answer == [0x90, 0x00])
    }
}
