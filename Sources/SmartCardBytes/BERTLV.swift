// SPDX-License-Identifier: Apache-2.0

/// BER-TLV data objects (ISO/IEC 8825-1, ISO/IEC 7816-4 §5.2.2) with definite lengths. Card files, PKCS#15
/// directories and certificates are made of them.

/// One data object: a tag and its value.
public struct BERTLV: Sendable, Equatable {
    /// The tag's bytes as one big-endian number: 0x30, 0x7F41, 0xBF8101.
    public let tag: UInt32
    /// The value field.
    public let value: ArraySlice<UInt8>
    /// The whole data object: tag, length and value.
    public let encoding: ArraySlice<UInt8>

    /// Whether the value contains data objects itself (bit 6 of the first tag byte).
    public var isConstructed: Bool { (encoding.first ?? 0) & 0x20 != 0 }

    /// The data objects in the value.
    public var children: BERTLVReader { BERTLVReader(value) }

    /// Two data objects are equal when their encodings are equal.
    public static func == (left: BERTLV, right: BERTLV) -> Bool { left.encoding == right.encoding }
}

/// Reads data objects one after the other.
public struct BERTLVReader: Sendable {
    private var reader: ByteReader

    /// Starts at the first byte of the slice. Nothing is checked yet.
    public init(_ bytes: ArraySlice<UInt8>) { reader = ByteReader(bytes) }
    /// Starts at the first byte. Nothing is checked yet.
    public init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    /// Whether every byte was read. Padding after the last data object counts as unread bytes.
    public var isAtEnd: Bool { reader.isAtEnd }

    /// The unread bytes.
    public var remaining: ArraySlice<UInt8> { reader.remaining }

    /// The tag of the next data object, without reading it; nil at the end, or if the tag is malformed.
    public var nextTag: UInt32? {
        var ahead = reader
        return try? BERTLVReader.readTag(&ahead)
    }

    /// The next data object; nil at the end.
    /// - Throws: `MalformedBytes` for a tag or length that is truncated or longer than four bytes. Nothing is read
    ///   then.
    public mutating func next() throws(MalformedBytes) -> BERTLV? {
        guard !reader.isAtEnd else { return nil }
        var ahead = reader
        let tag = try BERTLVReader.readTag(&ahead)
        let length = try BERTLVReader.readLength(&ahead)
        let value = try ahead.read(count: length)
        // checked: ends where the value that was just read ends
        let encoding = reader.remaining[reader.remaining.startIndex..<value.endIndex]
        reader = ahead
        return BERTLV(tag: tag, value: value, encoding: encoding)
    }

    /// The next data object, which must have this tag.
    /// - Throws: `.missing` at the end, `.unexpectedTag` for another tag, else as `next()`.
    public mutating func next(tag: UInt32) throws(MalformedBytes) -> BERTLV {
        guard let element = try next() else { throw .missing(tag: tag) }
        guard element.tag == tag else { throw .unexpectedTag(expected: tag, found: element.tag) }
        return element
    }

    /// The next data object if it has this tag; else nil, and nothing is read.
    /// - Throws: as `next()`.
    public mutating func nextIfPresent(tag: UInt32) throws(MalformedBytes) -> BERTLV? {
        guard nextTag == tag else { return nil }
        return try next()
    }

    /// Enters the next data object, which must have this tag: its value is read from now on. The end of the value may
    /// be cut off.
    /// - Throws: `.unexpectedTag` for another tag, else as `next()`.
    public mutating func enter(tag: UInt32) throws(MalformedBytes) {
        var ahead = reader
        let found = try BERTLVReader.readTag(&ahead)
        guard found == tag else { throw .unexpectedTag(expected: tag, found: found) }
        let length = try BERTLVReader.readLength(&ahead)
        reader = ByteReader(ahead.remaining.prefix(length))
    }

    /// The first unread data object with this tag; nil if there is none. Nothing is read.
    /// - Throws: as `next()`.
    public func first(tag: UInt32) throws(MalformedBytes) -> BERTLV? {
        var rest = self
        while let element = try rest.next() {
            if element.tag == tag { return element }
        }
        return nil
    }

    /// The encoded length in bytes, tag and length included, of the data object at the start; nil if its header is
    /// truncated or malformed. The value may be cut off.
    public static func encodedLength(of bytes: ArraySlice<UInt8>) -> Int? {
        var reader = ByteReader(bytes)
        guard (try? readTag(&reader)) != nil, let length = try? readLength(&reader) else { return nil }
        return bytes.count - reader.remaining.count + length
    }

    private static func readTag(_ reader: inout ByteReader) throws(MalformedBytes) -> UInt32 {
        let first = try reader.readByte()
        var tag = UInt32(first)  // checked: a byte
        guard first & 0x1F == 0x1F else { return tag }
        for _ in 0..<3 {
            let byte = try reader.readByte()
            tag = tag << 8 | UInt32(byte)  // checked: a byte
            if byte & 0x80 == 0 { return tag }
        }
        throw .tagTooLong
    }

    private static func readLength(_ reader: inout ByteReader) throws(MalformedBytes) -> Int {
        let first = try reader.readByte()
        if first < 0x80 { return Int(first) }
        let count = Int(first & 0x7F)
        guard (1...4).contains(count) else { throw .unsupportedLength }
        return Int(try reader.readUnsigned(count: count))
    }
}

extension BERTLV {
    /// Encodes a data object, with the shortest form of its length (DER).
    public static func encode(tag: UInt32, _ value: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.count + 8)
        for shift in [24, 16, 8] as [UInt32] where tag >> shift != 0 {
            bytes.append(UInt8(truncatingIfNeeded: tag >> shift))
        }
        bytes.append(UInt8(truncatingIfNeeded: tag))
        bytes += encodeLength(value.count)
        bytes += value
        return bytes
    }

    /// Encodes a constructed data object from its encoded parts.
    public static func encode(tag: UInt32, parts: [[UInt8]]) -> [UInt8] {
        encode(tag: tag, parts.flatMap { $0 })
    }

    private static func encodeLength(_ length: Int) -> [UInt8] {
        if length < 0x80 { return [UInt8(truncatingIfNeeded: length)] }
        var digits: [UInt8] = []
        var rest = length
        while rest > 0 {
            digits.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(truncatingIfNeeded: digits.count)] + digits
    }
}
