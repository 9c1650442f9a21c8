// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@Suite struct DERTests {
    private func element(_ tag: UInt32, _ value: [UInt8]) throws -> BERTLV {
        var reader = BERTLVReader(BERTLV.encode(tag: tag, value))
        return try reader.next(tag: tag)
    }

    @Test(
        "an INTEGER is its value, leading zeros or not",
        arguments: [
            ([0x00], 0), ([0x7F], 127), ([0x00, 0x81], 129), ([0x00, 0x00, 0x05], 5),
            ([0x00, 0x7F, 0xFF, 0xFF, 0xFF], 0x7FFF_FFFF),
        ] as [([UInt8], Int)])
    func integers(value: [UInt8], number: Int) throws {
        #expect(try element(DER.integer, value).unsignedInteger() == number)
        #expect(try element(DER.enumerated, value).unsignedInteger() == number)
    }

    @Test(
        "an INTEGER that is empty, negative or too large is refused",
        arguments: [
            [], [0x80], [0xFF, 0x81], [0x00, 0x80, 0x00, 0x00, 0x00], [0x00, 0xFF, 0xFF, 0xFF, 0xFF],
            [0, 0, 0, 0, 0, 1],
            [0x01, 0, 0, 0, 0],
        ] as [[UInt8]])
    func refusedIntegers(value: [UInt8]) throws {
        let element = try element(DER.integer, value)
        #expect(throws: MalformedBytes.invalidContent(tag: DER.integer)) { try element.unsignedInteger() }
    }

    @Test("named bits count from the first octet's highest bit")
    func namedBits() throws {
        let bits = try element(DER.bitString, [0x06, 0x00, 0x40]).namedBits()
        #expect((0..<24).filter { bits[$0] } == [9])
        #expect(!bits[-1] && !bits[Int.max] && !bits[Int.min])
    }

    @Test(
        "wrong numbers of unused bits are no reason to lose the others",
        arguments: [
            ([0x08], []), ([], []), ([0x07, 0x80], [0]), ([0xFF, 0x80], [0]), ([0x00, 0x80], [0]),
            ([0x03, 0xC1], [0, 1, 7]),
        ] as [([UInt8], [Int])])
    func wrongUnusedBits(value: [UInt8], set: [Int]) throws {
        let bits = try element(DER.bitString, value).namedBits()
        #expect((0..<16).filter { bits[$0] } == set)
    }

    @Test("text that is not UTF-8 is repaired, not refused")
    func text() throws {
        #expect(try element(DER.utf8String, Array("Carte é".utf8)).text() == "Carte é")
        #expect(try element(DER.utf8String, [0x41, 0xFF, 0x42]).text() == "A\u{FFFD}B")
    }
}
