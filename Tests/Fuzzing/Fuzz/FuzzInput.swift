// SPDX-License-Identifier: Apache-2.0

/// The fuzzer's bytes, taken from the front; zeros once they are used up.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bool() -> Bool { byte() & 1 != 0 }

    /// Two bytes, big-endian.
    mutating func number() -> Int { Int(byte()) << 8 | Int(byte()) }

    /// So many bytes, or what is left.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Bytes after their number.
    mutating func block() -> [UInt8] { bytes(number()) }

    /// What is left.
    mutating func all() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    mutating func element<Element>(of list: [Element]) -> Element { list[Int(byte()) % list.count] }
}

/// Bytes with their number before them, as `FuzzInput.block` reads them.
func block(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes
}

/// What must hold whatever the input is.
func expect(_ condition: Bool, _ meaning: String) {
    if !condition { fatalError("not so: \(meaning)") }
}
