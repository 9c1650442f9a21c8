// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem

/// The file of the trace. It is opened for each line, and no descriptor stays open: programs close descriptors that
/// they do not know, and the number would then belong to a file of theirs. Several processes may share it.
struct TraceFile: Sendable {
    let path: String

    /// The most bytes that other processes add between the check of the file's size and our write.
    private static let linesOfOthers = 65_536

    /// - Parameter path: a relative path is completed now, since programs change their working folder.
    init?(path: String) {
        if path.utf8.first == UInt8(ascii: "/") {
            self.path = path
            return
        }
        var folder = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard !path.isEmpty, unsafe getcwd(&folder, folder.count) != nil else { return nil }
        let bytes = folder.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.path = String(decoding: bytes, as: UTF8.self) + "/" + path
    }

    /// Appends a line with one write, so that lines of two processes do not mix. Does nothing if the file cannot be
    /// opened or made, or if another user may read or write it.
    func add(line: String) {
        let error = errno
        defer { errno = error }
        // Opening a pipe must not block.
        let file = unsafe open(
            path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode_t(0o600))
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0, status.st_nlink == 1
        else { return }
        let bytes = Array("\(line)\n".utf8)
        guard FileSizeLimit.allows(Int(status.st_size) + bytes.count + TraceFile.linesOfOthers) else { return }
        _ = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    }
}
