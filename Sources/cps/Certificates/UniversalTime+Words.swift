// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

extension UniversalTime {
    /// The day, as people write it: of universal time, as certificates mean it.
    var day: Message {
        let parts = iso8601.prefix { $0 != "T" }.split(separator: "-")
        return Message(parts.joined(separator: "-"), fr: parts.reversed().joined(separator: "/"))
    }

    /// The day and the second.
    var moment: Message {
        let clock = iso8601.drop { $0 != "T" }.dropFirst().dropLast()
        return Message("\(day.english) \(clock) UTC", fr: "\(day.french) \(clock) UTC")
    }
}
