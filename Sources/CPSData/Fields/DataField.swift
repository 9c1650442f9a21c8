// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// One field of a data object: the primitive value below a chain of BER-TLV tags.
public struct DataField: Sendable, Equatable {
    /// The tags, outermost first; empty for bytes that are not BER-TLV.
    public let tags: [UInt32]
    /// The value; a date takes four bytes of binary-coded digits or eight characters, most others are text.
    public let bytes: [UInt8]
    /// The bytes as text: UTF-8, or ISO 8859-15, which older cards may use (French text is the
    /// same in 8859-1). Nil unless all are printable characters.
    public let text: String?
    /// The meaning of the field; nil if there is no public description.
    public internal(set) var meaning: Meaning?
    /// Whether the meaning was inferred from the field's form and position: the official
    /// description of most objects is not public (cards.md §5.3).
    public internal(set) var isInferred = false

    /// The meaning of a field. The raw values are the names in the JSON of `cps`.
    public enum Meaning: String, Sendable, CaseIterable {
        case cardCategory, cardType, cardNumber, validFrom, validUntil
        case identifier, civility, familyName, givenName, language
        case profession, futureProfession, speciality
        case activityNumber, exerciseMode, structureName, structureIdentifier, sector
    }

    init(tags: [UInt32], bytes: some Collection<UInt8>) {
        self.tags = tags
        self.bytes = Array(bytes)
        text = DataField.text(of: self.bytes)
    }

    /// The tags as text: `EE/84`.
    public var path: String { tags.map(DataField.hexadecimal).joined(separator: "/") }

    /// The bytes in upper-case hexadecimal, separated by spaces.
    public var hexadecimal: String { Hexadecimal.encode(bytes, separator: " ") }

    private static func text(of bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty else { return nil }
        if let text = String(validating: bytes, as: UTF8.self) {
            return text.unicodeScalars.allSatisfy(DataField.isPrintable) ? text : nil
        }
        let scalars = bytes.map { DataField.latin9[$0] ?? Unicode.Scalar($0) }  // checked: a dictionary
        guard scalars.allSatisfy(DataField.isPrintable) else { return nil }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Where ISO 8859-15 differs from 8859-1: the euro sign, and letters such as "œ".
    private static let latin9: [UInt8: Unicode.Scalar] = [
        0xA4: "€", 0xA6: "Š", 0xA8: "š", 0xB4: "Ž", 0xB8: "ž", 0xBC: "Œ", 0xBD: "œ", 0xBE: "Ÿ",
    ]

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
        default: true
        }
    }

    private static func hexadecimal(_ tag: UInt32) -> String {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: tag >> UInt32($0)) }  // checked: 0 to 24
        let significant = bytes.drop { $0 == 0 }
        return significant.isEmpty ? "00" : Hexadecimal.encode(significant)
    }
}
