// SPDX-License-Identifier: Apache-2.0

import CPCSC
import Glibc
import ISO7816

/// One connection to pcscd. pcsc-lite processes the calls on a context one after the other, so waits and cards each
/// have their own context.
struct PCSCContext: ~Copyable {
    let handle: SCARDCONTEXT
    private let daemon: DaemonConnection

    /// - Throws: `ChannelError.serviceUnavailable` if pcscd does not run, `.accessRefused` if it refuses this user,
    ///   `.noDescriptor` if this process has no free file descriptor.
    init(_ daemon: DaemonConnection) throws(ChannelError) {
        self.daemon = daemon
        var handle: SCARDCONTEXT = 0
        let code = unsafe SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle)
        guard code == SCARD_S_SUCCESS else {
            if code == SCARD_W_SECURITY_VIOLATION { throw .accessRefused }
            // pcsc-lite has one return code for all other reasons.
            throw PCSCContext.canOpenSocket ? .serviceUnavailable : .noDescriptor
        }
        self.handle = handle
    }

    /// Whether this process has a free file descriptor for a connection.
    private static var canOpenSocket: Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)  // checked: constants
        guard descriptor >= 0 else { return errno != EMFILE && errno != ENFILE }
        close(descriptor)
        return true
    }

    deinit { daemon.giveBack { [handle] in SCardReleaseContext(handle) } }

    /// The names of the readers, in pcscd's order.
    func readerNames() throws(ChannelError) -> [String] {
        // If the list grows between the two calls, both are repeated.
        for _ in 0..<3 {
            var length: DWORD = 0
            let sizeCode = unsafe SCardListReaders(handle, nil, nil, &length)
            if sizeCode == SCARD_E_NO_READERS_AVAILABLE { return [] }
            try ChannelError.check(sizeCode)
            guard length > 0, length <= 65_536 else { return [] }
            var names = [CChar](repeating: 0, count: Int(length))
            let code = unsafe SCardListReaders(handle, nil, &names, &length)
            if code == SCARD_E_INSUFFICIENT_BUFFER { continue }
            if code == SCARD_E_NO_READERS_AVAILABLE { return [] }
            try ChannelError.check(code)
            let bytes = names.prefix(Int(clamping: length)).map { UInt8(bitPattern: $0) }
            return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
        throw .readerUnavailable
    }

    /// Whether any program is connected to the card in a reader.
    func isInUse(_ reader: String) throws(ChannelError) -> Bool {
        var states = unsafe [SCARD_READERSTATE()]
        let code = unsafe reader.withCString { name in
            unsafe states[0].szReader = unsafe name  // checked: one state
            return unsafe SCardGetStatusChange(handle, 0, &states, 1)
        }
        if code != SCARD_E_TIMEOUT { try ChannelError.check(code) }
        return unsafe states[0].dwEventState & DWORD(SCARD_STATE_INUSE) != 0  // checked: one state
    }

    /// What is in these readers, in the same order.
    func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        try statusChange(of: readers.map { ($0, 0) }, milliseconds: 0) ?? []
    }

    /// Waits until the state of one of the readers differs from the known one.
    /// - Parameters:
    ///   - known: reader names with their last event words; 0 returns at once.
    ///   - milliseconds: the longest wait; 0 for the current state.
    /// - Returns: the states after the wait; nil if nothing changed in time.
    func statusChange(
        of known: [(name: String, event: DWORD)], milliseconds: Int
    ) throws(ChannelError) -> [ReaderState]? {
        let (code, states) = unsafe statusChangeWords(of: known, milliseconds: milliseconds)
        let hasEnded = code == SCARD_E_TIMEOUT || code == SCARD_E_CANCELLED
        if hasEnded && milliseconds > 0 { return nil }
        if !hasEnded { try ChannelError.check(code) }
        return unsafe states.map { unsafe ReaderState($0) }
    }

    /// Waits until the state of one of the readers differs from the known one, or a reader is added or removed.
    /// - Parameters:
    ///   - known: reader names with their last event words.
    ///   - readerEvents: pcscd's count of added and removed readers, if known, else 0. pcsc-lite compares and returns
    ///     it since version 2.3.
    ///   - milliseconds: the longest wait.
    /// - Returns: whether something changed in time.
    func waitForChange(
        of known: [(name: String, event: DWORD)], readerEvents: inout UInt32, milliseconds: Int
    ) throws(ChannelError) -> Bool {
        // The pseudo-reader with which pcsc-lite reports added and removed readers.
        let plugAndPlay = (name: "\\\\?PnP?\\Notification", event: DWORD(readerEvents) << 16)
        let (code, states) = unsafe statusChangeWords(of: known + [plugAndPlay], milliseconds: milliseconds)
        if let word = unsafe states.last?.dwEventState {
            readerEvents = UInt32(truncatingIfNeeded: word >> 16) & 0xFFFF
        }
        if code == SCARD_E_TIMEOUT || code == SCARD_E_CANCELLED { return false }
        try ChannelError.check(code)
        return true
    }

    /// One SCardGetStatusChange: its return code and the resulting states.
    private func statusChangeWords(
        of known: [(name: String, event: DWORD)], milliseconds: Int
    ) -> (code: LONG, states: [SCARD_READERSTATE]) {
        // The names, one after the other. pcsc-lite only reads them during the call.
        let names = known.map { Array($0.name.utf8CString) }
        var states = unsafe [SCARD_READERSTATE](repeating: SCARD_READERSTATE(), count: known.count)
        let code = unsafe names.flatMap { $0 }.withUnsafeBufferPointer { buffer in
            var offset = 0
            for index in known.indices {
                // checked: as many states and names as readers
                unsafe states[index].szReader = buffer.baseAddress.map { unsafe $0 + offset }
                // checked: as many states and names as readers
                unsafe states[index].dwCurrentState = known[index].event
                offset += names[index].count  // checked: as many states and names as readers
            }
            return unsafe SCardGetStatusChange(handle, DWORD(max(milliseconds, 0)), &states, DWORD(known.count))
        }
        return unsafe (code, states)
    }
}

extension ReaderState {
    /// A reader's state from pcsc-lite: flags in the lower half, the count of insertions and removals in the upper
    /// half.
    init(_ state: SCARD_READERSTATE) {
        let event = unsafe state.dwEventState
        let has = { (flag: Int32) in event & DWORD(flag) != 0 }
        let presence: Presence
        if has(SCARD_STATE_UNKNOWN) || has(SCARD_STATE_UNAVAILABLE) || has(SCARD_STATE_IGNORE) {
            presence = .noReader
        } else if !has(SCARD_STATE_PRESENT) {
            presence = .noCard
        } else {
            let length = unsafe Int(min(state.cbAtr, DWORD(MAX_ATR_SIZE)))
            let atr = unsafe withUnsafeBytes(of: state.rgbAtr) { bytes in unsafe Array(bytes.prefix(length)) }
            presence = has(SCARD_STATE_MUTE) || atr.isEmpty ? .muteCard : .card(atr: atr)
        }
        self.init(presence: presence, eventCount: UInt32(truncatingIfNeeded: event >> 16))
    }

    /// The event word for which pcscd reports any change from this state.
    var eventWord: DWORD {
        let flags: Int32 =
            switch presence {
            case .noReader: SCARD_STATE_UNAVAILABLE
            case .noCard: SCARD_STATE_EMPTY
            case .muteCard: SCARD_STATE_PRESENT | SCARD_STATE_MUTE
            case .card: SCARD_STATE_PRESENT
            }
        return DWORD(flags) | DWORD(eventCount) << 16
    }
}
