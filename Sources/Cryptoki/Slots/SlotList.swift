// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem
import ISO7816

/// The slots: one for each reader seen since C_Initialize. The list only grows.
///
/// While pcscd does not answer and has not reported its readers yet, there is one slot without a reader, which the
/// first reader takes. NSS asks for the slots once and then only checks those: without this slot, a browser started
/// while pcscd is stopped would find no card until it is restarted.
final class SlotList: Sendable {
    private struct State {
        var slots: [Slot] = []
        /// The last answer to C_GetSlotList without a buffer, by `tokenPresent`.
        var announced: [Bool: [CK_SLOT_ID]] = [:]
        /// Whether the readers were looked at before. What the first look finds is no event.
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

    /// Called when the process exits without C_Finalize.
    func releaseCardsAtExit() {
        for slot in state.withLockIfAvailable({ $0.slots }) ?? [] { slot.releaseCardAtExit() }
    }

    /// Adds new readers and looks at all of them. Without pcscd all readers count as disconnected; while it does not
    /// answer, their last state stays.
    func refresh() {
        let number = Slot.numberForLook()
        guard let names = seen({ () throws(ChannelError) in try readers.readerNames() }) else {
            state.withLock { if $0.slots.isEmpty { $0.slots.append(newSlot(0, reader: "")) } }
            return
        }
        let (slots, isFirst) = state.withLock { state -> ([Slot], Bool) in
            // For a program that has seen the slot without a reader, the reader is an event.
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

    /// The result of a look at the readers: empty without pcscd, nil while it does not answer.
    private func seen<Item>(_ look: () throws(ChannelError) -> [Item]) -> [Item]? {
        do throws(ChannelError) {
            return try look()
        } catch {
            return error == .serviceSilent ? nil : []
        }
    }

    /// The slots, or those with a token.
    func ids(tokenPresent: Bool) -> [CK_SLOT_ID] {
        refresh()
        return all.filter { !tokenPresent || $0.isTokenPresent }.map(\.id)
    }

    /// Returns the number of slots and remembers the list. So a card inserted before the caller asks for the list
    /// does not make its buffer too small (cards.md §11 defect 9).
    func announce(tokenPresent: Bool) -> Int {
        let ids = ids(tokenPresent: tokenPresent)
        state.withLock { $0.announced[tokenPresent] = ids }  // checked: a dictionary
        return ids.count
    }

    /// The slots for a buffer of this many elements.
    /// - Throws: `.bufferTooSmall` if neither the current list nor the announced one fits.
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
