// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc
import HostCryptography
import ISO7816
import SmartCardBytes
import Synchronization

/// One insertion of a CPS card: connection, content, login. The card is first
/// touched when something is asked that only the card knows.
final class Token: Sendable {
    let readerName: String
    let model: CardModel
    private let readers: any ReaderService
    let objectFactory: ObjectFactory

    /// What is known of the card. The lock is held while commands are exchanged.
    struct CardState {
        var card: CPSCard?
        var identity: CardIdentity?
        var identityAttempts = 0
        var codes: CardCodes?
        var codesAttempts = 0
        /// The resets of the card that the login state already takes into account.
        var seenResets = 0
        var counters: CachedCounters?
    }

    let cardState = Mutex(CardState())
    let login = Mutex(LoginState.nobody)
    let objectList = Mutex(ObjectList())
    private let end = Atomic<End>(.notYet)

    /// Whether and how the token came to its end.
    private enum End: UInt8, AtomicRepresentable {
        case notYet
        /// The card is not in the reader any more; another one may be there already.
        case cardRemoved
        /// The library lets go of a card that stays.
        case cardReleased
    }

    let logout: Configuration.Logout
    private let store: (any CardFileStore)?

    init(
        readerName: String, model: CardModel, readers: any ReaderService, objectFactory: ObjectFactory,
        logout: Configuration.Logout, store: (any CardFileStore)?
    ) {
        self.logout = logout
        self.store = store
        self.readerName = readerName
        self.model = model
        self.readers = readers
        self.objectFactory = objectFactory
    }

    /// Marks the token as ended. A thread that is using the card closes the connection when
    /// it is done.
    /// - Parameter cardIsPresent: whether the library releases a card that stays in the
    ///   reader: then the card forgets presented PINs.
    func end(cardIsPresent: Bool) {
        end.store(cardIsPresent ? .cardReleased : .cardRemoved, ordering: .sequentiallyConsistent)
        login.withLock { $0 = .nobody }
        objectList.withLock { $0.forgetPrivateValues() }
        disconnectAtEnd()
    }

    /// Ends the connection if the token has ended and nobody is using the card.
    private func disconnectAtEnd() {
        let end = end.load(ordering: .sequentiallyConsistent)
        guard end != .notYet else { return }
        _ = cardState.withLockIfAvailable { state in
            disconnect(&state, forgettingCodes: end == .cardReleased)
        }
    }

    /// How long it is tried at exit to get hold of a card that another thread uses, in
    /// milliseconds.
    private static let patienceAtExit = 500

    /// The process ends: the card forgets the codes that it was shown. Another thread
    /// that is using the card ends its command, or goes with the process in the
    /// middle of a transaction: then pcscd resets the card.
    func releaseAtExit() {
        end.store(.cardReleased, ordering: .sequentiallyConsistent)
        let start = MonotonicTime.now
        while cardState.withLockIfAvailable({ disconnect(&$0) }) == nil,
            start.isWithin(milliseconds: Token.patienceAtExit)
        {
            usleep(1000)
        }
    }

    private func disconnect(_ state: inout CardState, forgettingCodes: Bool = true) {
        guard let card = state.card else { return }
        card.disconnect(forgettingCodes: forgettingCodes && logout == .reset)
        state.card = nil
        state.seenResets = 0
    }

    // MARK: The card

    /// Runs a function on the card, connected and not used by anyone else of this
    /// process.
    func withCardState<Result: Sendable>(
        _ body: (inout CardState, CPSCard) throws(CardError) -> Result
    ) throws(CardError) -> Result {
        // The token may end while the card is in use.
        defer { disconnectAtEnd() }
        return try cardState.withLock { (state) throws(CardError) in
            guard end.load(ordering: .sequentiallyConsistent) == .notYet else { throw .channel(.cardRemoved) }
            let card = try connectedCard(&state)
            do throws(CardError) {
                let result = try body(&state, card)
                noteResets(of: card, &state)
                return result
            } catch {
                noteResets(of: card, &state)
                if case .channel(let cause) = error, cause.endsConnection {
                    disconnect(&state)
                    loginIsLost(&state)
                }
                if error == .status(.securityStatusNotSatisfied) || error.refusesCode && loginState == .user {
                    // With a wrong PIN the card drops the right one that it had before.
                    // Should it have kept one all the same, nobody is to use it.
                    loginIsLost(&state)
                    if forgetsCodes(card) { try? card.forgetCodes() }
                }
                if error.mayComeFromDirectories, card.forgetWhatWasKept() {
                    // The next attempt reads from the card whose it is, and its codes.
                    state.identity = nil
                    state.codes = nil
                }
                throw error
            }
        }
    }

    /// Runs a function on the card.
    func withCard<Result: Sendable>(
        _ body: (CPSCard) throws(CardError) -> Result
    ) throws(CardError) -> Result {
        try withCardState { (_, card) throws(CardError) in try body(card) }
    }

    private func connectedCard(_ state: inout CardState) throws(CardError) -> CPSCard {
        if let card = state.card { return card }
        let card: CPSCard
        do throws(ChannelError) {
            card = CPSCard(model: model, channel: try readers.connect(to: readerName), store: store)
        } catch {
            throw .channel(error)
        }
        try recognize(card, state)
        state.card = card
        return card
    }

    /// A connection that was lost may lead to another card now: pcscd's count of
    /// insertions begins anew with each pcscd, and with each time that a reader is
    /// plugged in. What is known of a card, and a code typed for it, are for that card only.
    private func recognize(_ card: CPSCard, _ state: CardState) throws(CardError) {
        guard let identity = state.identity else { return }
        do throws(CardError) {
            if try card.isCard(of: identity) { return }
            end.store(.cardRemoved, ordering: .sequentiallyConsistent)
            throw .channel(.cardRemoved)
        } catch {
            card.disconnect()
            throw error
        }
    }

    /// Whether its card is known not to be in the reader any more.
    var hasDeparted: Bool { end.load(ordering: .sequentiallyConsistent) == .cardRemoved }

    private func noteResets(of card: CPSCard, _ state: inout CardState) {
        guard card.resetCount != state.seenResets else { return }
        state.seenResets = card.resetCount
        loginIsLost(&state)
    }

    private func loginIsLost(_ state: inout CardState) {
        state.counters = nil
        login.withLock { $0 = .nobody }
        objectList.withLock { $0.forgetPrivateValues() }
    }

    // MARK: Who the card is

    /// How often an identity with gaps is read again before the gaps are believed.
    private static let identityAttempts = 2

    /// Who the card is; read from it at the first call.
    func identity() throws(CardError) -> CardIdentity {
        try withCardState { (state, card) throws(CardError) in try self.identity(&state, card) }
    }

    func identity(_ state: inout CardState, _ card: CPSCard) throws(CardError) -> CardIdentity {
        if let known = state.identity, known.isComplete || state.identityAttempts >= Token.identityAttempts {
            return known
        }
        state.identityAttempts += 1
        let identity = try card.readIdentity()
        state.identity = identity
        return identity
    }

    /// The card's codes; read from it when one is used, or its counter wanted.
    func codes() throws(CardError) -> CardCodes {
        try withCardState { (state, card) throws(CardError) in try codes(&state, card) }
    }

    func codes(_ state: inout CardState, _ card: CPSCard) throws(CardError) -> CardCodes {
        if let known = state.codes, known.isComplete || state.codesAttempts >= Token.identityAttempts { return known }
        state.codesAttempts += 1
        let codes = try contents(&state, card) { (identity) throws(CardError) in try card.readCodes(of: identity) }
        state.codes = codes
        return codes
    }

    /// Reads directories. Gaps may come of what was kept of the card, a directory that
    /// leads nowhere: then all is read from the card.
    func contents<Contents: CardContents>(
        _ state: inout CardState, _ card: CPSCard, _ read: (CardIdentity) throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        let contents = try read(identity(&state, card))
        guard !contents.isComplete, card.forgetWhatWasKept() else { return contents }
        state.identity = nil
        return try read(identity(&state, card))
    }
}

extension ChannelError {
    /// Whether the connection cannot be used any more.
    var endsConnection: Bool {
        switch self {
        case .cardReset, .sharingViolation, .commandTooLong, .malformedResponse: false
        case .cardRemoved, .cardUnresponsive, .readerUnavailable, .serviceUnavailable, .noDescriptor, .other: true
        }
    }
}

extension CardError {
    /// Whether a code was presented and refused.
    fileprivate var refusesCode: Bool {
        switch self {
        case .wrongPIN, .pinBlocked: true
        default: false
        }
    }
}
