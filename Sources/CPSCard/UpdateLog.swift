// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The last update of the card by its issuer (EF_ACTUA of a CPS3; cards.md §5.3, §6.1): EC { 81 start, 82 end },
/// dates as fourteen BCD digits.
public struct UpdateLog: Sendable, Equatable {
    /// The start of the last update: fourteen digits YYYYMMDDhhmmss, a plausible date and time.
    public var start: String
    /// The end of the last update, like `start`.
    public var end: String

    /// The length of the data object in bytes.
    static let length = 20

    /// Parses EF_ACTUA.
    /// - Throws: `MalformedBytes` if an update is unfinished, or if a date is invalid.
    init(parsing file: [UInt8]) throws(MalformedBytes) {
        var reader = BERTLVReader(file)
        let template = try reader.next(tag: 0xEC)
        start = try UpdateLog.date(template, tag: 0x81)
        end = try UpdateLog.date(template, tag: 0x82)
    }

    private static func date(_ template: BERTLV, tag: UInt32) throws(MalformedBytes) -> String {
        guard let element = try template.children.first(tag: tag) else { throw .missing(tag: tag) }
        let digits = Hexadecimal.encode(element.value)
        let number = digits.utf8.map { Int($0) - Int(UInt8(ascii: "0")) }
        guard number.count == 14, number.allSatisfy({ (0...9).contains($0) }) else {
            throw .invalidContent(tag: tag)
        }
        // checked: fourteen digits, see above; 12 is the last index
        let pair = { (index: Int) in number[index] * 10 + number[index + 1] }
        guard (1...12).contains(pair(4)), (1...31).contains(pair(6)), pair(8) < 24, pair(10) < 60, pair(12) < 60
        else { throw .invalidContent(tag: tag) }
        return digits
    }
}
