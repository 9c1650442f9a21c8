// SPDX-License-Identifier: Apache-2.0

import Messages

/// Why a virtual card cannot be made: one user-facing sentence.
public struct VirtualCardError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentence in both languages.
    public let message: Message

    /// Makes an error of one sentence.
    public init(_ message: Message) { self.message = message }

    /// The sentence in the language of the user's locale.
    public var description: String { message.text }
}
