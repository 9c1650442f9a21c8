// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A folder that this user owns and only this user can access: for what is cached on disk. All access goes through its
/// descriptor. No symbolic link is followed, neither in the folder nor to it.
public struct PrivateFolder: ~Copyable {
    private let descriptor: Int32

    /// Opens the folder.
    /// - Parameter makingIt: whether to make it (mode 0700) if it is missing; its parent must be there.
    /// - Returns: nil if there is no folder, or if another user could have written into it.
    public init?(path: String, makingIt: Bool) {
        if makingIt { _ = unsafe mkdir(path, 0o700) }
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Numbers the files that this process writes.
    private static let written = Atomic<UInt>(0)

    /// The suffix of files that are being written.
    public static let temporarySuffix = ".new"

    /// The content of a file that only this user can read and write.
    /// - Returns: nil if there is no such file, or if it is longer than `longest` bytes.
    public borrowing func read(_ name: String, longest: Int) -> [UInt8]? {
        // Opening a pipe must not block.
        let file = unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // A file that another process is replacing now has no name any more, and is valid.
        // A file with a second name (hard link) could belong to anybody.
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0, status.st_nlink <= 1,
            (0...longest).contains(Int(status.st_size))
        else { return nil }
        return try? WholeRead.read(from: file, limit: longest)
    }

    /// Sets a file's modification time to now.
    public borrowing func touch(_ name: String) {
        _ = unsafe utimensat(descriptor, name, nil, AT_SYMLINK_NOFOLLOW)
    }

    /// Replaces a file (mode 0600). Other processes see the old content or the new one, never a part. Errors are
    /// ignored: the old file stays then.
    public borrowing func replace(_ name: String, with bytes: [UInt8]) {
        guard FileSizeLimit.allows(bytes.count) else { return }
        let number = PrivateFolder.written.wrappingAdd(1, ordering: .relaxed).oldValue
        let temporary = ".\(name).\(getpid())-\(number)\(PrivateFolder.temporarySuffix)"
        let file = unsafe openat(
            descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard file >= 0 else { return }
        let isWritten = WholeWrite.write(bytes, to: file)
        close(file)
        guard isWritten, unsafe renameat(descriptor, temporary, descriptor, name) == 0 else {
            remove(temporary)
            return
        }
    }

    /// Removes a file, if it is there.
    public borrowing func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

    /// The files with this suffix, and the times of their last change in seconds since 1970.
    public borrowing func files(endingWith suffix: String) -> [(name: String, changed: Int)] {
        var files: [(name: String, changed: Int)] = []
        for name in FolderListing.names(in: descriptor) {
            var status = stat()
            guard name.utf8.count > suffix.utf8.count, name.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8),
                unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
            else { continue }
            files.append((name, Int(status.st_mtim.tv_sec)))
        }
        return files
    }
}
