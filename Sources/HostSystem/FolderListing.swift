// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The names in a folder that is open.
public enum FolderListing {
    /// Reads the names, in no order, `.` and `..` among them. The descriptor's own position stays.
    /// - Parameters:
    ///   - descriptor: the folder's.
    ///   - most: the most names that are read. Further ones are ignored.
    /// - Returns: no names if the folder cannot be read.
    public static func names(in descriptor: Int32, most: Int = .max) -> [String] {
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let listing = unsafe fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while names.count < most, let entry = unsafe readdir(listing) {
            names.append(
                unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }
}
