// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem
import ISO7816
import Synchronization

/// One reader. Its number stays the same while the library is initialised, also
/// when the reader is unplugged and plugged in again.
final class Slot: Sendable {
    let id: CK_SLOT_ID
    /// Empty for one that the first reader will take.
    let readerName: String

    /// Whether pcscd has told no reader for it yet.
    var awaitsReader: Bool { readerName.isEmpty }

    private struct State {
        var reader = ReaderState(presence: .noReader, eventCount: 0)
        var occupant: Occupant = .nothing
        var lastLook: MonotonicTime?
        /// When the look began whose result this is.
        var lookNumber: UInt = 0
        /// Whether C_WaitForSlotEvent has still to tell of a change.
        var hasPendingEvent = false
    }

    /// What is in the reader.
    enum Occupant: Sendable {
        case nothing
        /// A card that does not answer, or one that is no CPS card: no token. The other
        /// slot of a French reader usually holds a patient's Vitale card.
        case foreignCard
        case token(Token)

        /// Whether it is a card that is known to be in the reader no more.
        var hasDeparted: Bool {
            if case .token(let token) = self { token.hasDeparted } else { false }
        }

        var isToken: Bool { if case .token = self { true } else { false } }
    }

    private let state = Lock(State())
    private let readers: any ReaderService
    private let objectFactory: ObjectFactory
    private let logout: LogoutRule
    private let register: (any LoginRegistering)?
    private let store: (any CardFileStore)?

    init(
        id: CK_SLOT_ID, readerName: String, readers: any ReaderService, objectFactory: ObjectFactory,
        logout: LogoutRule, register: (any LoginRegistering)?, store: (any CardFileStore)?
    ) {
        self.logout = logout
        self.register = register
        self.store = store
        self.id = id
        self.readerName = readerName
        self.readers = readers
        self.objectFactory = objectFactory
    }

    /// How long what was seen in the reader counts as still true in functions
    /// that clients call by the hundred. In milliseconds.
    private static let freshness = 50

    /// Looks into the reader, unless that was done just now. Nothing is sent to the card.
    func look(always: Bool) {
        if awaitsReader { return }
        if !always, state.withLock({ $0.lastLook?.isWithin(milliseconds: Slot.freshness) ?? false }) { return }
        let number = Slot.numberForLook()
        var seen = ReaderState(presence: .noReader, eventCount: 0)
        do throws(ChannelError) {
            seen = try readers.states(of: [readerName]).first ?? seen
        } catch .serviceSilent {
            // Nothing is known: what was seen last counts.
            return
        } catch {}
        note(seen, ofLook: number)
        closeForOthers()
    }

    /// Resets a card that a program left open which has ended, and that this process is connected to.
    func closeForOthers() {
        if case .token(let token) = occupant { token.closeForOthers() }
    }

    private static let looks = Atomic<UInt>(1)

    /// A number for a look that begins now.
    static func numberForLook() -> UInt { looks.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

    /// Takes note of what is in the reader now. A card that was pulled out and put
    /// back is another insertion, and so another token.
    /// - Parameter number: that of the look, taken before pcscd was asked: of two
    ///   threads' looks the later one counts, whichever is noted first.
    func note(_ seen: ReaderState, ofLook number: UInt) {
        let departed = state.withLock { state -> Token? in
            guard number >= state.lookNumber else { return nil }
            state.lookNumber = number
            state.lastLook = MonotonicTime.now
            let previous = state.occupant
            guard seen != state.reader || previous.hasDeparted else { return nil }
            if case .token(let token) = previous, !token.hasDeparted, seen.isSameInsertion(as: state.reader) {
                state.reader = seen
                token.noteOtherAnswerToReset()
                return nil
            }
            let readerCameOrWent = (seen.presence == .noReader) != (state.reader.presence == .noReader)
            state.reader = seen
            state.occupant = occupant(for: seen)
            // A foreign card that comes or goes changes nothing that a slot shows.
            if previous.isToken || state.occupant.isToken || readerCameOrWent { state.hasPendingEvent = true }
            guard case .token(let token) = previous else { return nil }
            return token
        }
        departed?.end(cardIsPresent: false)
    }

    private func occupant(for state: ReaderState) -> Occupant {
        switch state.presence {
        case .noReader, .noCard: return .nothing
        case .muteCard: return .foreignCard
        case .card(let atr):
            guard let model = CardModel(atr: atr) else { return .foreignCard }
            return .token(
                Token(
                    model: model, readers: readers, objectFactory: objectFactory,
                    rules: LoginRules(
                        logout: logout, register: register, reader: readerName, eventCount: state.eventCount),
                    store: store))
        }
    }

    var occupant: Occupant { state.withLock { $0.occupant } }

    /// What is in the reader as last seen.
    var readerState: ReaderState { state.withLock { $0.reader } }

    var isTokenPresent: Bool { occupant.isToken }

    /// The token, when there is one that can be used.
    /// - Throws: `.tokenNotPresent` or `.tokenNotRecognized`.
    func token() throws(CryptokiError) -> Token {
        switch occupant {
        case .nothing: throw .tokenNotPresent
        case .foreignCard: throw .tokenNotRecognized
        case .token(let token): return token
        }
    }

    /// Whether this token is the one in the reader.
    func holds(_ token: Token) -> Bool {
        if case .token(let current) = occupant { return current === token && !token.hasDeparted }
        return false
    }

    /// Reports once that a token or the reader itself came or went since the last call.
    func takePendingEvent() -> Bool {
        state.withLock { state in
            defer { state.hasPendingEvent = false }
            return state.hasPendingEvent
        }
    }

    /// Lets go of the card. One that was pulled out just now must not be reset any
    /// more: pcscd would take the reader for mute.
    func close() {
        look(always: true)
        if case .token(let token) = occupant { token.end(cardIsPresent: true) }
        note(ReaderState(presence: .noReader, eventCount: 0), ofLook: Slot.numberForLook())
    }

    /// The process ends without C_Finalize.
    func releaseCardAtExit() {
        if case .token(let token)? = state.withLockIfAvailable({ $0.occupant }) { token.releaseAtExit() }
    }
}

extension ReaderState {
    /// Whether this shows the card of an earlier state, which answers to a warm reset in
    /// another way than to its power-up: a card is in the reader, and none was put in.
    fileprivate func isSameInsertion(as earlier: ReaderState) -> Bool {
        guard case .card(let atr) = presence, case .card(let earlierATR) = earlier.presence,
            eventCount == earlier.eventCount
        else { return false }
        return CardModel(atr: atr) == nil || CardModel(atr: atr) == CardModel(atr: earlierATR)
    }
}
