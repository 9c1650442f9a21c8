// SPDX-License-Identifier: Apache-2.0

/// Why bytes from a card, a certificate or a caller cannot be parsed.
public enum MalformedBytes: Error, Equatable, Sendable {
    /// The bytes end before the element that they announce.
    case truncated
    /// A tag of more than four bytes.
    case tagTooLong
    /// An indefinite length, or one of more than four bytes.
    case unsupportedLength
    /// The element has another tag than the expected one.
    case unexpectedTag(expected: UInt32, found: UInt32)
    /// A required element is missing.
    case missing(tag: UInt32)
    /// The content of the element is invalid for its type.
    case invalidContent(tag: UInt32)
}
