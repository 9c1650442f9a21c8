// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Writes to a descriptor that end only when all is written, or nothing more is taken.
public enum WholeWrite {
    /// Writes all bytes, in as many calls of write(2) as it takes; a signal between two of them
    /// is no failure.
    /// - Returns: false when the system takes no more; errno tells why.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
