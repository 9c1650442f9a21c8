// SPDX-License-Identifier: Apache-2.0

import Glibc

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
