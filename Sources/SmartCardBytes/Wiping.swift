// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Ordinary bytes that turn out to be private: the values of files that the PIN
/// protects, and what they arrive in. Memory that is given back keeps its content, so
/// they are overwritten first.
extension Array where Element == UInt8 {
    /// Overwrites the bytes with zeros, before they are let go. Who shares them keeps
    /// them: the last one is to call this.
    public mutating func wipe() {
        unsafe withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe explicit_bzero(base, bytes.count)
        }
    }

    /// Appends bytes. Where that needs another place in memory, nothing stays behind
    /// in the old one.
    public mutating func appendLeavingNothing(_ bytes: some Collection<UInt8>) {
        let needed = count + bytes.count
        guard needed > capacity else { return append(contentsOf: bytes) }
        var moved: [UInt8] = []
        moved.reserveCapacity(Swift.max(needed, 2 * capacity))
        moved += self
        moved += bytes
        wipe()
        self = moved
    }
}
