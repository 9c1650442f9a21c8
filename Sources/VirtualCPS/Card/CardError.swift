// SPDX-License-Identifier: Apache-2.0

import Messages

/// Why a virtual card cannot be made: one sentence for people.
public struct CardError: Error, Equatable, Sendable, CustomStringConvertible {
    public let message: Message

    public init(_ message: Message) { self.message = message }

    public var description: String { message.text }
}
