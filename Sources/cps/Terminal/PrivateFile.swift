// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// A file that only the user can read (mode 0600).
enum PrivateFile {
    /// Creates or empties the file; does not follow a symbolic link. An existing file becomes
    /// private, too; a file of another user is refused.
    /// - Returns: the descriptor.
    /// - Throws: `Failure` with `.fileFailed`.
    static func create(_ path: String) throws(Failure) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw Failure.unwritable(path, errno) }
        guard isMadePrivate(descriptor) else {
            let error = Failure.unwritable(path, errno)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Makes a regular file private and empty; a device or a pipe is left as it is.
    private static func isMadePrivate(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFREG else { return true }
        guard status.st_uid == geteuid() else {
            errno = EPERM
            return false
        }
        return fchmod(descriptor, 0o600) == 0 && ftruncate(descriptor, 0) == 0
    }

    /// Writes a text to a private file.
    /// - Throws: `Failure` with `.fileFailed`.
    static func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = try create(path)
        defer { close(descriptor) }
        guard Output.put(Array(text.utf8), to: descriptor) else { throw Failure.unwritable(path, errno) }
    }
}
