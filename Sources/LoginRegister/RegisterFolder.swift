// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem

/// The open folder of the register. The user owns it and its parent, and nobody else has access to either. No
/// symbolic link is followed, neither to it nor in it.
struct RegisterFolder: ~Copyable {
    private let descriptor: Int32

    /// The register of the process's effective user. The path depends only on the user's number: an environment
    /// variable could be anybody's.
    static var pathOfUser: String { "/run/user/" + String(geteuid()) }

    private static let name = "cps-pkcs11"

    /// - Parameter path: the parent folder, which the system makes for the user.
    /// - Returns: nil if there is no such folder, or if another user could have written into it.
    init?(in path: String, makingIt: Bool) {
        let parent = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard parent >= 0 else { return nil }
        defer { close(parent) }
        guard RegisterFolder.isOurs(parent) else { return nil }
        if makingIt, unsafe mkdirat(parent, RegisterFolder.name, 0o700) == 0 {
            // The process's umask may have removed the owner's rights.
            _ = unsafe fchmodat(parent, RegisterFolder.name, 0o700, 0)
        }
        let descriptor = unsafe openat(
            parent, RegisterFolder.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard RegisterFolder.isOurs(descriptor) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func isOurs(_ folder: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(folder, &status) == 0 && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    /// Makes an empty file, locks it, and only then gives it its name, so that no program sees it unlocked.
    /// - Parameter name: returns the name for a file with this inode number.
    /// - Returns: nil without a descriptor, space or rights.
    borrowing func makeLockedFile(named name: (UInt64) -> EntryName) -> (file: EntryFile, name: EntryName)? {
        guard let (descriptor, temporary) = makeTemporaryFile(for: name) else { return nil }
        guard fchmod(descriptor, 0o600) == 0, FileLock.take(descriptor), let file = EntryFile(open: descriptor),
            unsafe renameat(self.descriptor, temporary, self.descriptor, name(file.inode).text) == 0
        else {
            remove(temporary)
            close(descriptor)
            return nil
        }
        return (file, name(file.inode))
    }

    /// The prefix of files that are not locked yet.
    static let temporaryPrefix = "."

    private borrowing func makeTemporaryFile(for name: (UInt64) -> EntryName) -> (descriptor: Int32, name: String)? {
        // Another copy of the library in this process may use the same numbers.
        for number in UInt64(0)..<64 {
            let temporary = RegisterFolder.temporaryPrefix + name(number).text
            let file = unsafe openat(
                descriptor, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode_t(0o600))
            if file >= 0 { return (file, temporary) }
            guard errno == EEXIST else { return nil }
        }
        return nil
    }

    /// Whether the owner of an entry holds its lock.
    /// - Returns: nil if the file cannot be opened, or is not an entry's file.
    borrowing func isLocked(_ entry: EntryName) -> Bool? {
        let file = unsafe openat(descriptor, entry.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0, status.st_nlink == 1, UInt64(status.st_ino) == entry.inode
        else { return nil }
        return FileLock.isHeld(file)
    }

    borrowing func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

    /// The most names that are read. Further files are ignored.
    private static let mostNames = 1024

    /// The names of files.
    borrowing func names() -> [String] { FolderListing.names(in: descriptor, most: RegisterFolder.mostNames) }
}

/// A lock of an open file description (fcntl(2), "Open file description locks"). The kernel releases it when the last
/// copy of the descriptor is closed, however the process ended. Neither function waits.
private enum FileLock {
    // The same on all machines. Swift's import of the C library lacks them.
    private static let query: Int32 = 36
    private static let set: Int32 = 37

    /// Whether another open file holds the lock. Taking the lock to find out would make two checking programs see
    /// each other as owners.
    static func isHeld(_ file: Int32) -> Bool? {
        var lock = whole
        guard unsafe fcntl(file, query, &lock) == 0 else { return nil }
        return lock.l_type != Int16(truncatingIfNeeded: F_UNLCK)
    }

    static func take(_ file: Int32) -> Bool {
        var lock = whole
        return unsafe fcntl(file, set, &lock) == 0
    }

    private static var whole: flock {
        flock(
            l_type: Int16(truncatingIfNeeded: F_WRLCK), l_whence: Int16(truncatingIfNeeded: SEEK_SET), l_start: 0,
            l_len: 0, l_pid: 0)
    }
}
