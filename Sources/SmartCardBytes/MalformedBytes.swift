// SPDX-License-Identifier: Apache-2.0

/// Why bytes that came from a card, a certificate or a caller could not be
/// understood. Two errors are equal when their causes are.
public enum MalformedBytes: Error, Equatable, Sendable {
    /// The bytes end before the element that they announce.
    case truncated
    /// A tag of more than four bytes.
    case tagTooLong
    /// An indefinite length, or one of more than four bytes.
    case unsupportedLength
    /// Another tag stands where this one must.
    case unexpectedTag(expected: UInt32, found: UInt32)
    /// An element that must be there is missing.
    case missing(tag: UInt32)
    /// The element is there, but its content cannot be what it says.
    case invalidContent(tag: UInt32)
}
