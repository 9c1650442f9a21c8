// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Bytes that must not outlive their use: a PIN, or a command that carries one. They cannot be copied, are wiped on
/// release, and never appear in text. They lie in memory pages of their own. These pages are excluded from core
/// dumps, locked out of swap space if the system allows it, and empty in a forked child.
@safe
public struct SecretBytes: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// Whether the bytes lie in their own pages. If mmap fails, they lie on the heap.
    private let isMapped: Bool
    /// The number of bytes in use.
    public private(set) var count: Int

    /// Makes room for `capacity` bytes, none in use. The room never grows, so that no old copy is left in memory.
    public init(capacity: Int) {
        self.capacity = max(capacity, 1)
        let pages = unsafe SecretBytes.map(self.capacity)
        isMapped = unsafe pages != nil
        unsafe base = pages ?? UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 1)
        count = 0
    }

    private static func map(_ size: Int) -> UnsafeMutableRawPointer? {
        guard let pages = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe pages != MAP_FAILED
        else { return nil }
        _ = unsafe madvise(pages, size, MADV_DONTDUMP)
        _ = unsafe madvise(pages, size, MADV_WIPEONFORK)
        _ = unsafe mlock(pages, size)
        return unsafe pages
    }

    /// Copies a caller's bytes, which the caller still owns.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count)
        for index in bytes.indices { append(unsafe bytes[index]) }  // checked: its own indices
    }

    /// Copies bytes from ordinary memory. The caller wipes the original.
    public init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        for byte in bytes { append(byte) }
    }

    deinit {
        unsafe explicit_bzero(base, capacity)
        guard isMapped else { return unsafe base.deallocate() }
        _ = unsafe munmap(base, capacity)
    }

    /// Whether no byte is in use.
    public var isEmpty: Bool { count == 0 }

    /// Adds a byte. A byte beyond the capacity is dropped.
    public mutating func append(_ byte: UInt8) {
        guard count < capacity else { return }
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Adds bytes. Those beyond the capacity are dropped.
    public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
        for byte in bytes { append(byte) }
    }

    /// Adds the bytes of another secret. Those beyond the capacity are dropped.
    public mutating func append(_ other: borrowing SecretBytes) {
        for index in 0..<other.count { append(other.byte(at: index)) }
    }

    /// Whether every byte satisfies the condition.
    public func allSatisfy(_ condition: (UInt8) -> Bool) -> Bool {
        for index in 0..<count where !condition(byte(at: index)) { return false }
        return true
    }

    /// Whether both hold the same bytes.
    public func isEqual(to other: borrowing SecretBytes) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where byte(at: index) != other.byte(at: index) { return false }
        return true
    }

    /// Lends the bytes for the duration of one call.
    /// - Throws: what `body` throws.
    public func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return try body(unsafe Span(_unsafeBytes: bytes))
    }

    private func byte(at index: Int) -> UInt8 {
        unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }
}
