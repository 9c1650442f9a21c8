// SPDX-License-Identifier: Apache-2.0

/// A day, as in a profile (2024-01-31) and as the card codes it.
public struct CardDate: Sendable, Equatable, Comparable {
    /// 1900 to 2999.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to the last day of that month.
    public let day: Int

    /// Parses `YYYY-MM-DD`; nil for anything else, and for days that do not exist.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// nil for a day that does not exist.
    private init?(year: Int, month: Int, day: Int) {
        guard (1900...2999).contains(year), (1...12).contains(month) else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard (1...days).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day `days` later, at most the last day of 2999.
    func adding(days: Int) -> CardDate {
        var date = self
        for _ in 0..<max(days, 0) { date = date.next ?? date }
        return date
    }

    private var next: CardDate? {
        CardDate(year: year, month: month, day: day + 1) ?? CardDate(year: year, month: month + 1, day: 1)
            ?? CardDate(year: year + 1, month: 1, day: 1)
    }

    /// YYYYMMDD in four bytes, two digits each.
    public var binaryCodedDecimal: [UInt8] {
        [year / 100, year % 100, month, day].map { UInt8(($0 / 10) << 4 | $0 % 10) }
    }

    /// Compares years, then months, then days.
    public static func < (left: CardDate, right: CardDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}
