// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem
import ISO7816

/// The slots: one for each reader that was ever seen while the library was
/// initialised. The list only grows.
///
/// While pcscd has not told its readers yet because it does not answer, there is one slot
/// without a reader, which the first reader takes. NSS asks for the slots once, and looks
/// at those again: with none, a browser that was started beside a stopped pcscd would
/// know no card until it is started again.
final class SlotList: Sendable {
    private struct State {
        var slots: [Slot] = []
        /// What the last count-only query of C_GetSlotList said, by tokenPresent.
        var announced: [Bool: [CK_SLOT_ID]] = [:]
        /// Whether the readers were looked at before: what is found at the first
        /// look is no event.
        var wasRefreshed = false
    }

    private let state = Lock(State())
    private let readers: any ReaderService
    private let objectFactory: ObjectFactory
    private let logout: LogoutRule
    private let register: (any LoginRegistering)?
    private let store: (any CardFileStore)?

    init(
        readers: any ReaderService, configuration: Configuration, store: (any CardFileStore)?,
        register: (any LoginRegistering)?
    ) {
        self.register = register
        self.readers = readers
        self.store = store
        objectFactory = ObjectFactory(view: configuration.view)
        logout = configuration.logout
    }

    subscript(id: CK_SLOT_ID) -> Slot? {
        if let slot = slot(id), slot.awaitsReader { refresh() }
        return slot(id)
    }

    private func slot(_ id: CK_SLOT_ID) -> Slot? {
        // checked: compared with the count
        state.withLock { state in id < UInt(state.slots.count) ? state.slots[Int(id)] : nil }
    }

    var all: [Slot] { state.withLock { $0.slots } }

    /// The process ends without C_Finalize.
    func releaseCardsAtExit() {
        for slot in state.withLockIfAvailable({ $0.slots }) ?? [] { slot.releaseCardAtExit() }
    }

    /// Adds readers that have appeared and looks into all of them. Without pcscd
    /// all readers count as unplugged; while it does not answer, what was seen last counts.
    func refresh() {
        let number = Slot.numberForLook()
        guard let names = seen({ () throws(ChannelError) in try readers.readerNames() }) else {
            state.withLock { if $0.slots.isEmpty { $0.slots.append(newSlot(0, reader: "")) } }
            return
        }
        let (slots, isFirst) = state.withLock { state -> ([Slot], Bool) in
            // To a program that was shown a slot without a reader, the reader is news.
            defer { state.wasRefreshed = true }
            let isFirst = !state.wasRefreshed && state.slots.isEmpty
            for name in names where !state.slots.contains(where: { $0.readerName == name }) {
                if state.slots.first?.awaitsReader == true { state.slots.removeAll() }
                state.slots.append(newSlot(CK_SLOT_ID(state.slots.count), reader: name))
            }
            return (state.slots, isFirst)
        }
        let present = Set(names)
        let known = slots.filter { present.contains($0.readerName) }
        guard let states = seen({ () throws(ChannelError) in try readers.states(of: known.map(\.readerName)) }) else {
            return
        }
        for slot in slots where !present.contains(slot.readerName) {
            slot.note(ReaderState(presence: .noReader, eventCount: 0), ofLook: number)
        }
        for (slot, state) in zip(known, states) { slot.note(state, ofLook: number) }
        for slot in known { slot.closeForOthers() }
        if isFirst { for slot in slots { _ = slot.takePendingEvent() } }
    }

    private func newSlot(_ id: CK_SLOT_ID, reader: String) -> Slot {
        Slot(
            id: id, readerName: reader, readers: readers, objectFactory: objectFactory, logout: logout,
            register: register, store: store)
    }

    /// What a look at the readers shows: nothing without a pcscd, nil while it does not answer.
    private func seen<Item>(_ look: () throws(ChannelError) -> [Item]) -> [Item]? {
        do throws(ChannelError) {
            return try look()
        } catch {
            return error == .serviceSilent ? nil : []
        }
    }

    /// The slots, or those with a token in them.
    func ids(tokenPresent: Bool) -> [CK_SLOT_ID] {
        refresh()
        return all.filter { !tokenPresent || $0.isTokenPresent }.map(\.id)
    }

    /// The answer to a query for the number of slots; remembered, so that a card
    /// put in before the query for the list does not make the caller's buffer too
    /// small (cards.md §11 defect 9).
    func announce(tokenPresent: Bool) -> Int {
        let ids = ids(tokenPresent: tokenPresent)
        state.withLock { $0.announced[tokenPresent] = ids }  // checked: a dictionary
        return ids.count
    }

    /// The slots for a buffer of this many elements.
    /// - Throws: `.bufferTooSmall` when neither the list of now nor the one that
    ///   was announced fits.
    func list(tokenPresent: Bool, capacity: Int) throws(CryptokiError) -> [CK_SLOT_ID] {
        let ids = ids(tokenPresent: tokenPresent)
        if ids.count <= capacity { return ids }
        // checked: a dictionary
        if let announced = state.withLock({ $0.announced[tokenPresent] }), announced.count == capacity {
            return announced
        }
        throw .bufferTooSmall(needed: ids.count)
    }
}
