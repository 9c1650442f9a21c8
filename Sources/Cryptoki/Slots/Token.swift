import CPKCS11
import CPSCard
import HostCryptography
import ISO7816
import SmartCardBytes
import Synchronization

/// One insertion of a CPS card: connection, content, login. The card is first
/// touched when something is asked that only the card knows.
final class Token: Sendable {
    let slotID: CK_SLOT_ID
    let readerName: String
    let model: CardModel
    private let readers: any ReaderService
    private let objectFactory: ObjectFactory

    /// What is known of the card. The lock is held while commands are exchanged.
    private struct CardState {
        var card: CPSCard?
        var identity: CardIdentity?
        var identityAttempts = 0
        /// The resets of the card that the login state already takes into account.
        var seenResets = 0
        var counters: CachedCounters?
    }

    /// The counters of the user's PIN and of the unblocking code.
    struct TryCounters: Sendable {
        var user: TryCounter?
        var unblocking: TryCounter?
    }

    private struct CachedCounters {
        var counters: TryCounters
        var readAt: MonotonicTime
    }

    private let cardState = Mutex(CardState())
    private let login = Mutex(LoginState.nobody)
    private let objectList = Mutex(ObjectList())
    private let end = Atomic<End>(.notYet)

    /// Whether and how the token came to its end.
    private enum End: UInt8, AtomicRepresentable {
        case notYet
        /// The card is not in the reader any more; another one may be there already.
        case cardRemoved
        /// The library lets go of a card that stays.
        case cardReleased
    }

    init(slotID: CK_SLOT_ID, readerName: String, model: CardModel, readers: any ReaderService, objectFactory: ObjectFactory) {
        self.slotID = slotID
        self.readerName = readerName
        self.model = model
        self.readers = readers
        self.objectFactory = objectFactory
    }

    /// The token is of no use any more. Whoever is using the card right now ends the
    /// connection when that is over.
    /// - Parameter cardIsPresent: whether the library lets go of a card that stays:
    ///   then the card forgets the codes that it was shown.
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
            Token.disconnect(&state, forgettingCodes: end == .cardReleased)
        }
    }

    private static func disconnect(_ state: inout CardState, forgettingCodes: Bool = true) {
        guard let card = state.card else { return }
        card.disconnect(forgettingCodes: forgettingCodes)
        state.card = nil
        state.seenResets = 0
    }

    // MARK: The card

    /// Runs a function on the card, connected and not used by anyone else of this
    /// process.
    private func withCardState<Result: Sendable>(
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
                    Token.disconnect(&state)
                    loginIsLost(&state)
                }
                if error == .status(.securityStatusNotSatisfied) { loginIsLost(&state) }
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
        do throws(ChannelError) {
            let card = CPSCard(model: model, channel: try readers.connect(to: readerName))
            state.card = card
            return card
        } catch {
            throw .channel(error)
        }
    }

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

    private func identity(_ state: inout CardState, _ card: CPSCard) throws(CardError) -> CardIdentity {
        if let known = state.identity, known.isComplete || state.identityAttempts >= Token.identityAttempts {
            return known
        }
        state.identityAttempts += 1
        let identity = try card.readIdentity()
        state.identity = identity
        return identity
    }

    /// The objects that were read so far.
    var knownObjects: ObjectList { objectList.withLock { $0 } }

    /// The objects on the card, those of these groups read from it at the first call.
    func objects(_ groups: ObjectGroups) throws(CardError) -> ObjectList {
        let known = knownObjects
        if hasAll(groups, in: known) { return known }
        return try withCardState { (state, card) throws(CardError) in
            var list = knownObjects
            if hasAll(groups, in: list) { return list }
            let identity = try self.identity(&state, card)
            if groups.contains(.keys), list.keys == nil {
                let contents = try card.readKeysAndCertificates(of: identity)
                list.add(objectFactory.objects(for: contents, of: identity, model: model))
            }
            if groups.contains(.data), list.data == nil {
                list.add(objectFactory.objects(for: try card.readDataObjects(of: identity), of: identity))
            }
            objectList.withLock { [list] in $0 = list }
            return list
        }
    }

    private func hasAll(_ groups: ObjectGroups, in list: ObjectList) -> Bool {
        (!groups.contains(.keys) || list.keys != nil) && (!groups.contains(.data) || list.data != nil)
    }

    // MARK: Counters

    /// How long a counter counts as still true: clients poll C_GetTokenInfo, and a
    /// neighbour's wrong PIN is to show all the same. In milliseconds.
    private static let counterFreshness = 3000

    /// The counters of both codes; nil where the card has none or does not tell.
    func tryCounters() throws(CardError) -> TryCounters {
        try withCardState { (state, card) throws(CardError) in
            if let known = state.counters, known.readAt.isWithin(milliseconds: Token.counterFreshness) {
                return known.counters
            }
            let identity = try self.identity(&state, card)
            let pins = [identity.userPIN, identity.unblockingPIN]
            // While a code is presented a CPS4 does not tell: all tries are left then.
            var read = try card.tryCounters(of: pins.compactMap { $0 }).map { counter in
                counter.map { TryCounter(left: $0.left ?? $0.maximum, maximum: $0.maximum) }
            }
            var counters = TryCounters()
            if pins[0] != nil, !read.isEmpty { counters.user = read.removeFirst() }
            if pins[1] != nil, !read.isEmpty { counters.unblocking = read.removeFirst() }
            state.counters = CachedCounters(counters: counters, readAt: MonotonicTime.now)
            return counters
        }
    }

    // MARK: Codes

    var loginState: LoginState { login.withLock { $0 } }

    /// Whether the reader has a keypad for the code.
    func hasPINPad() throws(CardError) -> Bool { try withCard { (card) throws(CardError) in card.hasPINPad } }

    /// Presents a code and logs in.
    func logIn(_ type: UserType, with code: borrowing SecretBytes) throws(CardError) {
        try withCode { (card, identity, state) throws(CardError) in
            try card.present(code, as: Token.pin(of: type, in: identity))
            noteLogin(type, card, &state)
        }
    }

    /// Has the code typed on the reader's keypad, and logs in.
    func logInFromPINPad(_ type: UserType) throws(CardError) {
        try withCode { (card, identity, state) throws(CardError) in
            try card.presentFromPINPad(as: Token.pin(of: type, in: identity))
            noteLogin(type, card, &state)
        }
    }

    private static func pin(of type: UserType, in identity: CardIdentity) throws(CardError) -> PINObject {
        guard let pin = type == .user ? identity.userPIN : identity.unblockingPIN else { throw .noPIN }
        return pin
    }

    /// Resets that were noticed on the way came before the presentation.
    private func noteLogin(_ type: UserType, _ card: CPSCard, _ state: inout CardState) {
        state.seenResets = card.resetCount
        login.withLock { $0 = type.loginState }
    }

    /// Logs out: the card forgets the codes.
    func logOut() throws(CardError) {
        login.withLock { $0 = .nobody }
        objectList.withLock { $0.forgetPrivateValues() }
        try withCode { (card, _, _) throws(CardError) in
            if card.hasPresentedCode { try card.forgetCodes() }
        }
    }

    /// Replaces the user's PIN. Nobody asked to be logged in by that: the card
    /// forgets the code that it was shown, unless a login stands.
    func changePIN(from old: borrowing SecretBytes, to new: borrowing SecretBytes) throws(CardError) {
        try withCode { (card, identity, _) throws(CardError) in
            guard let pin = identity.userPIN else { throw .noPIN }
            defer {
                if loginState == .nobody, card.hasPresentedCode { try? card.forgetCodes() }
            }
            try card.change(pin, from: old, to: new)
        }
    }

    /// Sets a new PIN; the security officer is logged in.
    func unblockPIN(to new: borrowing SecretBytes) throws(CardError) {
        try withCode { (card, identity, _) throws(CardError) in
            guard let pin = identity.userPIN else { throw .noPIN }
            try card.unblock(pin, to: new)
        }
    }

    /// Runs a function that changes a counter.
    private func withCode(
        _ body: (CPSCard, CardIdentity, inout CardState) throws(CardError) -> Void
    ) throws(CardError) {
        try withCardState { (state, card) throws(CardError) in
            let identity = try self.identity(&state, card)
            state.counters = nil
            try body(card, identity, &state)
        }
    }
}

extension ChannelError {
    /// Whether the connection is of no use any more.
    var endsConnection: Bool {
        switch self {
        case .cardReset, .sharingViolation, .commandTooLong, .malformedResponse: false
        case .cardRemoved, .cardUnresponsive, .readerUnavailable, .serviceUnavailable, .other: true
        }
    }
}
