// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem
import Messages

/// Files that only their owner may read: states hold a PIN, traces hold responses.
/// Symbolic links are not followed.
public struct RestrictedFile: ~Copyable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Opens a file for appending; creates it if it does not exist. Its mode becomes 0600.
    /// - Throws: `VirtualCardError` with the system's reason.
    public init(appendingTo path: String) throws(VirtualCardError) {
        self.init(descriptor: try RestrictedFile.openToAppend(path))
    }

    private static func openToAppend(_ path: String) throws(VirtualCardError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw error(path) }
        guard fchmod(descriptor, 0o600) == 0 else {
            let failure = error(path)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Writes all bytes; false on an error.
    @discardableResult
    public borrowing func write(_ bytes: [UInt8]) -> Bool { WholeWrite.write(bytes, to: descriptor) }

    /// Replaces a file atomically (mode 0600): readers see the old contents or the new ones.
    /// - Throws: `VirtualCardError` with the system's reason.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(VirtualCardError) {
        let temporary = "\(path).\(getpid()).new"
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw error(path) }
        let file = RestrictedFile(descriptor: descriptor)
        guard file.write(bytes), unsafe rename(temporary, path) == 0 else {
            let failure = error(path)
            unsafe unlink(temporary)
            throw failure
        }
    }

    private static func error(_ path: String) -> VirtualCardError {
        let reason = unsafe String(cString: strerror(errno))
        return VirtualCardError(
            Message("\(path) cannot be written: \(reason)", fr: "\(path) ne peut pas être écrit : \(reason)"))
    }
}
