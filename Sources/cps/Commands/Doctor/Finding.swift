// SPDX-License-Identifier: Apache-2.0

import Messages

/// One thing that a diagnosis found out.
struct Finding {
    enum Severity: String, Encodable {
        case ok
        /// Something works less well than it could, or may stop working.
        case warning
        /// Something does not work.
        case problem
    }

    /// What programs know it by, in every language: `service.refused`.
    let name: String
    let severity: Severity
    let message: Message
    /// What the person can do; nil where all is well.
    let remedy: Message?

    static func ok(_ name: String, _ message: Message) -> Finding {
        Finding(name: name, severity: .ok, message: message, remedy: nil)
    }

    static func warning(_ name: String, _ message: Message, _ remedy: Message) -> Finding {
        Finding(name: name, severity: .warning, message: message, remedy: remedy)
    }

    static func problem(_ name: String, _ message: Message, _ remedy: Message) -> Finding {
        Finding(name: name, severity: .problem, message: message, remedy: remedy)
    }
}
