// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// DER encoding of the ASN.1 types in PKCS#15 directories (cards.md §2.8-§2.13, §9.4).
extension DER {
    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { BERTLV.encode(tag: sequence, parts: parts) }
    static func utf8(_ text: String) -> [UInt8] { BERTLV.encode(tag: utf8String, Array(text.utf8)) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { BERTLV.encode(tag: octetString, bytes) }
    static let true_: [UInt8] = [0x01, 0x01, 0xFF]
    static let null_: [UInt8] = [0x05, 0x00]

    /// A positive INTEGER, with a leading 00 if the first bit is set (as in key reference 81).
    static func number(_ value: Int, tag: UInt32 = DER.integer) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = max(value, 0)
        repeat {
            digits.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        if digits[0] & 0x80 != 0 { digits.insert(0, at: 0) }
        return BERTLV.encode(tag: tag, digits)
    }

    /// A BIT STRING of named bits, without trailing zero octets.
    static func bits(_ named: [Int]) -> [UInt8] {
        guard let highest = named.max(), highest >= 0 else { return BERTLV.encode(tag: bitString, [0]) }
        var octets = [UInt8](repeating: 0, count: highest / 8 + 1)
        for bit in named { octets[bit / 8] |= 0x80 >> UInt8(bit % 8) }
        return BERTLV.encode(tag: bitString, [UInt8(7 - highest % 8)] + octets)
    }

    /// The malformed empty BIT STRING of real CPS3 cards in 7001 and 7005: the first octet
    /// counts unused bits although there are none (cards.md §2.9, §11).
    static let malformedEmptyBits: [UInt8] = [0x03, 0x01, 0x08]

    /// An object identifier from its content bytes.
    static func identifier(_ content: [UInt8]) -> [UInt8] { BERTLV.encode(tag: objectIdentifier, content) }

    /// SEQUENCE { OCTET STRING path }.
    static func path(_ bytes: [UInt8]) -> [UInt8] { sequence([octets(bytes)]) }
}
