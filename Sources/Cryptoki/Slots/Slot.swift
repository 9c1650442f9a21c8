// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem
import ISO7816
import Synchronization

/// One reader. Its number stays the same until C_Finalize, also if the reader is disconnected and connected again.
final class Slot: Sendable {
    let id: CK_SLOT_ID
    /// Empty for a slot that the first reader will take.
    let readerName: String

    /// Whether pcscd has not reported its reader yet.
    var awaitsReader: Bool { readerName.isEmpty }

    private struct State {
        var reader = ReaderState(presence: .noReader, eventCount: 0)
        var occupant: Occupant = .nothing
        var lastLook: MonotonicTime?
        /// The number of the look that this state comes from.
        var lookNumber: UInt = 0
        /// Whether C_WaitForSlotEvent must still report a change.
        var hasPendingEvent = false
    }

    /// What is in the reader.
    enum Occupant: Sendable {
        case nothing
        /// A card that does not answer, or that is no CPS card: no token. The second slot of a French reader usually
        /// holds a patient's Vitale card.
        case foreignCard
        case token(Token)

        /// Whether this is a card that is known to be removed.
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

    /// How long a look at the reader stays valid in functions that clients call hundreds of times, in milliseconds.
    private static let freshness = 50

    /// Looks at the reader, unless the last look was just now and `always` is false. Nothing is sent to the card.
    func look(always: Bool) {
        if awaitsReader { return }
        if !always, state.withLock({ $0.lastLook?.isWithin(milliseconds: Slot.freshness) ?? false }) { return }
        let number = Slot.numberForLook()
        var seen = ReaderState(presence: .noReader, eventCount: 0)
        do throws(ChannelError) {
            seen = try readers.states(of: [readerName]).first ?? seen
        } catch .serviceSilent {
            // Nothing is known, so the last state stays.
            return
        } catch {}
        note(seen, ofLook: number)
        closeForOthers()
    }

    /// Resets a card that an ended program left open, if this process is connected to it.
    func closeForOthers() {
        if case .token(let token) = occupant { token.closeForOthers() }
    }

    private static let looks = Atomic<UInt>(1)

    /// A number for a look that starts now.
    static func numberForLook() -> UInt { looks.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

    /// Notes what is in the reader now. A card that was removed and inserted again is another token.
    /// - Parameter number: the number of the look, taken before pcscd was asked. If two threads look at the same
    ///   time, the later look wins, in whichever order they are noted.
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
            // A foreign card does not change the slot's flags.
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

    /// The reader's state at the last look.
    var readerState: ReaderState { state.withLock { $0.reader } }

    var isTokenPresent: Bool { occupant.isToken }

    /// The token in the reader.
    /// - Throws: `.tokenNotPresent` or `.tokenNotRecognized`.
    func token() throws(CryptokiError) -> Token {
        switch occupant {
        case .nothing: throw .tokenNotPresent
        case .foreignCard: throw .tokenNotRecognized
        case .token(let token): return token
        }
    }

    /// Whether this token is in the reader.
    func holds(_ token: Token) -> Bool {
        if case .token(let current) = occupant { return current === token && !token.hasDeparted }
        return false
    }

    /// Returns true once after a token or the reader has appeared or disappeared.
    func takePendingEvent() -> Bool {
        state.withLock { state in
            defer { state.hasPendingEvent = false }
            return state.hasPendingEvent
        }
    }

    /// Disconnects the card. A card that was just removed must not be reset: pcscd would take the reader for mute.
    func close() {
        look(always: true)
        if case .token(let token) = occupant { token.end(cardIsPresent: true) }
        note(ReaderState(presence: .noReader, eventCount: 0), ofLook: Slot.numberForLook())
    }

    /// Called when the process exits without C_Finalize.
    func releaseCardAtExit() {
        if case .token(let token)? = state.withLockIfAvailable({ $0.occupant }) { token.releaseAtExit() }
    }
}

extension ReaderState {
    /// Whether this is the same insertion as in an earlier state: a card is in the reader and none was inserted. Some
    /// cards have another answer to a warm reset than to power-up.
    fileprivate func isSameInsertion(as earlier: ReaderState) -> Bool {
        guard case .card(let atr) = presence, case .card(let earlierATR) = earlier.presence,
            eventCount == earlier.eventCount
        else { return false }
        return CardModel(atr: atr) == nil || CardModel(atr: atr) == CardModel(atr: earlierATR)
    }
}
