// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@Suite struct ByteReaderTests {
    @Test("bytes come in order, and none after the end")
    func order() throws {
        var reader = ByteReader([1, 2, 3, 4])
        #expect(try reader.readByte() == 1)
        #expect(Array(try reader.read(count: 2)) == [2, 3])
        #expect(Array(reader.remaining) == [4])
        #expect(try reader.readByte() == 4)
        #expect(reader.isAtEnd)
        #expect(throws: MalformedBytes.truncated) { try reader.readByte() }
        #expect(Array(try reader.read(count: 0)) == [])
    }

    @Test("a reading beyond the end reads nothing", arguments: [4, 5, Int.max, -1, Int.min])
    func tooMany(count: Int) {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: MalformedBytes.truncated) { try reader.read(count: count) }
        #expect(reader.remaining.count == 3)
    }

    @Test("a slice is read from its own beginning")
    func slice() throws {
        let bytes: [UInt8] = [9, 9, 1, 2, 9]
        var reader = ByteReader(bytes[2..<4])
        #expect(try reader.readUnsigned(count: 2) == 0x0102)
        #expect(reader.isAtEnd)
    }

    @Test("numbers are big-endian and of one to four bytes")
    func numbers() throws {
        let bytes: [UInt8] = [0xFF, 0xFE, 0xFD, 0xFC, 0xFB]
        var reader = ByteReader(bytes)
        #expect(try reader.readUnsigned(count: 4) == 0xFFFE_FDFC)
        reader = ByteReader(bytes)
        #expect(try reader.readUnsigned(count: 1) == 0xFF)
        #expect(try reader.readUnsigned(count: 3) == 0xFEFDFC)
        for count in [0, 5, -1] {
            #expect(throws: MalformedBytes.unsupportedLength) { try reader.readUnsigned(count: count) }
        }
        #expect(throws: MalformedBytes.truncated) { try reader.readUnsigned(count: 2) }
        #expect(Array(reader.remaining) == [0xFB])
    }
}
