// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The descriptor of this process's own entry. The host program may close it and reuse its number for a file of its
/// own, so it is checked before each use.
struct EntryFile: Sendable {
    let descriptor: Int32
    let device: UInt64
    let inode: UInt64

    init?(open descriptor: Int32) {
        guard let status = EntryFile.status(of: descriptor) else { return nil }
        self.descriptor = descriptor
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Whether the descriptor is still that of our file, and the file still has its name.
    var isIntact: Bool { status?.st_nlink == 1 }

    /// Closes the descriptor if it is still ours. The lock is released with the descriptor's last copy, and never
    /// directly: a forked child has a copy and would unlock its parent's login.
    func close() {
        if status != nil { Glibc.close(descriptor) }
    }

    init(descriptor: Int32, device: UInt64, inode: UInt64) {
        self.descriptor = descriptor
        self.device = device
        self.inode = inode
    }

    private var status: stat? {
        guard let status = EntryFile.status(of: descriptor), UInt64(status.st_dev) == device,
            UInt64(status.st_ino) == inode
        else { return nil }
        return status
    }

    private static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }
}
