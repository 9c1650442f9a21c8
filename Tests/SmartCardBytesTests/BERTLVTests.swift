// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@Suite struct BERTLVTests {
    /// The only data object in these bytes.
    private func single(_ bytes: [UInt8]) throws -> BERTLV {
        var reader = BERTLVReader(bytes)
        let element = try #require(try reader.next())
        #expect(reader.isAtEnd)
        return element
    }

    @Test(
        "lengths are written in the fewest bytes and read back",
        arguments: [
            (0, 1), (1, 1), (127, 1), (128, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 4),
        ])
    func lengths(count: Int, lengthBytes: Int) throws {
        let value = [UInt8](repeating: 0xA5, count: count)
        let encoding = BERTLV.encode(tag: 0x04, value)
        #expect(encoding.count == 1 + lengthBytes + count)
        let element = try single(encoding)
        #expect(element.tag == 0x04 && Array(element.value) == value && Array(element.encoding) == encoding)
    }

    @Test(
        "tags of one to four bytes are written and read",
        arguments: [0x04, 0x30, 0x7F41, 0xBF8101, 0x9F81_8201] as [UInt32])
    func tags(tag: UInt32) throws {
        let element = try single(BERTLV.encode(tag: tag, [1, 2]))
        #expect(element.tag == tag && Array(element.value) == [1, 2])
    }

    @Test(
        "lengths longer than need be are read",
        arguments: [
            [0x04, 0x81, 0x01, 0xAA], [0x04, 0x82, 0x00, 0x01, 0xAA], [0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0xAA],
        ] as [[UInt8]])
    func longForms(bytes: [UInt8]) throws { #expect(Array(try single(bytes).value) == [0xAA]) }

    @Test(
        "what is cut off or not supported throws, and nothing is read",
        arguments: [
            ([0x04], .truncated), ([0x04, 0x02, 0x01], .truncated), ([0x04, 0x81], .truncated),
            ([0x04, 0x82, 0x01], .truncated), ([0x04, 0x81, 0x80], .truncated),
            ([0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], .truncated), ([0x1F], .truncated), ([0x1F, 0x81], .truncated),
            ([0x30, 0x80, 0x04, 0x00, 0x00, 0x00], .unsupportedLength),
            ([0x04, 0x85, 0, 0, 0, 0, 1, 0], .unsupportedLength),
            ([0x04, 0xFF], .unsupportedLength), ([0x1F, 0x81, 0x81, 0x81, 0x01, 0x00], .tagTooLong),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tagTooLong),
        ] as [([UInt8], MalformedBytes)])
    func malformed(bytes: [UInt8], error: MalformedBytes) {
        var reader = BERTLVReader(bytes)
        #expect(throws: error) { try reader.next() }
        #expect(Array(reader.remaining) == bytes)
    }

    @Test("no prefix of an encoding is taken for the whole")
    func prefixes() throws {
        let encoding = BERTLV.encode(tag: 0xBF8101, BERTLV.encode(tag: 0x7F41, [UInt8](repeating: 7, count: 200)))
        for count in 1..<encoding.count {
            var reader = BERTLVReader(Array(encoding.prefix(count)))
            #expect(throws: MalformedBytes.self) { try reader.next() }
        }
    }

    @Test("random bytes never trap, and what is read lies within them")
    func noise() {
        var generator = SplitMix(state: 20_241_122)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            var reader = BERTLVReader(bytes)
            var consumed = 0
            while let element = try? reader.next() {
                consumed += element.encoding.count
                #expect(element.value.endIndex == element.encoding.endIndex)
            }
            #expect(consumed + reader.remaining.count == bytes.count)
        }
    }

    @Test("parts are found by their tags")
    func searches() throws {
        let parts = BERTLV.encode(tag: 0x30, parts: [BERTLV.encode(tag: 0x02, [5]), BERTLV.encode(tag: 0x04, [6])])
        let element = try single(parts)
        #expect(element.isConstructed)
        var children = element.children
        #expect(children.nextTag == 0x02)
        #expect(try children.nextIfPresent(tag: 0x04) == nil)
        #expect(try children.first(tag: 0x04)?.value == [6])
        var again = element.children
        #expect(throws: MalformedBytes.unexpectedTag(expected: 0x04, found: 0x02)) { try again.next(tag: 0x04) }
        #expect(Array(try children.next(tag: 0x02).value) == [5])
        #expect(Array(try #require(try children.nextIfPresent(tag: 0x04)).value) == [6])
        #expect(children.nextTag == nil && children.isAtEnd)
        #expect(throws: MalformedBytes.missing(tag: 0x02)) { try children.next(tag: 0x02) }
        #expect(try children.next() == nil)
        #expect(try single(BERTLV.encode(tag: 0x04, [])).isConstructed == false)
    }

    @Test("data objects are equal when their bytes are, wherever they stand")
    func equality() throws {
        var twice = BERTLVReader([0x04, 0x01, 0x07, 0x04, 0x01, 0x07, 0x04, 0x81, 0x01, 0x07])
        let (first, second, longer) = (try twice.next(), try twice.next(), try twice.next())
        #expect(first == second)
        #expect(first != longer)
    }
}

/// A random generator that gives the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
