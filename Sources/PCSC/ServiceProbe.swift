// SPDX-License-Identifier: Apache-2.0

import CPCSC

/// How pcscd receives this program: for a diagnosis, which tells apart what
/// everybody else takes for "no service".
public enum ServiceProbe {
    /// What became of the attempt to begin a conversation.
    public enum Answer: Sendable, Equatable {
        case success
        /// The connection was closed unread: polkit says no, or cannot be asked.
        case refused
        /// Any other PC/SC return code.
        case failure(code: Int)
    }

    /// Begins a conversation with pcscd and ends it.
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
