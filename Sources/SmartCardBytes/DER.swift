// SPDX-License-Identifier: Apache-2.0

/// The tags of the ASN.1 types in card files and certificates. Values are read tolerantly, as real cards require
/// (cards.md §2.9).
public enum DER {
    /// BOOLEAN (X.690 §8.2). Like all of these, a universal tag of one byte.
    public static let boolean: UInt32 = 0x01
    /// INTEGER.
    public static let integer: UInt32 = 0x02
    /// BIT STRING. The first byte of its value counts the unused bits.
    public static let bitString: UInt32 = 0x03
    /// OCTET STRING.
    public static let octetString: UInt32 = 0x04
    /// OBJECT IDENTIFIER.
    public static let objectIdentifier: UInt32 = 0x06
    /// ENUMERATED, encoded like an INTEGER.
    public static let enumerated: UInt32 = 0x0A
    /// UTF8String.
    public static let utf8String: UInt32 = 0x0C
    /// UTCTime: a two-digit year, 1950 to 2049 in certificates (RFC 5280 §4.1.2.5.1).
    public static let utcTime: UInt32 = 0x17
    /// GeneralizedTime: a four-digit year.
    public static let generalizedTime: UInt32 = 0x18
    /// SEQUENCE, constructed.
    public static let sequence: UInt32 = 0x30
}

extension BERTLV {
    /// The value of a non-negative INTEGER or ENUMERATED.
    /// - Throws: `MalformedBytes.invalidContent` if it is empty, negative, or longer than 31 bits.
    public func unsignedInteger() throws(MalformedBytes) -> Int {
        guard let first = value.first, first & 0x80 == 0, value.count <= 5 else {
            throw .invalidContent(tag: tag)
        }
        let number = value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard number <= UInt64(Int32.max) else { throw .invalidContent(tag: tag) }
        return Int(number)
    }

    /// The named bits of a BIT STRING, bit 0 first. The octet that counts the unused bits is ignored, since real CPS3
    /// cards have wrong ones (cards.md §2.9).
    public func namedBits() -> NamedBits { NamedBits(octets: value.dropFirst()) }

    /// The value as UTF-8 text. Invalid parts are replaced.
    public func text() -> String { String(decoding: value, as: UTF8.self) }
}

/// The bits of a BIT STRING with named bits (X.680 §22). Absent bits are 0.
public struct NamedBits: Sendable, Equatable {
    private let octets: [UInt8]

    /// Takes the octets of a BIT STRING after the one that counts the unused bits.
    public init(octets: some Collection<UInt8>) { self.octets = Array(octets) }

    /// Whether a bit is set; false for an absent bit. Bit 0 is the highest bit of the first octet.
    public subscript(bit: Int) -> Bool {
        guard bit >= 0, bit / 8 < octets.count else { return false }
        return octets[bit / 8] & (0x80 >> (bit % 8)) != 0  // checked: compared with the count above
    }
}
