// SPDX-License-Identifier: Apache-2.0

import Messages

/// Why a profile cannot be used: one sentence that names the field.
public struct ProfileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The JSON field, as `activities[2].number`; empty for the whole text.
    public let field: String
    public let reason: Message

    public init(_ field: String, _ reason: Message) {
        self.field = field
        self.reason = reason
    }

    public var description: String { field.isEmpty ? reason.text : "\(field): \(reason.text)" }
}
