// SPDX-License-Identifier: Apache-2.0

import CPCSC

/// Tests how pcscd receives this program. For a diagnosis that distinguishes what other programs report as "no
/// service".
public enum ServiceProbe {
    /// The result of connecting to pcscd.
    public enum Answer: Sendable, Equatable {
        /// pcscd accepts this program.
        case success
        /// pcscd closed the connection without reading the request: polkit refuses, or cannot be reached.
        case refused
        /// Any other PC/SC return code.
        case failure(code: Int)
    }

    /// The path of pcscd's socket, by libpcsclite's rules.
    public static var socketPath: String { String(decoding: DaemonSocket.path, as: UTF8.self) }

    /// Connects to pcscd and disconnects.
    public static func answer() -> Answer {
        var context: SCARDCONTEXT = 0
        let code = unsafe SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &context)
        switch code {
        case SCARD_S_SUCCESS:
            SCardReleaseContext(context)
            return .success
        case SCARD_W_SECURITY_VIOLATION: return .refused
        default: return .failure(code: Int(code))
        }
    }
}
