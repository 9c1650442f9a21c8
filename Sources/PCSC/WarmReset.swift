// SPDX-License-Identifier: Apache-2.0

import CPCSC
import ISO7816

extension PCSCReaderService {
    /// Resets the card in a reader while it keeps its power, which nothing else here does. Afterwards the card is
    /// powered off and on, so that everyone sees the usual answer to reset again. Connects exclusively: no other
    /// program's login ends.
    /// - Returns: the answer to the warm reset, at most 33 bytes.
    /// - Throws: `.sharingViolation` if another program is connected to the card, which then is not reset; else as
    ///   `connect`.
    public func answerToWarmReset(of reader: String) throws(ChannelError) -> [UInt8] {
        try daemon.requireAnswer()
        let context = try PCSCContext(daemon)
        let connection = context.handle
        let (exclusive, anyProtocol) = (DWORD(SCARD_SHARE_EXCLUSIVE), DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1))
        var card: SCARDHANDLE = 0
        var activeProtocol: DWORD = 0
        try ChannelError.check(
            CardPower.awaiting {
                unsafe SCardConnect(connection, reader, exclusive, anyProtocol, &card, &activeProtocol)
            })
        defer { daemon.giveBack { [card] in SCardDisconnect(card, DWORD(SCARD_LEAVE_CARD)) } }
        func reset(_ kind: Int32) -> LONG {
            unsafe SCardReconnect(card, exclusive, anyProtocol, DWORD(kind), &activeProtocol)
        }
        let code = reset(SCARD_RESET_CARD)
        var answer = [UInt8](repeating: 0, count: Int(MAX_ATR_SIZE))
        var length = DWORD(answer.count)
        var state: DWORD = 0
        let status = unsafe SCardStatus(card, nil, nil, &state, &activeProtocol, &answer, &length)
        let power = reset(SCARD_UNPOWER_CARD)
        for code in [code, status, power] { try ChannelError.check(code) }
        return Array(answer.prefix(Int(clamping: length)))
    }
}
