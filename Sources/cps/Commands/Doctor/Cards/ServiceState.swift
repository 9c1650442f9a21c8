// SPDX-License-Identifier: Apache-2.0

import Glibc
import PCSC

/// How far a program gets with pcscd.
enum ServiceState: Equatable {
    case reachable
    /// There is no socket.
    case absent
    /// There is a socket, and nobody behind it.
    case notListening
    /// The socket's permissions keep this user out.
    case forbidden
    /// pcscd takes the connection and gives it up again: polkit says no, or cannot be asked.
    case refused
    /// It takes the connection and says nothing.
    case silent
    /// Any other PC/SC code.
    case failing(code: Int)

    private static let socketPath = "/run/pcscd/pcscd.comm"

    static var current: ServiceState {
        let failure: Int
        switch ServiceProbe.answer() {
        case .success: return .reachable
        case .refused: return .refused
        case .failure(let code): failure = code
        }
        switch connectionError() {
        // It may have read the question first, and then given up the connection.
        case nil where geteuid() != 0: return .refused
        case ENOENT, ENOTDIR: return .absent
        case ECONNREFUSED: return .notListening
        case EACCES, EPERM: return .forbidden
        default: return .failing(code: failure)
        }
    }

    /// What the system says to a plain connection; nil when it works.
    private static func connectionError() -> Int32? {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return errno }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(socketPath.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(socket, $0, size) }
        }
        return code == 0 ? nil : errno
    }
}
