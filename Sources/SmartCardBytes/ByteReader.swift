// SPDX-License-Identifier: Apache-2.0

/// Reads bytes from front to back, never beyond the end.
public struct ByteReader: Sendable {
    /// The unread bytes.
    public private(set) var remaining: ArraySlice<UInt8>

    /// Starts at the first byte of the slice, whatever its index.
    public init(_ bytes: ArraySlice<UInt8>) { remaining = bytes }
    /// Starts at the first byte.
    public init(_ bytes: [UInt8]) { remaining = bytes[...] }

    /// Whether every byte was read.
    public var isAtEnd: Bool { remaining.isEmpty }

    /// The next byte.
    /// - Throws: `MalformedBytes.truncated` at the end.
    public mutating func readByte() throws(MalformedBytes) -> UInt8 {
        guard let byte = remaining.popFirst() else { throw .truncated }
        return byte
    }

    /// The next `count` bytes.
    /// - Throws: `MalformedBytes.truncated` if fewer are left or `count` is negative.
    public mutating func read(count: Int) throws(MalformedBytes) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining.count else { throw .truncated }
        let bytes = remaining.prefix(count)
        remaining = remaining.dropFirst(count)
        return bytes
    }

    /// A big-endian unsigned number.
    /// - Parameter count: its size in bytes, 1 to 4.
    /// - Throws: `MalformedBytes.unsupportedLength` for another size, `.truncated` if fewer bytes are left.
    public mutating func readUnsigned(count: Int) throws(MalformedBytes) -> UInt32 {
        guard (1...4).contains(count) else { throw .unsupportedLength }
        return try read(count: count).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }  // checked: a byte
    }
}
