// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// Other programs use the card between two of our operations.
@Suite struct OtherProgramTests {
    /// What another program leaves behind, and on which card.
    enum Mischief: String, CaseIterable, Sendable {
        case otherDirectory, masterFile, oldVolet, otherApplet, appletOnBasicChannel

        func commands(_ kind: CardKind) -> [String] {
            switch (self, kind) {
            case (.otherDirectory, .cps4): ["01A40800020001", "01A40800040001700200"]
            case (.otherDirectory, _): ["00A4090C043F000002"]
            case (.masterFile, .cps4): ["01A40000023F00"]
            case (.masterFile, _): ["00A4090C023F00"]
            case (.oldVolet, .cps4): ["01A4040C088025000001FF0002"]
            case (.oldVolet, _): ["A0A40000023F00"]
            case (.otherApplet, .cps4): ["01A4040C07A0000001510000"]
            case (.otherApplet, _): ["00A40404088025000001FF0002"]
            case (.appletOnBasicChannel, .cps4): ["01A4040C07A0000001510000", "00A4040C088025000001FF0100"]
            case (.appletOnBasicChannel, _): ["00A40404088025000001FF0100"]
            }
        }
    }

    @Test(
        "what another program selected does not stop us, and the PIN is not presented again",
        arguments: Mischief.allCases)
    func selections(mischief: Mischief) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            try read.logIn()
            let otherProgram = try read.reader.otherProgram()
            func disturb() throws { for command in mischief.commands(kind) { try otherProgram.send(command) } }
            let privateData = try read.data("CPS_ACTIVITY_01_PS")
            let operations: [() throws -> Void] = [
                { _ = try read.sign([1, 2, 3], .sha256, .signature) },
                { _ = try read.sign([1, 2, 3], .sha384, .authentication) },
                { _ = try read.card.readData(privateData) },
                { _ = try read.card.readCertificate(read.contents.certificates[1]) },
                { _ = try read.card.retryCounter(of: read.userPIN) },
                { _ = try read.card.retryCounter(of: read.puk) },
                { _ = try read.card.random(count: 8) }, { _ = try read.card.readIdentity() },
                { _ = try read.card.readContents(of: read.identity) },
                { try read.card.writeData([1], to: read.data("CPS_DATA")) },
            ]
            // The selection of a CPS4's applet may end the login, so the virtual card's does.
            let endsLogin = kind == .cps4 && ![.otherDirectory, .masterFile].contains(mischief)
            for (index, operation) in operations.enumerated() {
                try disturb()
                let needsLogin = [0, 1, 2, 9].contains(index)
                if endsLogin, needsLogin {
                    #expect(throws: CardError.status(.securityStatusNotSatisfied), "\(index)") { try operation() }
                } else {
                    #expect(throws: Never.self, "\(kind) operation \(index)") { try operation() }
                }
            }
            #expect(read.reader.presentations.count == 1 && read.reader.card.state.pinTriesLeft == 3)
        }
    }

    @Test(
        "a PIN that is presented after another program's selection is presented once, to our applet",
        arguments: Mischief.allCases)
    func presentation(mischief: Mischief) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            let otherProgram = try read.reader.otherProgram()
            for command in mischief.commands(kind) { try otherProgram.send(command) }
            #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try read.logIn("9999") }
            for command in mischief.commands(kind) { try otherProgram.send(command) }
            try read.logIn()
            #expect(read.reader.presentations.count == 2)
            for command in mischief.commands(kind) { try otherProgram.send(command) }
            try read.card.change(read.userPIN, from: secret("1234"), to: secret("5678"))
            #expect(read.reader.presentations.count == 3 && read.reader.card.state.pin == "5678")
        }
    }

    @Test(
        "a PIN goes to the directory that was read in the same transaction, or that is selected first",
        arguments: CardKind.contacts)
    func directory(kind: CardKind) throws {
        let select = kind == .cps3 ? "00A4090C043F000001" : "01A40800020001"
        let read = try ReadCard(kind)
        let pin = try read.userPIN
        // What was read before could have been followed by anything.
        _ = try read.card.readPINs(of: read.identity)
        let afterwards = try read.reader.sent { try read.card.present(secret("1234"), as: pin) }
        #expect(afterwards.count == 2 && afterwards[0] == select)
        let identity = read.identity
        func readPIN() throws(CardError) -> PINObject {
            guard let pin = try read.card.readPINs(of: identity).userPIN else { throw .noPIN }
            return pin
        }
        for mischief in Mischief.allCases {
            let otherProgram = try read.reader.otherProgram()
            for command in mischief.commands(kind) { try otherProgram.send(command) }
            let together = try read.reader.sent { try read.card.present(secret("1234"), as: readPIN()) }
            #expect(!together.contains(select) && together.count { $0.dropFirst(2).hasPrefix("2000") } == 1)
            _ = try read.sign([1], .sha256, .signature)
        }
        #expect(read.reader.card.state.pinTriesLeft == 3)
    }

    @Test("a card that is reset while a login reads gets no PIN", arguments: CardKind.contacts)
    func resetWhileReading(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let identity = read.identity
        func readPIN() throws(CardError) -> PINObject {
            guard let pin = try read.card.readPINs(of: identity).userPIN else { throw .noPIN }
            return pin
        }
        let count = try read.reader.sent { _ = try readPIN() }.count
        for number in 1...count {
            read.reader.inject(.resetCard, at: number)
            #expect(throws: CardError.channel(.cardReset)) { try read.card.present(secret("1234"), as: readPIN()) }
        }
        #expect(read.reader.presentations.isEmpty && !read.card.login.now.mayBeOpen)
        try read.card.present(secret("1234"), as: readPIN())
        _ = try read.sign([1], .sha256, .signature)
    }

    @Test("a reset by another program ends the login, and nothing is presented again", arguments: CardKind.contacts)
    func reset(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        try read.reader.otherProgram().reset()
        #expect(throws: CardError.notLoggedIn) { try read.sign([1], .sha256, .signature) }
        #expect(read.card.resetCount == 1 && !read.card.login.now.mayBeOpen && read.reader.presentations.count == 1)
        // What needs no PIN goes on.
        _ = try read.card.readCertificate(read.contents.certificates[0])
        #expect(try read.card.retryCounter(of: read.userPIN).left == 3)
        try read.logIn()
        _ = try read.sign([1], .sha256, .signature)
        #expect(read.reader.presentations.count == 2)
    }

    @Test("a reset in the middle of an operation ends it; the next one starts afresh", arguments: CardKind.contacts)
    func resetInside(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        let count = try read.reader.sent { _ = try read.sign([1], .sha256, .signature) }.count
        for number in 1...count {
            read.reader.inject(.resetCard, at: number)
            #expect(throws: CardError.channel(.cardReset)) { try read.sign([1], .sha256, .signature) }
            #expect(read.card.resetCount >= number && !read.card.login.now.mayBeOpen)
            #expect(throws: CardError.notLoggedIn) { try read.sign([1], .sha256, .signature) }
            try read.logIn()
        }
        #expect(read.reader.presentations.count == count + 1)
    }

    @Test("a CPS4 that lost its channel without telling is brought back", arguments: [TransportProtocol.t0, .t1])
    func silentReset(transport: TransportProtocol) throws {
        let read = try ReadCard(TestReader(.cps4, transport: transport))
        try read.logIn()
        read.reader.card.reset()
        #expect(try read.card.retryCounter(of: read.userPIN).left == 3)
        read.reader.card.reset()
        #expect(throws: CardError.status(.securityStatusNotSatisfied)) { try read.sign([1], .sha256, .signature) }
        read.reader.card.reset()
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try read.logIn("0000") }
        #expect(read.reader.presentations.count == 2)
    }

    @Test("another program's wrong PIN costs a try and our login, and we present nothing", arguments: CardKind.contacts)
    func wrongPIN(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        try read.reader.otherProgram().send(kind == .cps3 ? "002000010430303030" : "012000010430303030")
        let before = read.reader.presentations.count
        #expect(throws: CardError.status(.securityStatusNotSatisfied)) { try read.sign([1], .sha256, .authentication) }
        #expect(read.reader.presentations.count == before && read.reader.card.state.pinTriesLeft == 2)
    }

    @Test(
        "an answer that says another applet is selected is followed once, not for ever",
        arguments: [
            0x6E00, 0x6A86, 0x6881, 0x6E01,
        ] as [UInt16])
    func stubborn(status: UInt16) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            for number in 1...40 { read.reader.inject(.refuse(StatusWord(rawValue: status)), at: number) }
            let certificate = read.contents.certificates[0]
            let sent = read.reader.sent {
                #expect(throws: CardError.self) { try read.card.readCertificate(certificate) }
                #expect(throws: CardError.self) { try read.logIn() }
            }
            #expect(sent.count <= 14 && read.reader.presentations.isEmpty)
            read.reader.readers.clearFaults()
            _ = try read.card.readCertificate(certificate)
        }
    }

    @Test("a card that is gone says so", arguments: CardKind.contacts)
    func gone(kind: CardKind) throws {
        let read = try ReadCard(kind)
        read.reader.removeCard()
        #expect(throws: CardError.channel(.cardRemoved)) { try read.card.random(count: 8) }
        // The same card put back serves again; another one in its place gets no PIN.
        read.reader.insertCard()
        try read.logIn()
        read.reader.removeCard()
        #expect(throws: CardError.channel(.cardRemoved)) { try read.sign([1], .sha256, .signature) }
        let other = try TestReader(kind) { $0.serial = "99999999" }
        read.reader.readers.insert(other.card, into: TestReader.name)
        let presentations = read.reader.presentations.count
        #expect(throws: CardError.channel(.cardRemoved)) { try read.logIn() }
        #expect(read.card.isReplaced && read.reader.presentations.count == presentations)
        read.card.close()
    }
}
