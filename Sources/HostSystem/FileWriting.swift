// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Complete writes to a descriptor.
public enum WholeWrite {
    /// Writes all bytes, with as many calls of write(2) as needed. Signals in between are ignored.
    /// - Returns: false if the system refuses more; errno has the reason.
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

/// The longest file that this process may write (RLIMIT_FSIZE). A longer write raises SIGXFSZ, which ends a program
/// that does not handle it, so check first. Some sandboxed programs have a limit of 0.
public enum FileSizeLimit {
    /// Whether a file may have this size.
    /// - Parameter size: in bytes.
    public static func allows(_ size: Int) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(Int32(truncatingIfNeeded: RLIMIT_FSIZE.rawValue), &limit) == 0 else { return false }
        return UInt(clamping: size) <= limit.rlim_cur
    }
}
