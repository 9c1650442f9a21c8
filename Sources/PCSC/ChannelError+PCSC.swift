// SPDX-License-Identifier: Apache-2.0

import CPCSC
import ISO7816

extension ChannelError {
    /// The error for a PC/SC return code other than SCARD_S_SUCCESS.
    init(pcsc code: LONG) {
        switch code {
        case SCARD_W_REMOVED_CARD, SCARD_E_NO_SMARTCARD:
            self = .cardRemoved
        case SCARD_W_RESET_CARD:
            self = .cardReset
        case SCARD_W_UNRESPONSIVE_CARD, SCARD_W_UNPOWERED_CARD, SCARD_W_UNSUPPORTED_CARD, SCARD_E_NOT_TRANSACTED,
            SCARD_E_PROTO_MISMATCH, SCARD_E_COMM_DATA_LOST:
            self = .cardUnresponsive
        case SCARD_E_READER_UNAVAILABLE, SCARD_E_UNKNOWN_READER, SCARD_E_NO_READERS_AVAILABLE:
            self = .readerUnavailable
        case SCARD_E_SHARING_VIOLATION:
            self = .sharingViolation
        case SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED, SCARD_F_COMM_ERROR, SCARD_E_INVALID_HANDLE,
            SCARD_F_INTERNAL_ERROR, SCARD_W_SECURITY_VIOLATION:
            // libpcsclite returns SCARD_W_SECURITY_VIOLATION if pcscd closed the connection before it read the
            // request, also if pcscd was killed. It means a refusal only at the start of a connection (PCSCContext,
            // PCSCReaderService).
            self = .serviceUnavailable
        default:
            self = .other(code)
        }
    }

    /// - Throws: the error for any return code other than SCARD_S_SUCCESS.
    static func check(_ code: LONG) throws(ChannelError) {
        guard code == SCARD_S_SUCCESS else { throw ChannelError(pcsc: code) }
    }
}
