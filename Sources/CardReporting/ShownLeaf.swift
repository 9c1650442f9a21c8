// SPDX-License-Identifier: Apache-2.0

import CardReport
import SmartCardBytes

/// Decides which values of a card's files a report shows. What is not known to be the issuer's is hidden: of four
/// bytes or more only texts of known words, object identifiers, paths and application identifiers are shown.
struct ShownLeaf {
    /// What a file is about, as far as this matters here.
    enum Place {
        /// EF.DIR, EF.ATR, ODF and the directories of objects.
        case directory
        case tokenInfo
        case serialNumber
        /// What SELECT answers, and the card's answer about a PIN.
        case control
    }

    /// The serial number in EF.SN, to recognise it elsewhere.
    var serialNumber: [UInt8] = []
    /// Values that are hidden, in the order in which they came.
    private var hidden: [[UInt8]] = []

    /// Beginnings of application identifiers of the issuers of these cards (cards.md §1.4).
    private static let identifierPrefixes: [[UInt8]] = [
        [0xE8, 0x28, 0xBD, 0x08, 0x0F], [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF], [0xA0, 0x00, 0x00, 0x01, 0x51],
        [0xA0, 0x00, 0x00, 0x00, 0x63],
    ]
    /// Beginnings of paths.
    private static let pathPrefixes: [[UInt8]] = [[0x3F, 0x00], [0x00, 0x01], [0x00, 0x02], [0x50, 0x15]]
    /// Tag 46 in the one published EF.ATR (cards.md §2.6): the chip's kind. Another card's may be its chip's number.
    private static let publishedPreIssuingData: [UInt8] = [0x04, 0xB0, 0xEC, 0xC1]
    /// The date in the one published TokenInfo, which is older than its card.
    static let publishedDate = Array("20100316110000Z".utf8)

    mutating func leaf(_ tag: UInt32, _ value: [UInt8], level: Int, in place: Place) -> DataTree.Leaf {
        switch place {
        case .control:
            if level == 1, tag == 0x80 || tag == 0x81 { return .hidden(count: value.count, name: "size") }
            // Access rules, by contact and contactless.
            if tag == 0x8C || tag == 0x9C, value.count <= 16 { return .bytes(value) }
        case .serialNumber:
            serialNumber = value
            return .hidden(count: value.count, name: "serial number")
        case .tokenInfo:
            if tag == DER.octetString, value.count >= 4, serialNumber.suffix(value.count).elementsEqual(value) {
                return .hidden(count: value.count, name: "end of the serial number")
            }
            if tag == 0x85 || tag == DER.generalizedTime { return date(value) }
            if tag == 0x80, level == 1, let text = PublicText.shown(value) { return .text(text) }
        case .directory: break
        }
        if value.count <= 3 || value == ShownLeaf.publishedPreIssuingData { return .bytes(value) }
        if tag == DER.objectIdentifier { return .objectIdentifier(value) }
        if [DER.utf8String, 0x13, 0x16, 0x50].contains(tag), let text = PublicText.shown(value) { return .text(text) }
        if tag == DER.generalizedTime { return date(value) }
        let isIdentifier = value.count <= 16 && ShownLeaf.identifierPrefixes.contains(where: value.starts(with:))
        let isPath =
            value.count <= 8 && value.count % 2 == 0 && ShownLeaf.pathPrefixes.contains(where: value.starts(with:))
        return isIdentifier || isPath ? .bytes(value) : hide(value)
    }

    private func date(_ value: [UInt8]) -> DataTree.Leaf {
        if value == ShownLeaf.publishedDate { return .text(String(decoding: value, as: UTF8.self)) }
        let year = value.prefix(4)
        let isYear = year.count == 4 && year.allSatisfy { (0x30...0x39).contains($0) }
        let name = isYear ? "date in \(String(decoding: year, as: UTF8.self))" : "date"
        return .hidden(count: value.count, name: name)
    }

    /// The same letter for the same bytes.
    private mutating func hide(_ value: [UInt8]) -> DataTree.Leaf {
        if hidden.firstIndex(of: value) == nil { hidden.append(value) }
        let index = hidden.firstIndex(of: value) ?? 0
        let letter = UInt8(ascii: "A") + UInt8(truncatingIfNeeded: index % 26)
        let name = String(Unicode.Scalar(letter)) + (index < 26 ? "" : "\(index / 26)")
        return .hidden(count: value.count, name: name)
    }
}
