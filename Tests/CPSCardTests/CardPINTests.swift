// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// PIN and unblocking code on whole cards.
@Suite struct CardPINTests {
    @Test("a right PIN opens the keys, with one VERIFY", arguments: CardKind.contacts)
    func right(kind: CardKind) throws {
        let read = try ReadCard(kind)
        #expect(try read.card.retryCounter(of: read.userPIN) == RetryCounter(left: 3, maximum: 3))
        let sent = try read.reader.sent { try read.logIn() }
        #expect(sent.last == (kind == .cps3 ? "002000010831323334FFFFFFFF" : "012000010431323334"))
        #expect(read.reader.presentations.count == 1 && read.card.login.now.mayBeOpen)
        _ = try read.sign([1], .sha256, .signature)
    }

    @Test("a wrong PIN costs one try, and three block it", arguments: CardKind.contacts)
    func wrong(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let pin = try read.userPIN
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try read.card.present(secret("9999"), as: pin) }
        #expect(try read.card.retryCounter(of: pin).left == 2)
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) { try read.card.present(secret("9999"), as: pin) }
        #expect(try read.card.retryCounter(of: pin).left == 1)
        // A CPS4 says it with the third, a CPS3 with the fourth.
        let third = kind == .cps4 ? CardError.pinBlocked : .wrongPIN(triesLeft: 0)
        #expect(throws: third) { try read.card.present(secret("9999"), as: pin) }
        #expect(try read.card.retryCounter(of: pin).left == 0)
        #expect(throws: CardError.pinBlocked) { try read.logIn() }
        #expect(read.reader.card.state.pinTriesLeft == 0 && read.reader.presentations.count == 4)
        #expect(!read.card.login.now.mayBeOpen)
    }

    @Test("a right PIN gives the tries back", arguments: CardKind.contacts)
    func triesBack(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let pin = try read.userPIN
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try read.card.present(secret("0000"), as: pin) }
        try read.logIn()
        #expect(read.reader.card.state.pinTriesLeft == 3)
        // While it is presented, a CPS4 does not tell.
        #expect(try read.card.retryCounter(of: read.userPIN).left == (kind == .cps4 ? nil : 3))
    }

    @Test("a PIN that no card takes is not sent", arguments: ["", "123", "123456789", "12a4", "١٢٣٤"])
    func notSent(text: String) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            let sent = try read.reader.sent {
                let pin = try read.userPIN
                #expect(throws: CardError.self) { try read.card.present(secret(text), as: pin) }
                #expect(throws: CardError.self) { try read.card.change(pin, from: secret(text), to: secret("5678")) }
                #expect(throws: CardError.self) { try read.card.change(pin, from: secret("1234"), to: secret(text)) }
                #expect(throws: CardError.self) { try read.card.unblock(pin, to: secret(text)) }
            }
            #expect(sent.isEmpty)
        }
    }

    @Test("the PIN is changed, in the commands of each card")
    func change() throws {
        let cps3 = try ReadCard(.cps3)
        let first = try cps3.reader.sent {
            try cps3.card.change(cps3.userPIN, from: secret("1234"), to: secret("5678"))
        }
        #expect(
            first.suffix(2) == ["002000010831323334FFFFFFFF", "002400011031323334FFFFFFFF35363738FFFFFFFF"])
        let unpadded = try ReadCard(TestReader(.cps3) { $0.pin.block = .unpadded })
        let sent = try unpadded.reader.sent {
            try unpadded.card.change(unpadded.userPIN, from: secret("1234"), to: secret("56789"))
        }
        #expect(sent.suffix(2) == ["002000010431323334", "0024000109313233343536373839"])
        let cps4 = try ReadCard(.cps4)
        let second = try cps4.reader.sent {
            try cps4.card.change(cps4.userPIN, from: secret("1234"), to: secret("567890"))
        }
        #expect(second.suffix(2) == ["012000010431323334", "0124010106353637383930"])
        for (read, new) in [(cps3, "5678"), (unpadded, "56789"), (cps4, "567890")] {
            #expect(read.reader.card.state.pin == new)
            try read.card.logOut()
            #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try read.logIn() }
            try read.logIn(new)
        }
    }

    @Test("a wrong old PIN costs one try, and changes nothing", arguments: CardKind.contacts)
    func wrongChange(kind: CardKind) throws {
        let read = try ReadCard(TestReader(kind) { $0.pin.block = .unpadded })
        let pin = try read.userPIN
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) {
            try read.card.change(pin, from: secret("9999"), to: secret("5678"))
        }
        // The card's own PIN and one digit more: no new PIN may come of it.
        #expect(throws: CardError.wrongPIN(triesLeft: 1)) {
            try read.card.change(pin, from: secret("12345"), to: secret("6789"))
        }
        #expect(read.reader.card.state.pin == "1234" && read.reader.presentations.count == 2)
    }

    @Test("the unblocking code gives a new PIN and all tries", arguments: CardKind.contacts)
    func unblock(kind: CardKind) throws {
        let read = try ReadCard(TestReader(kind) { $0.pin.triesLeft = 0 })
        let pin = try read.userPIN
        #expect(throws: CardError.pinBlocked) { try read.logIn() }
        #expect(throws: CardError.notLoggedIn) { try read.card.unblock(pin, to: secret("4321")) }
        let puk = try read.puk
        try read.card.present(secret("12345678"), as: puk, role: .unblocking)
        let sent = try read.reader.sent { try read.card.unblock(pin, to: secret("4321")) }
        #expect(
            sent.suffix(kind == .cps3 ? 1 : 2)
                == (kind == .cps3 ? ["002C02010834333231FFFFFFFF"] : ["012C0381", "012401010434333231"]))
        #expect(read.reader.card.state.pinTriesLeft == 3 && read.reader.card.state.pin == "4321")
        try read.logIn("4321")
        if kind == .cps3 { #expect(read.reader.card.state.pukUsesLeft == 99) }
    }

    @Test("a wrong unblocking code costs one of its tries", arguments: CardKind.contacts)
    func wrongPUK(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let puk = try read.puk
        let maximum = kind == .cps3 ? 10 : 3
        #expect(try read.card.retryCounter(of: puk) == RetryCounter(left: maximum, maximum: maximum))
        #expect(throws: CardError.wrongPIN(triesLeft: maximum - 1)) {
            try read.card.present(secret("00000000"), as: puk)
        }
        #expect(read.reader.card.state.pukTriesLeft == maximum - 1 && read.reader.card.state.pinTriesLeft == 3)
    }

    @Test("an unblocking code without uses is blocked")
    func noUses() throws {
        let read = try ReadCard(TestReader(.cps3) { $0.puk.usesLeft = 0 })
        let puk = try read.puk
        #expect(try read.card.retryCounter(of: puk).left == 0)
        #expect(throws: CardError.pinBlocked) { try read.card.present(secret("12345678"), as: puk, role: .unblocking) }
    }

    @Test(
        "only 9000 is success, and whatever the answer the PIN was sent once",
        arguments: [
            0x6F00, 0x6D00, 0x6982, 0x6E00, 0x6A86, 0x6881, 0x6700, 0x6100, 0x6C04, 0x9F00, 0x6282, 0x0000, 0x9001,
            0x6985,
        ] as [UInt16])
    func otherAnswers(status: UInt16) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            // The first command selects the application's directory.
            read.reader.inject(.refuse(StatusWord(rawValue: status)), at: 2)
            #expect(throws: CardError.self) { try read.logIn() }
            #expect(read.reader.presentations.count == 1)
            #expect(read.reader.card.state.pinTriesLeft == 3)
        }
    }

    @Test("an answer that got lost is no success, and the PIN is not sent again", arguments: CardKind.contacts)
    func lostAnswer(kind: CardKind) throws {
        for fault in [[], [0x90], [0x12, 0x34]] as [[UInt8]] {
            let read = try ReadCard(kind)
            read.reader.inject(.garbage(fault), at: 2)
            #expect(throws: CardError.self) { try read.logIn() }
            #expect(read.reader.presentations.count == 1)
            // The card has taken it, and nobody is logged in: it must have forgotten.
            #expect(try !read.reader.cardIsOpen(kind))
            #expect(!read.card.login.now.mayBeOpen)
        }
    }

    @Test("a card that is pulled or reset during VERIFY gets no second one", arguments: CardKind.contacts)
    func pulled(kind: CardKind) throws {
        for (fault, error) in [(true, ChannelError.cardRemoved), (false, .cardReset)] {
            let read = try ReadCard(kind)
            if fault { read.reader.inject(.removeCard, at: 2) } else { read.reader.inject(.resetCard, at: 2) }
            #expect(throws: CardError.channel(error)) { try read.logIn() }
            #expect(read.reader.presentations.count == 1)
        }
    }

    @Test(
        "a card that was shown a code forgets it when the connection ends; another is left alone",
        arguments: CardKind.contacts)
    func disconnecting(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let bystander = try ReadCard(reader)
        let quiet = try ReadCard(reader)
        quiet.card.close()
        _ = try bystander.card.random(count: 8)
        #expect(bystander.card.resetCount == 0)
        let read = try ReadCard(reader)
        try read.logIn()
        read.card.close()
        #expect(try !reader.cardIsOpen(kind))
        _ = try bystander.card.random(count: 8)
        #expect(bystander.card.resetCount == 1)
    }

    /// Two entries: the PIN of the blueprint, then an unblocking code with these bytes in
    /// place of its flags and its identifier.
    private func codes(flags: String, identifier: String) -> [UInt8] {
        let entry = Hexadecimal.encode(Blueprint.puk)
            .replacingOccurrences(of: "0302000B", with: flags)
            .replacingOccurrences(of: "3003040102", with: "30030401" + identifier)
        return Blueprint.simpleUserPIN + hex(entry)
    }

    @Test(
        "the unblocking code is found by its soPin flag, by the PIN's reference, by its other flag, by its place",
        arguments: [("03020009", "09"), ("03020308", "02"), ("0302010A", "09"), ("03020308", "09")])
    func puk(flags: String, identifier: String) throws {
        let read = try ReadCard(
            TestReader(.cps4, damage: ["0001/7001": .replaced(codes(flags: flags, identifier: identifier))]))
        #expect(read.pins.userPIN?.reference == 1 && read.pins.puk?.reference == 2)
    }

    @Test("an unblocking code that is the first entry, and not the security officer's by its flags, is no PIN")
    func unblockingCodeFirst() throws {
        let pin = Blueprint.simpleUserPIN
        let unblocking = Array(codes(flags: "0302010A", identifier: "09").dropFirst(pin.count))
        let read = try ReadCard(TestReader(.cps4, damage: ["0001/7001": .replaced(unblocking + pin)]))
        #expect(read.pins.userPIN?.reference == 1 && read.pins.puk?.reference == 2)
    }

    @Test("unreadable pins, and none that unblocks, are no card without a PIN", arguments: CardKind.contacts)
    func missing(kind: CardKind) throws {
        let unreadable = try ReadCard(TestReader(kind, damage: ["0001/7001": .truncated(20)]))
        #expect(throws: CardError.pinsUnreadable) { try unreadable.pins.neededUserPIN(on: unreadable.card.model) }
        #expect(throws: CardError.pinsUnreadable) {
            try unreadable.pins.neededPUK(on: unreadable.card.model)
        }
        let alone = try ReadCard(TestReader(kind, damage: ["0001/7001": .replaced(Blueprint.simpleUserPIN)]))
        #expect(try alone.pins.neededUserPIN(on: alone.card.model).reference == 1)
        #expect(throws: CardError.noPUK) { try alone.pins.neededPUK(on: alone.card.model) }
        let contactless = try ReadCard(.contactless)
        #expect(throws: CardError.noPIN) { try contactless.pins.neededUserPIN(on: contactless.card.model) }
    }

    @Test("a new PIN that the card refuses behind a right unblocking code is not a blocked one")
    func refusedNewPIN() throws {
        let read = try ReadCard(.cps3)
        let puk = try read.puk
        let pin = try read.userPIN
        try read.card.present(secret("12345678"), as: puk, role: .unblocking)
        read.reader.inject(.refuse(.conditionsOfUseNotSatisfied), at: 2)
        #expect(throws: CardError.newPINRefused(.conditionsOfUseNotSatisfied)) {
            try read.card.unblock(pin, to: secret("4321"))
        }
        #expect(read.reader.card.state.pin == "1234" && read.reader.card.state.pukTriesLeft == 10)
    }

    @Test("no digit of a code is in any other command", arguments: CardKind.contacts)
    func leaks(kind: CardKind) throws {
        // Digits that nothing else has by chance.
        let read = try ReadCard(TestReader(kind) { $0.pin.block = .unpadded })
        try read.card.change(read.userPIN, from: secret("1234"), to: secret("77889900"))
        try read.logIn("77889900")
        _ = try read.sign([1, 2, 3], .sha256, .authentication)
        for object in read.contents.dataObjects { _ = try read.card.readData(object) }
        for code in ["1234", "77889900"] { #expect(read.reader.commandsLeaking(code).isEmpty) }
    }
}
