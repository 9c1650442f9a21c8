// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc

/// The socket of pcscd, found by libpcsclite's rules.
enum DaemonSocket {
    /// The path, read once, like in libpcsclite.
    static let path: [UInt8] = environment("PCSCLITE_CSOCK_NAME") ?? Array("/run/pcscd/pcscd.comm".utf8)

    /// Whether another library replaces libpcsclite (pcsc-lite 2). It may have no socket.
    static let isDelegated: Bool = environment("LIBPCSCLITE_DELEGATE") != nil

    /// A set-user-ID program ignores its environment.
    private static func environment(_ name: String) -> [UInt8]? {
        guard cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0, let value = unsafe getenv(name) else { return nil }
        return unsafe Array(String(cString: value).utf8)
    }

    /// Distinguishes a listening socket from a later one with the same path.
    struct Identity: Equatable {
        private let inode: ino_t
        private let seconds: Int
        private let nanoseconds: Int

        /// nil if there is no socket, or no access to it.
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
