// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How long the files may be that this process writes (RLIMIT_FSIZE). A program that
/// forbids itself to write has a limit of 0. Writing beyond it raises SIGXFSZ, which ends
/// a program that does not expect it: ask before.
public enum FileSizeLimit {
    /// Whether a file may get this long.
    /// - Parameter size: in bytes.
    public static func allows(_ size: Int) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(Int32(truncatingIfNeeded: RLIMIT_FSIZE.rawValue), &limit) == 0 else { return false }
        return UInt(clamping: size) <= limit.rlim_cur
    }
}
