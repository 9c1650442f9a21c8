// SPDX-License-Identifier: Apache-2.0

import CPCSC

/// How pcscd receives this program: for a diagnosis, which tells apart what
/// everybody else takes for "no service".
public enum ServiceProbe {
    /// Begins a conversation with pcscd and ends it.
    /// - Returns: the PC/SC return code; nil for success.
    public static func failure() -> Int? {
        var context: SCARDCONTEXT = 0
        let code = unsafe SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &context)
        guard code == SCARD_S_SUCCESS else { return Int(code) }
        SCardReleaseContext(context)
        return nil
    }
}
