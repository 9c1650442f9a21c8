// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// PINs that are typed on the reader's keypad (PC/SC part 10).
@Suite struct KeypadTests {
    /// A card in a reader with a keypad, and what is typed there.
    private struct Typed {
        let read: ReadCard
        let keypad: InProcessKeypad

        init(
            _ reader: TestReader, _ entries: [InProcessKeypad.Entry], takesNewPINs: Bool = true
        ) throws {
            keypad = InProcessKeypad(entries, takesNewPINs: takesNewPINs)
            reader.readers.setKeypad(keypad, in: TestReader.name)
            read = try ReadCard(reader)
        }

        init(_ kind: CardKind, _ digits: String...) throws {
            try self.init(TestReader(kind), digits.map { .digits($0) })
        }

        var card: CPSCard { read.card }
        var state: (pin: String, triesLeft: Int) { (read.reader.card.state.pin, read.reader.card.state.pinTriesLeft) }
    }

    @Test("the right PIN logs in, with one VERIFY that is the same as without a keypad", arguments: CardKind.contacts)
    func right(kind: CardKind) throws {
        let typed = try Typed(kind, "1234")
        #expect(try typed.card.hasPINPad())
        let pin = try typed.read.userPIN
        let sent = try typed.read.reader.sent { try typed.card.presentFromPINPad(as: pin) }
        #expect(sent.last == (kind == .cps3 ? "002000010831323334FFFFFFFF" : "012000010431323334"))
        #expect(typed.card.login.now == .user && typed.read.reader.presentations.count == 1)
        _ = try typed.read.sign([1], .sha256, .signature)
        try typed.card.logOut()
        #expect(try !typed.read.reader.cardIsOpen(kind))
    }

    @Test("a wrong PIN costs one try, and nobody is logged in", arguments: CardKind.contacts)
    func wrong(kind: CardKind) throws {
        let typed = try Typed(kind, "9999")
        let pin = try typed.read.userPIN
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try typed.card.presentFromPINPad(as: pin) }
        #expect(typed.state.triesLeft == 2 && typed.card.login.now == .nobody)
    }

    @Test(
        "what is not typed to the end is sent to no card, and costs no try",
        arguments: [
            (.cancel, .entryCancelled), (.nothing, .entryCancelled), (.digits("123"), .pinLength),
            (.digits("123456789"), .pinLength),
        ] as [(InProcessKeypad.Entry, CardError)])
    func notTyped(entry: InProcessKeypad.Entry, error: CardError) throws {
        for kind in CardKind.contacts {
            let typed = try Typed(TestReader(kind), [entry])
            let pin = try typed.read.userPIN
            #expect(throws: error) { try typed.card.presentFromPINPad(as: pin) }
            #expect(typed.read.reader.presentations.isEmpty && typed.state.triesLeft == 3)
            #expect(typed.card.login.now == .nobody)
        }
    }

    @Test("the PIN is changed, and nobody is logged in by that", arguments: CardKind.contacts)
    func change(kind: CardKind) throws {
        let new = kind == .cps3 ? "5678" : "567890"
        let typed = try Typed(kind, "1234", new, new)
        #expect(try typed.card.canChangeFromPINPad(typed.read.userPIN))
        try typed.card.changeFromPINPad(typed.read.userPIN)
        #expect(typed.state == (new, 3) && typed.keypad.entries.isEmpty)
        #expect(try !typed.read.reader.cardIsOpen(kind))
    }

    @Test("a new PIN that was typed in two ways changes nothing, and the card is closed", arguments: CardKind.contacts)
    func entriesDiffer(kind: CardKind) throws {
        let typed = try Typed(kind, "1234", "5678", "5679")
        #expect(throws: CardError.entriesDiffer) { try typed.card.changeFromPINPad(typed.read.userPIN) }
        #expect(typed.state == ("1234", 3))
        #expect(try !typed.read.reader.cardIsOpen(kind))
    }

    @Test("a wrong old PIN costs one try, and changes nothing", arguments: CardKind.contacts)
    func wrongChange(kind: CardKind) throws {
        let typed = try Typed(kind, "9999", "5678", "5678")
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try typed.card.changeFromPINPad(typed.read.userPIN) }
        #expect(typed.state == ("1234", 2))
    }

    @Test("the unblocking code gives a new PIN and all tries", arguments: CardKind.contacts)
    func unblock(kind: CardKind) throws {
        let typed = try Typed(
            TestReader(kind) { $0.pin.triesLeft = 0 }, ["12345678", "4321", "4321"].map { .digits($0) })
        let (pin, puk) = (try typed.read.userPIN, try typed.read.puk)
        #expect(throws: CardError.notLoggedIn) { try typed.card.unblockFromPINPad(pin) }
        try typed.card.presentFromPINPad(as: puk, role: .unblocking)
        #expect(typed.card.login.now == .unblocking)
        try typed.card.unblockFromPINPad(pin)
        #expect(typed.state == ("4321", 3) && typed.keypad.entries.isEmpty)
    }

    @Test(
        "a reader without a keypad, or with one that takes no new PINs, has nothing typed",
        arguments: CardKind.contacts)
    func missing(kind: CardKind) throws {
        let read = try ReadCard(kind)
        #expect(try !read.card.hasPINPad() && !read.card.canChangeFromPINPad(read.userPIN))
        let pin = try read.userPIN
        #expect(throws: CardError.operationNotSupported) { try read.card.presentFromPINPad(as: pin) }
        #expect(read.reader.presentations.isEmpty)

        let typed = try Typed(TestReader(kind), [.digits("1234")], takesNewPINs: false)
        #expect(try typed.card.hasPINPad() && !typed.card.canChangeFromPINPad(typed.read.userPIN))
        #expect(throws: CardError.operationNotSupported) { try typed.card.changeFromPINPad(typed.read.userPIN) }
        #expect(typed.keypad.entries.count == 1 && typed.read.reader.presentations.isEmpty)
    }

    @Test("a CPS3 that wants both PINs as long as they are takes no new one from a keypad")
    func unpadded() throws {
        let typed = try Typed(TestReader(.cps3) { $0.pin.block = .unpadded }, [.digits("1234")])
        #expect(try !typed.card.canChangeFromPINPad(typed.read.userPIN))
        #expect(throws: CardError.operationNotSupported) { try typed.card.changeFromPINPad(typed.read.userPIN) }
        #expect(typed.keypad.entries.count == 1 && typed.read.reader.presentations.isEmpty)
    }

    @Test("a keypad builds blocks of up to 15 bytes", arguments: [(15, true), (16, false)])
    func blocks(length: Int, canBeTyped: Bool) throws {
        var pin = try ReadCard(.cps3).userPIN
        pin.paddedLength = length
        #expect(pin.canBeTyped == canBeTyped)
    }
}
