// SPDX-License-Identifier: Apache-2.0

import CSystem

#if canImport(Glibc)
    import Glibc
#endif

/// Where pcscd listens, by libpcsclite's rules.
enum DaemonSocket {
    /// The path, read once as libpcsclite does.
    static let path: [UInt8] = environment("PCSCLITE_CSOCK_NAME") ?? Array("/run/pcscd/pcscd.comm".utf8)

    /// Whether another library than pcsc-lite's own answers for it (pcsc-lite 2), which
    /// may know no socket.
    static let isDelegated: Bool = environment("LIBPCSCLITE_DELEGATE") != nil

    /// A set-user-ID program listens to no environment.
    private static func environment(_ name: String) -> [UInt8]? {
        guard cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0, let value = unsafe getenv(name) else { return nil }
        return unsafe Array(String(cString: value).utf8)
    }

    /// What tells one listening socket from the next: the path is the same.
    struct Identity: Equatable {
        private let inode: ino_t
        private let seconds: Int
        private let nanoseconds: Int

        /// nil when there is none, or it may not be looked at.
        init?() {
            var status = stat()
            let path = DaemonSocket.path.map { CChar(bitPattern: $0) } + [0]
            guard unsafe stat(path, &status) == 0 else { return nil }
            inode = status.st_ino
            seconds = status.st_ctim.tv_sec
            nanoseconds = status.st_ctim.tv_nsec
        }
    }
}
