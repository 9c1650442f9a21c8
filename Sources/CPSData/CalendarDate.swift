// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A calendar day on the card.
public struct CalendarDate: Sendable, Equatable, Comparable {
    /// 1950 to 2099.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to the last day of that month.
    public let day: Int

    /// Eight digits YYYYMMDD, between 1950 and 2099; nil for anything else.
    public init?(digits: String) {
        let numbers = digits.utf8.map { Int($0) - Int(UInt8(ascii: "0")) }
        guard numbers.count == 8, numbers.allSatisfy({ (0...9).contains($0) }) else { return nil }
        // checked: eight digits, see above
        let number = { (range: Range<Int>) in numbers[range].reduce(0) { $0 * 10 + $1 } }
        (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
        guard (1950...2099).contains(year), (1...12).contains(month),
            (1...CalendarDate.days(in: month, of: year)).contains(day)
        else { return nil }
    }

    /// Four bytes of binary-coded decimal, or eight characters; nil for anything else.
    init?(field: [UInt8]) {
        switch field.count {
        case 4: self.init(digits: Hexadecimal.encode(field))
        case 8: self.init(digits: String(decoding: field, as: UTF8.self))
        default: return nil
        }
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Compares years, then months, then days.
    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// ISO 8601: 2034-12-31.
    public var iso8601: String { "\(year)-\(CalendarDate.twoDigits(month))-\(CalendarDate.twoDigits(day))" }

    /// The French form: 31/12/2034.
    public var french: String { "\(CalendarDate.twoDigits(day))/\(CalendarDate.twoDigits(month))/\(year)" }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
