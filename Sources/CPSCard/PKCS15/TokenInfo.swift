// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The card's description of itself (EF.TokenInfo, ISO/IEC 7816-15 §8.10; cards.md §2.8).
public struct TokenInfo: Sendable, Equatable {
    var serialNumber: [UInt8]?
    /// "CPS3v3-" or "CPS4..." and the ten digits printed on the card; nil if the card has none.
    public var label: String?
    /// The issuer's name, as in CK_TOKEN_INFO; nil if the card has none.
    public var manufacturer: String?
    /// The last change of the card's content, as GeneralizedTime text; nil if the card has none.
    public var lastUpdate: String?

    init(parsing file: [UInt8]) throws(MalformedBytes) {
        var reader = BERTLVReader(file)
        var elements = try reader.next(tag: DER.sequence).children
        _ = try elements.next(tag: DER.integer)
        while let element = try elements.next() {
            switch element.tag {
            case DER.octetString: serialNumber = Array(element.value)
            case DER.utf8String: manufacturer = element.text()
            case 0x80: label = element.text()
            case 0x85: lastUpdate = element.text()
            default: continue
            }
        }
    }
}
