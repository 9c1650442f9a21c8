// SPDX-License-Identifier: Apache-2.0

import CNettle
import Glibc

/// The kernel's random source, getrandom(2).
public enum SystemRandom {
    /// The most bytes per call.
    public static let maximumCount = 1 << 20

    /// Random bytes; nil if the kernel returns none, or if `count` is negative or above `maximumCount`.
    public static func bytes(count: Int) -> [UInt8]? {
        guard (0...maximumCount).contains(count) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe fill(buffer)
        }
        return filled ? bytes : nil
    }

    /// Repeats the call: a signal may interrupt it, or it may return fewer bytes.
    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var rest = unsafe buffer[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: rest)
            let count = unsafe getrandom(part.baseAddress, part.count, 0)
            if count > 0 {
                unsafe rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}
