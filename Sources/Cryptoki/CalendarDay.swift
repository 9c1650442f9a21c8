// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Days as eight digits YYYYMMDD, which sort by date.
enum CalendarDay {
    /// Today in UTC, the time of certificates; empty if the C library fails.
    static var today: String {
        var now = time(nil)
        var parts = unsafe tm()  // checked: the C library's calendar
        guard unsafe gmtime_r(&now, &parts) != nil else { return "" }  // checked: the C library's calendar
        // checked: the C library's calendar
        let number = unsafe (Int(parts.tm_year) + 1900) * 10_000 + (Int(parts.tm_mon) + 1) * 100 + Int(parts.tm_mday)
        return String(number)
    }
}
