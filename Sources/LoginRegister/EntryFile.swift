// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The descriptor of an entry of ours. The host may close it behind our back, and get its
/// number for a file of its own: whose it is, is asked each time.
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

    /// Whether the descriptor is still that of our file, and the file has its name.
    var isIntact: Bool { status?.st_nlink == 1 }

    /// Closes the descriptor, if it is ours. The lock goes with its last copy and is never
    /// dropped by itself: a forked child has a copy, and would unlock its parent's login.
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
