// SPDX-License-Identifier: Apache-2.0

import Messages

/// Formats a duration as µs, ms or s, with two or three significant digits.
enum Duration {
    static func text(microseconds: Int) -> String {
        let time = max(microseconds, 0)
        if time < 1000 { return "\(time) µs" }
        let (unit, tenths) = time < 1_000_000 ? ("ms", time / 100) : ("s", time / 100_000)
        if tenths >= 1000 { return "\(tenths / 10) \(unit)" }
        let point = Message(".", fr: ",").text
        return "\(tenths / 10)\(point)\(tenths % 10) \(unit)"
    }
}
