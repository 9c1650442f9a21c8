// SPDX-License-Identifier: Apache-2.0

import CPCSC

/// Handles a card that another program powered off (SCARD_UNPOWER_CARD) while a third one was connected. pcscd
/// refuses all connections to it (SCARD_W_UNPOWERED_CARD) until the third program disconnects, and for most of a
/// second after that.
enum CardPower {
    /// The longest wait for power, and the time between two attempts, in milliseconds.
    private static let patience = 1500
    private static let interval = 50

    /// Whether the card of this connection has power; true if pcscd does not report it.
    static func isOn(_ handle: SCARDHANDLE) -> Bool {
        var state: DWORD = 0
        var activeProtocol: DWORD = 0
        guard unsafe SCardStatus(handle, nil, nil, &state, &activeProtocol, nil, nil) == SCARD_S_SUCCESS else {
            return true
        }
        return state & DWORD(SCARD_PRESENT) == 0 || state & DWORD(SCARD_POWERED) != 0
    }

    /// Calls pcscd, and repeats the call while the card has no power.
    static func awaiting(_ call: () -> LONG) -> LONG {
        let deadline = Deadline(milliseconds: patience)
        while true {
            let code = call()
            guard code == SCARD_W_UNPOWERED_CARD, deadline.left > 0 else { return code }
            deadline.pause(milliseconds: interval)
        }
    }
}
