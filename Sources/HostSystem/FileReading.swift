// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a file could not be read.
public struct ReadError: Error {
    /// errno(3).
    public let number: Int32
}

/// Complete reads of a descriptor.
public enum WholeRead {
    /// Reads to the end of the file, with as many calls of read(2) as needed. Signals in between are ignored.
    /// - Parameter limit: the longest file, in bytes.
    /// - Throws: the system's error; EFBIG if there is more than `limit`.
    public static func read(from descriptor: Int32, limit: Int) throws(ReadError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ReadError(number: errno) }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
        }
        throw ReadError(number: EFBIG)
    }
}
