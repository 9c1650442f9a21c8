// SPDX-License-Identifier: Apache-2.0

import CPCSC
import ISO7816
import SmartCardBytes

/// A shared connection to the card in one reader, on its own context. After a reset by another program it reconnects
/// and reports `CardContinuity.reset`; a removal ends the channel.
final class PCSCCardChannel: CardChannel {
    private let context: PCSCContext
    private let daemon: DaemonConnection
    private var turnTaking = TurnTaking()
    private let reader: String
    private var handle: SCARDHANDLE
    private var isConnected = true
    private(set) var transportProtocol: TransportProtocol
    /// Whether a reset was noticed outside of a transaction.
    private var wasReset = false

    private static let anyProtocol = DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
    /// A short response APDU in bytes: 256 and the status.
    private static let responseCapacity = CommandAPDU.maximumResponseLength + 2

    let isUsedByOthers: Bool

    init(reader: String, _ daemon: DaemonConnection) throws(ChannelError) {
        self.reader = reader
        self.daemon = daemon
        context = try PCSCContext(daemon)
        isUsedByOthers = try context.isInUse(reader)
        var handle: SCARDHANDLE = 0
        var activeProtocol: DWORD = 0
        let connection = context.handle
        let code = CardPower.awaiting {
            unsafe SCardConnect(
                connection, reader, DWORD(SCARD_SHARE_SHARED), PCSCCardChannel.anyProtocol, &handle, &activeProtocol)
        }
        // A card without power cannot be used until it is removed and inserted again.
        if code == SCARD_W_UNPOWERED_CARD { throw .cardRemoved }
        try ChannelError.check(code)
        self.handle = handle
        transportProtocol = activeProtocol == DWORD(SCARD_PROTOCOL_T0) ? .t0 : .t1
    }

    deinit { disconnect() }

    /// The longest wait for another program's transaction, in milliseconds.
    private static let patience = 5000
    /// Poll interval in milliseconds; backs off from 1 to 20. A program that works without a pause leaves only short
    /// gaps between its transactions.
    private static let pollIntervals = 1...20

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        try connectionRequired()
        try daemon.requireAnswer()
        if turnTaking.isPauseDue() { giveWay() }
        let deadline = Deadline(milliseconds: PCSCCardChannel.patience)
        while true {
            try waitForOthers(until: deadline)
            let code = SCardBeginTransaction(handle)
            guard code == SCARD_W_RESET_CARD else {
                try ChannelError.check(code)
                defer { wasReset = false }
                return wasReset ? .reset : .same
            }
            // Reconnecting consumes the report. If the transaction does not begin, the next call has to return it.
            wasReset = true
            try reconnect(SCARD_LEAVE_CARD)
            // Programs that log out one after the other reset the card again before this one has its turn.
            guard deadline.left > 0 else { throw .sharingViolation }
        }
    }

    /// Waits for other programs' transactions. SCardBeginTransaction would wait without a limit; reading an attribute
    /// is refused at once while another program has a transaction.
    /// - Throws: `.sharingViolation` at the deadline.
    private func waitForOthers(until deadline: Deadline) throws(ChannelError) {
        var interval = PCSCCardChannel.pollIntervals.lowerBound
        while isHeldByAnother() {
            guard deadline.left > 0 else { throw .sharingViolation }
            deadline.pause(milliseconds: interval)
            try daemon.requireAnswer()
            interval = min(interval * 2, PCSCCardChannel.pollIntervals.upperBound)
        }
    }

    /// Leaves the card free long enough for a waiting program to notice.
    private func giveWay() {
        let deadline = Deadline(milliseconds: TurnTaking.pause)
        var wasUsed = false
        while deadline.left > 0, !wasUsed {
            deadline.pause(milliseconds: PCSCCardChannel.pollIntervals.upperBound)
            wasUsed = isHeldByAnother()
        }
        turnTaking.notePause(wasUsed: wasUsed)
    }

    private func isHeldByAnother() -> Bool {
        var buffer = [UInt8](repeating: 0, count: Int(MAX_ATR_SIZE))
        var length = DWORD(buffer.count)
        return unsafe SCardGetAttrib(handle, cps_attribute_atr(), &buffer, &length) == SCARD_E_SHARING_VIOLATION
    }

    func endTransaction() {
        guard isConnected else { return }
        daemon.giveBack { [handle] in SCardEndTransaction(handle, DWORD(SCARD_LEAVE_CARD)) }
        turnTaking.noteEnd()
    }

    func endTransactionCuttingPower() throws(ChannelError) {
        try connectionRequired()
        try daemon.requireAnswer()
        try ChannelError.check(SCardEndTransaction(handle, DWORD(SCARD_UNPOWER_CARD)))
        turnTaking.noteEnd()
        takeNoteOfOwnReset()
    }

    /// PC/SC also reports a reset to the program that made it. Reconnecting consumes that report, so that a later
    /// reset by another program is noticed.
    private func takeNoteOfOwnReset() {
        wasReset = true
        if !isHeldByAnother(), (try? reconnect(SCARD_LEAVE_CARD)) != nil { wasReset = false }
    }

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        try connectionRequired()
        try daemon.requireAnswer()
        var response = [UInt8](repeating: 0, count: PCSCCardChannel.responseCapacity)
        defer { response.wipe() }
        var length = DWORD(response.count)
        var header = SCARD_IO_REQUEST(
            dwProtocol: DWORD(transportProtocol == .t0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1),
            cbPciLength: DWORD(MemoryLayout<SCARD_IO_REQUEST>.size))
        let code = unsafe command.withUnsafeBufferPointer { bytes in
            unsafe SCardTransmit(handle, &header, bytes.baseAddress, DWORD(bytes.count), nil, &response, &length)
        }
        if code == SCARD_W_RESET_CARD {
            try reconnect(SCARD_LEAVE_CARD)
            wasReset = true
            throw .cardReset
        }
        if code == SCARD_E_INSUFFICIENT_BUFFER { throw .malformedResponse }
        guard code == SCARD_S_SUCCESS else {
            let error = ChannelError(pcsc: code)
            throw error == .cardUnresponsive && cardIsGone() ? .cardRemoved : error
        }
        // Some drivers return this for a card that is being removed.
        guard length >= 2 else { throw cardIsGone() ? .cardRemoved : .malformedResponse }
        return Array(response.prefix(Int(clamping: length)))
    }

    /// pcscd polls readers: for up to this many milliseconds, a removed card looks like one that does not answer.
    private static let removalDelay = 1000

    private func cardIsGone() -> Bool {
        func isGone(_ states: [ReaderState]?) -> Bool {
            guard let state = states?.first else { return false }
            return state.presence == .noCard || state.presence == .noReader
        }
        guard let now = try? context.statusChange(of: [(reader, 0)], milliseconds: 0), let state = now.first else {
            return false
        }
        if isGone(now) { return true }
        let next = try? context.statusChange(
            of: [(reader, state.eventWord)], milliseconds: PCSCCardChannel.removalDelay)
        return isGone(next ?? nil)
    }

    /// SCardEndTransaction outside of a transaction reports a reset without waiting. In pcsc-lite 1.9.9 and 2.3.3 the
    /// other calls wait: SCardStatus for another program's transaction, SCardGetAttrib for a command in the driver.
    func look() -> CardContinuity? {
        guard isConnected else { return .removed }
        // pcscd does not answer, or is gone.
        guard (try? daemon.requireAnswer()) != nil else { return nil }
        return switch SCardEndTransaction(handle, DWORD(SCARD_LEAVE_CARD)) {
        case SCARD_S_SUCCESS, SCARD_E_NOT_TRANSACTED: wasReset ? .reset : .same
        case SCARD_W_RESET_CARD: .reset
        case SCARD_W_REMOVED_CARD, SCARD_E_NO_SMARTCARD: .removed
        case let code where ChannelError(pcsc: code) == .serviceUnavailable: .disconnected
        default: nil
        }
    }

    /// SCardEndTransaction outside of a transaction power-cycles the card and then returns that there was no
    /// transaction. During another program's transaction it is refused at once. If the card was exchanged, it returns
    /// that the card was removed.
    func cutPower(patience: Int) throws(ChannelError) {
        try connectionRequired()
        let deadline = Deadline(milliseconds: patience)
        var interval = PCSCCardChannel.pollIntervals.lowerBound
        while !wasReset {
            try daemon.requireAnswer()
            switch SCardEndTransaction(handle, DWORD(SCARD_UNPOWER_CARD)) {
            case SCARD_S_SUCCESS, SCARD_E_NOT_TRANSACTED:
                return takeNoteOfOwnReset()
            case SCARD_W_RESET_CARD:
                wasReset = true
            case SCARD_E_SHARING_VIOLATION where deadline.left > 0:
                deadline.pause(milliseconds: interval)
                interval = min(interval * 2, PCSCCardChannel.pollIntervals.upperBound)
            case let code:
                throw ChannelError(pcsc: code)
            }
        }
    }

    func disconnect() {
        guard isConnected else { return }
        isConnected = false
        daemon.giveBack { [handle] in SCardDisconnect(handle, DWORD(SCARD_LEAVE_CARD)) }
    }

    lazy var pinPad: (any PINPad)? = PCSCPINPad(handle: handle)

    private func reconnect(_ initialization: Int32) throws(ChannelError) {
        var activeProtocol: DWORD = 0
        func reconnect(_ initialization: Int32) throws(ChannelError) {
            try ChannelError.check(
                unsafe SCardReconnect(
                    handle, DWORD(SCARD_SHARE_SHARED), PCSCCardChannel.anyProtocol, DWORD(initialization),
                    &activeProtocol))
        }
        try reconnect(initialization)
        // A card that another program powered off is still without power.
        if !CardPower.isOn(handle) { try reconnect(SCARD_UNPOWER_CARD) }
        transportProtocol = activeProtocol == DWORD(SCARD_PROTOCOL_T0) ? .t0 : .t1
    }

    private func connectionRequired() throws(ChannelError) {
        guard isConnected else { throw .cardRemoved }
    }
}
