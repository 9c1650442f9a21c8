// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// How a code's characters become the bytes of a command (cards.md §3.2).
@Suite struct PINBlockTests {
    private func pin(_ change: (inout PINObject) -> Void = { _ in }) throws -> PINObject {
        var pin = try Blueprint.pin(Blueprint.userPIN)
        change(&pin)
        return pin
    }

    private func block(_ pin: PINObject, _ text: String) throws -> String {
        try pin.block(for: secret(text)).withSpan { span in Hexadecimal.encode(span.indices.map { span[$0] }) }
    }

    @Test(
        "digits go as they are, as many as there are",
        arguments: [
            ("1234", "31323334"), ("12345678", "3132333435363738"), ("00000", "3030303030"),
        ])
    func characters(text: String, expected: String) throws { #expect(try block(pin(), text) == expected) }

    @Test("too few or too many digits are refused", arguments: ["", "1", "123", "123456789", "1234567890123456"])
    func lengths(text: String) throws {
        let pin = try pin()
        #expect(throws: CardError.pinLength) { try block(pin, text) }
    }

    @Test(
        "what is no digit is refused", arguments: ["12a4", "12 4", "1234\n", "１２", "-123", "12.4", "\0\0\0\0", "/:12"])
    func characterSet(text: String) throws {
        let pin = try pin()
        #expect(throws: CardError.pinCharacters) { try block(pin, text) }
    }

    @Test("a PIN of no length at all is never a presentation")
    func empty() throws {
        let pin = try pin { $0.minimumLength = 0 }
        #expect(throws: CardError.pinLength) { try block(pin, "") }
    }

    @Test("padding only where the directory asks for it")
    func padding() throws {
        #expect(try block(pin { $0.paddedLength = 8 }, "1234") == "31323334FFFFFFFF")
        #expect(try block(pin { ($0.paddedLength, $0.paddingByte) = (8, 0x00) }, "123456") == "3132333435360000")
        #expect(try block(pin { $0.paddedLength = 4 }, "123456") == "313233343536")
    }

    @Test("BCD has two digits a byte, the last half filled with the padding's low half")
    func bcd() throws {
        #expect(try block(pin { $0.coding = .bcd }, "1234") == "1234")
        #expect(try block(pin { $0.coding = .bcd }, "12345") == "12345F")
        #expect(try block(pin { ($0.coding, $0.paddedLength) = (.bcd, 4) }, "12345") == "12345FFF")
        #expect(try block(pin { ($0.coding, $0.paddingByte) = (.bcd, 0x00) }, "12345") == "123450")
    }

    @Test("the directory's flags and types decide coding and padding")
    func directory() throws {
        func parsed(flags: UInt8, type: UInt8, stored: UInt8, maximum: UInt8?) throws -> PINObject {
            var attributes: [UInt8] = [0x03, 0x02, 0x00, flags, 0x0A, 0x01, type, 0x02, 0x01, 0x04, 0x02, 0x01, stored]
            if let maximum { attributes += [0x02, 0x01, maximum] }
            return try Blueprint.pin(
                BERTLV.encode(
                    tag: 0x30,
                    parts: [
                        hex("30 00"), hex("30 03 04 01 01"),
                        BERTLV.encode(tag: 0xA1, BERTLV.encode(tag: 0x30, attributes)),
                    ]))
        }
        #expect(try parsed(flags: 0x04, type: 1, stored: 8, maximum: 8).paddedLength == 8)
        #expect(try parsed(flags: 0x04, type: 0, stored: 8, maximum: 8).paddedLength == 4)
        #expect(try parsed(flags: 0x08, type: 1, stored: 8, maximum: nil).maximumLength == 8)
        #expect(try parsed(flags: 0x08, type: 1, stored: 0, maximum: nil).maximumLength == 8)
        #expect(try parsed(flags: 0x08, type: 3, stored: 4, maximum: nil).maximumLength == 8)
        #expect(try parsed(flags: 0x08, type: 1, stored: 8, maximum: 8).reference == 0)
    }
}
