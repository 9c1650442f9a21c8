// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem

/// The file that lines are added to. It is opened for each line and no descriptor
/// stays open: programs close descriptors that they do not know, and the number would
/// then be that of a file of theirs. Several processes may share it.
struct TraceFile: Sendable {
    let path: String

    /// How much other processes may add between a look at the file's size and a line of
    /// ours, in bytes.
    private static let linesOfOthers = 65_536

    /// - Parameter path: is completed by the working folder of now; programs change
    ///   theirs.
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

    /// Adds a line, by one write: lines of two processes do not mix. Does nothing when
    /// the file cannot be made, or could be read or written by anybody else.
    func add(line: String) {
        let error = errno
        defer { errno = error }
        // Not to be kept waiting by a pipe that somebody put there.
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
