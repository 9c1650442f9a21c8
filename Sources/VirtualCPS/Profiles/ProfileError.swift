// SPDX-License-Identifier: Apache-2.0

import Messages

/// Why a profile cannot be used: one sentence that names the field.
public struct ProfileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The JSON field, for example `activities[2].number`; empty for the whole text.
    public let field: String
    /// The error in both languages, without the field's name.
    public let reason: Message

    /// Makes an error about one field.
    public init(_ field: String, _ reason: Message) {
        self.field = field
        self.reason = reason
    }

    /// The field and the reason, in the language of the user's locale.
    public var description: String { field.isEmpty ? reason.text : "\(field): \(reason.text)" }
}
