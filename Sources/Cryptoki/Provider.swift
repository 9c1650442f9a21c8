// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import ISO7816
import Synchronization

/// An initialised library: its slots and sessions, and what callers do with them. Any thread may call any function.
/// The C functions of CPSPKCS11 check arguments, call one function here, and return its error's return code.
public final class Provider: Sendable {
    let slots: SlotList
    let sessions = SessionTable()
    private let readers: any ReaderService
    private let isFinalized = Atomic<Bool>(false)

    /// Makes a provider. No reader or card is used yet.
    /// - Parameters:
    ///   - readers: the readers of this machine.
    ///   - configuration: what the program or the administrator chose.
    ///   - store: the cache of card files; nil to read everything from the cards.
    ///   - register: where logins are registered; nil for nowhere.
    public init(
        readers: any ReaderService, configuration: Configuration = Configuration(), store: (any CardFileStore)? = nil,
        register: (any LoginRegistering)? = nil
    ) {
        self.readers = readers
        slots = SlotList(readers: readers, configuration: configuration, store: store, register: register)
    }

    /// C_Finalize: ends waits and sessions, and disconnects the cards.
    public func finalize() {
        isFinalized.store(true, ordering: .releasing)
        readers.cancelWaits()
        sessions.closeAll { _ in true }
        for slot in slots.all { slot.close() }
        readers.close()
    }

    /// Called when the process exits without C_Finalize: the cards forget the presented PINs. Another thread may be
    /// in the library, and this thread may have been interrupted there. So no lock is waited for without a limit.
    public func releaseCardsAtExit() { slots.releaseCardsAtExit() }

    /// Whether C_Finalize was called.
    var hasEnded: Bool { isFinalized.load(ordering: .acquiring) }

    /// Waits on the caller's thread until a reader changes, at most this long.
    func waitForChange(milliseconds: Int) {
        let known = slots.all.map { (reader: $0.readerName, state: $0.readerState) }
            .filter { $0.state.presence != .noReader }
        try? readers.waitForChange(from: known, milliseconds: milliseconds)
    }

    /// The slot with this number.
    /// - Throws: `.slotIDInvalid`.
    func slot(_ id: CK_SLOT_ID) throws(CryptokiError) -> Slot {
        if let slot = slots[id] { return slot }  // checked: absent ones are nil
        // The caller may have the number from before C_Initialize.
        slots.refresh()
        guard let slot = slots[id] else { throw .slotIDInvalid }  // checked: absent ones are nil
        return slot
    }

    /// The session with this handle, if its card is still in the reader.
    /// - Throws: `.sessionHandleInvalid`.
    func session(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) -> Session {
        guard let session = sessions[handle] else { throw .sessionHandleInvalid }  // checked: absent ones are nil
        session.slot.look(always: false)
        guard session.slot.holds(session.token) else {
            sessions.close(handle)
            throw .sessionHandleInvalid
        }
        return session
    }

    /// Runs a function on a session's token.
    func withToken<Result>(
        _ session: Session, _ body: (Token) throws(CardError) -> Result
    ) throws(CryptokiError) -> Result {
        do throws(CardError) {
            return try body(session.token)
        } catch {
            throw CryptokiError(error)
        }
    }
}
