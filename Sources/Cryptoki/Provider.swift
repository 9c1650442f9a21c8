// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import ISO7816
import Synchronization

/// An initialised library: the slots, the sessions, and what callers do with
/// them. Every function may be called from any thread. The C functions of
/// CPSPKCS11 check arguments, call one function here, and return its error's code.
public final class Provider: Sendable {
    let slots: SlotList
    let sessions = SessionTable()
    private let readers: any ReaderService
    private let isFinalized = Atomic<Bool>(false)

    /// Nothing is read yet: no reader is looked into, no card touched.
    /// - Parameter store: where files of cards are kept between insertions; nil to
    ///   read everything from the cards.
    /// - Parameter register: where logins are registered; nil for nowhere.
    public init(
        readers: any ReaderService, configuration: Configuration = Configuration(), store: (any CardFileStore)? = nil,
        register: (any LoginRegistering)? = nil
    ) {
        self.readers = readers
        slots = SlotList(readers: readers, configuration: configuration, store: store, register: register)
    }

    /// C_Finalize: ends waits and sessions, and lets go of the cards.
    public func finalize() {
        isFinalized.store(true, ordering: .releasing)
        readers.cancelWaits()
        sessions.closeAll { _ in true }
        for slot in slots.all { slot.close() }
        readers.close()
    }

    /// The process ends without C_Finalize: the cards forget the codes that were
    /// presented. Other threads may be anywhere in the library, and so may this one,
    /// if it was interrupted there: no lock is waited for that could be its own.
    public func releaseCardsAtExit() { slots.releaseCardsAtExit() }

    /// Whether C_Finalize was called.
    var hasEnded: Bool { isFinalized.load(ordering: .acquiring) }

    /// Waits a while on the caller's thread until something changes in a reader.
    func waitForChange(milliseconds: Int) {
        let known = slots.all.map { (reader: $0.readerName, state: $0.readerState) }
            .filter { $0.state.presence != .noReader }
        try? readers.waitForChange(from: known, milliseconds: milliseconds)
    }

    /// The slot of this number.
    func slot(_ id: CK_SLOT_ID) throws(CryptokiError) -> Slot {
        if let slot = slots[id] { return slot }  // checked: absent ones are nil
        // A caller may know the number from before C_Initialize.
        slots.refresh()
        guard let slot = slots[id] else { throw .slotIDInvalid }  // checked: absent ones are nil
        return slot
    }

    /// The session of this handle, if the card that it was opened on is still there.
    func session(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) -> Session {
        guard let session = sessions[handle] else { throw .sessionHandleInvalid }  // checked: absent ones are nil
        session.slot.look(always: false)
        guard session.slot.holds(session.token) else {
            sessions.close(handle)
            throw .sessionHandleInvalid
        }
        return session
    }

    /// Runs a function with a card for a session.
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
