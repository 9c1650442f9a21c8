// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The time of day in UTC, for traces and for the dates of certificates.
public struct WallTime: Sendable {
    /// Of the Gregorian calendar.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int
    /// 0 to 60, leap seconds included.
    public let second: Int
    /// 0 to 999 999.
    public let microsecond: Int

    /// This moment, by the computer's clock.
    public static var now: WallTime {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        var parts = unsafe tm()
        _ = unsafe gmtime_r(&now.tv_sec, &parts)
        return unsafe WallTime(
            year: 1900 + Int(parts.tm_year), month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
            microsecond: now.tv_nsec / 1000)
    }

    /// ISO 8601 with microseconds.
    public var text: String {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(year)-\(digits(month, 2))-\(digits(day, 2))T\(digits(hour, 2)):\(digits(minute, 2)):"
            + "\(digits(second, 2)).\(digits(microsecond, 6))Z"
    }

    /// The day.
    public var date: CardDate? { CardDate(String(text.prefix(10))) }
}
