// SPDX-License-Identifier: Apache-2.0

import Messages

/// A duration for people, with two digits that count.
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
