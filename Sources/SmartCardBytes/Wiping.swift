// SPDX-License-Identifier: Apache-2.0

import Glibc

/// For private values in ordinary arrays: the content of files that the PIN protects, and the buffers it arrives in.
/// Freed memory keeps its content, so these arrays are overwritten first.
extension Array where Element == UInt8 {
    /// Overwrites the bytes with zeros. Call it on the last copy: an array that shares its storage with another is
    /// copied first, and the other one keeps its bytes.
    public mutating func wipe() {
        unsafe withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe explicit_bzero(base, bytes.count)
        }
    }

    /// Appends bytes. If the array has to move in memory, the old place is wiped.
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
