// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

@Suite struct CardModelTests {
    /// cards.md §1.1.
    static let known: [(atr: String, model: CardModel)] = [
        ("3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00", .cps3),
        ("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E", .cps3Contactless),
        ("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 FF FF FF E3", .cps3Contactless),
        ("3B 9B 18 80 01 00 12 25 00 64 80 00 04 01 00 90 44", .cps4),
        ("3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44", .cps4),
        ("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00", .cps4),
    ]

    @Test("each answer to reset of a CPS card tells its model", arguments: known)
    func models(atr: String, model: CardModel) { #expect(CardModel(atr: hex(atr)) == model) }

    @Test("one byte changed, one too few or one too many is another card", arguments: known)
    func others(atr: String, model: CardModel) {
        let bytes = hex(atr)
        for index in bytes.indices {
            for bit in [0x01, 0x80] as [UInt8] {
                var other = bytes
                other[index] ^= bit
                // Two of the CPS4 differ in two bytes: no single change leads from one to the other.
                #expect(CardModel(atr: other) == nil, "byte \(index)")
            }
            #expect(CardModel(atr: Array(bytes.prefix(index))) == nil)
        }
        #expect(CardModel(atr: bytes + [0]) == nil)
    }

    @Test(
        "cards of other kinds are none of ours",
        arguments: [
            "", "3B", "3B 75 13 00 00 9C 02 02 01 02", "3B 65 00 00 20 63 CB 68 00",
        ])
    func foreign(atr: String) { #expect(CardModel(atr: hex(atr)) == nil) }

    @Test("only a contactless card is without a PIN")
    func abilities() { #expect(CardModel.allCases.filter { !$0.hasPIN } == [.cps3Contactless]) }
}

@Suite struct SerialNumberTests {
    @Test(
        "the eight digits stand between the issuer and the check digit",
        arguments: [
            ("5A 0A 80 25 00 00 01 99 21 38 45 0F", "99213845"), ("5A 0A 80 25 00 00 01 99 21 48 03 8F", "99214803"),
            ("5A 0A 80 25 00 00 01 00 00 00 00 0F", "00000000"),
            ("5A 0A 80 25 00 00 01 99 21 38 45 0F 00 00", "99213845"),
        ])
    func digits(file: String, digits: String) throws { #expect(try SerialNumber(parsing: hex(file)).digits == digits) }

    @Test(
        "any other content is no CPS card's",
        arguments: [
            "", "5A", "5A 0A 80 25 00 00 01 99 21 38 45", "5A 09 80 25 00 00 01 99 21 38 45",
            "5B 0A 80 25 00 00 01 99 21 38 45 0F",
            "5A 0A 80 25 00 00 02 99 21 38 45 0F", "5A 0A 80 25 00 00 01 9A 21 38 45 0F",
            "5A 0B 80 25 00 00 01 99 21 38 45 0F 00",
            "00 00 00 00 00 00 00 00 00 00 00 00", "FF FF FF FF FF FF FF FF FF FF FF FF",
        ])
    func others(file: String) {
        #expect(throws: CardError.notACPSCard) { try SerialNumber(parsing: hex(file)) }
    }
}

@Suite struct UpdateLogTests {
    @Test("start and end of the last update")
    func dates() throws {
        let log = try UpdateLog(parsing: hex("EC 12 81 07 20 24 01 02 03 04 05 82 07 20 24 01 02 03 05 06"))
        #expect(log.start == "20240102030405" && log.end == "20240102030506")
        #expect(try UpdateLog(parsing: hex("EC 12 82 07 20 24 01 02 03 05 06 81 07 20 24 01 02 03 04 05 00 00")) == log)
    }

    @Test(
        "an update that was not finished, or dates that are none",
        arguments: [
            "", "EC 00", "EC 09 81 07 20 24 01 02 03 04 05", "EC 12 81 07 20 24 01 02 03 04 05 82 07 20 24 01 02 03 05",
            "ED 12 81 07 20 24 01 02 03 04 05 82 07 20 24 01 02 03 05 06",
            "EC 11 81 06 20 24 01 02 03 04 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 13 02 03 04 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 01 32 03 04 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 00 02 03 04 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 01 02 24 04 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 01 02 03 60 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 24 01 02 03 04 60 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 20 2A 01 02 03 04 05 82 07 20 24 01 02 03 05 06",
            "EC 12 81 07 00 00 00 00 00 00 00 82 07 00 00 00 00 00 00 00",
            "EC 12 81 07 FF FF FF FF FF FF FF 82 07 FF FF FF FF FF FF FF",
        ])
    func malformed(file: String) {
        #expect(throws: MalformedBytes.self) { try UpdateLog(parsing: hex(file)) }
    }
}
