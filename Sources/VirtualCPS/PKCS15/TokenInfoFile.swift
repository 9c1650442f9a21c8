// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// EF.TokenInfo, 5032 (cards.md §2.8).
struct TokenInfoFile {
    /// The last eight bytes of the card's EF.SN; nil to leave it out.
    var serialNumber: [UInt8]?
    /// `CPS3v3-` or `CPS4v1-` and the ten digits of the card number.
    var label: String
    /// GeneralizedTime.
    var lastUpdate = "20100316110000Z"
    /// Whether the card lists its algorithms, as CPS3 does.
    var listsAlgorithms: Bool

    var encoded: [UInt8] {
        DER.sequence(
            [
                DER.number(0)
            ] + (serialNumber.map { [DER.octets($0)] } ?? []) + [
                DER.utf8("ASIP SANTE"),
                BERTLV.encode(tag: 0x80, Array(label.utf8)),
                DER.bits([0, 1]),
            ] + (listsAlgorithms ? [TokenInfoFile.supportedAlgorithms] : []) + [
                BERTLV.encode(tag: 0x85, Array(lastUpdate.utf8))
            ])
    }

    /// The six algorithms that a real CPS3 announces: reference, PKCS#11
    /// mechanism, operation, object identifier, IAS-ECC algorithm reference.
    private static let supportedAlgorithms: [UInt8] = {
        let sha1: [UInt8] = [0x2B, 0x0E, 0x03, 0x02, 0x1A]
        let sha256: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
        func pkcs1(_ last: UInt8) -> [UInt8] { [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last] }
        let rows: [(mechanism: Int, operation: Int, identifier: [UInt8], reference: Int)] = [
            (0x220, 6, sha1, 0x10),
            (0x250, 6, sha256, 0x40),
            (0x06, 1, pkcs1(5), 0x12),
            (0x40, 1, pkcs1(11), 0x42),
            (0x01, 1, pkcs1(1), 0x02),
            (0x01, 5, pkcs1(1), 0x1A),
        ]
        return BERTLV.encode(
            tag: 0xA2,
            parts: rows.enumerated().map { index, row in
                DER.sequence([
                    DER.number(index + 1), DER.number(row.mechanism), DER.null_, DER.bits([row.operation]),
                    DER.identifier(row.identifier), DER.number(row.reference),
                ])
            })
    }()
}
