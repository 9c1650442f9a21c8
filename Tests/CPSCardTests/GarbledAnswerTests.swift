// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Testing
import enum VirtualCPS.Fault
import VirtualCPSTestSupport

@testable import CPSCard

/// One answer that is garbled is not believed. (CryptokiTests sweeps all commands
/// with all kinds of faults; here stands what those have found.)
@Suite struct GarbledAnswerTests {
    private let padding = [UInt8](repeating: 0, count: 64) + [0x90, 0x00]

    /// Reads everything after a fault at each command in turn.
    private func allContents(_ kind: CardKind, after fault: Fault) throws -> [AllContents] {
        let reader = try TestReader(kind)
        let commands = try reader.sent { _ = try ReadCard(reader) }.count
        return try (1...commands).map { number in
            let reader = try TestReader(kind)
            reader.inject(fault, at: number)
            return try ReadCard(reader).contents
        }
    }

    @Test("a directory that comes back as padding is read again", arguments: CardKind.allCases)
    func emptyDirectory(kind: CardKind) throws {
        let whole = try ReadCard(kind).contents
        for contents in try allContents(kind, after: .garbage(padding)) {
            #expect(contents.privateKeys == whole.privateKeys && contents.dataObjects == whole.dataObjects)
            #expect(contents.certificates.map(\.label) == whole.certificates.map(\.label))
            #expect(contents.publicKeys == whole.publicKeys)
        }
    }

    @Test("bytes with a status of failure are no file", arguments: CardKind.allCases)
    func failure(kind: CardKind) throws {
        let whole = try ReadCard(kind).contents
        for contents in try allContents(kind, after: .status(.noPreciseDiagnosis)) {
            #expect(contents.dataObjects == whole.dataObjects && contents.isComplete)
        }
    }

    @Test(
        "a garbled EF_ACTUA does not bar the card", arguments: [Fault.refuse(.noPreciseDiagnosis), .status(.success)])
    func updateLog(fault: Fault) throws {
        let reader = try TestReader(.cps3)
        let commands = try reader.sent { _ = try reader.connect().readIdentity() }
        let position = try #require(commands.firstIndex { $0.hasSuffix("D010") }) + 1
        reader.inject(fault, at: position)
        #expect(try reader.connect().readIdentity().update == .neverUpdated)
    }

    @Test("a certificate and a value are read again", arguments: CardKind.contacts)
    func values(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let certificate = read.contents.certificates[0]
        let whole = try read.card.readCertificate(certificate)
        let object = try read.data("CPS_ID_CARD")
        let value = try read.card.readData(object)
        for fault in [
            Fault.garbage(padding), .repeated, .shorten(0), .shorten(30), .refuse(.wrongParameters),
            .garbage([0x90, 0x00]),
        ] {
            for number in 1...7 {
                read.reader.inject(fault, at: number)
                #expect(try read.card.readCertificate(certificate) == whole, "\(fault) \(number)")
                read.reader.readers.clearFaults()
            }
            read.reader.inject(fault, at: 2)
            #expect(try read.card.readData(object) == value, "\(fault)")
        }
    }

    @Test("a counter that the card does not tell is asked for again", arguments: CardKind.contacts)
    func counter(kind: CardKind) throws {
        let read = try ReadCard(kind)
        read.reader.inject(.garbage([0x12, 0x34]), at: kind == .cps3 ? 2 : 1)
        #expect(try read.card.retryCounter(of: read.userPIN).left == 3)
    }

    @Test(
        "a code that was taken with another status is forgotten again",
        arguments: [
            0x6F00, 0x6982, 0x6A86, 0x6E00, 0x6C20, 0x6110,
        ] as [UInt16])
    func presentation(status: UInt16) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            read.reader.inject(.status(StatusWord(rawValue: status)), at: 2)
            #expect(throws: CardError.self) { try read.logIn() }
            #expect(read.reader.presentations.count == 1 && !read.card.login.now.mayBeOpen)
            #expect(throws: CardError.notLoggedIn) { try read.sign([1], .sha256, .signature) }
        }
    }

    @Test(
        "a reset on the way is not noticed by who has presented no code, and told to who has",
        arguments: CardKind.contacts)
    func reset(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let certificate = read.contents.certificates[0]
        read.reader.inject(.resetCard, at: 2)
        #expect(try !read.card.readCertificate(certificate).isEmpty)
        try read.logIn()
        read.reader.inject(.resetCard, at: 2)
        #expect(throws: CardError.channel(.cardReset)) { try read.card.readCertificate(certificate) }
    }
}
