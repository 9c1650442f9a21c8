// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc
import HostSystem
import ISO7816
import SmartCardBytes
import Synchronization

/// One insertion of a CPS card, for all sessions of this process: the card under a lock, and what was read from it.
/// The card is not used until something is needed that only the card knows.
final class Token: Sendable {
    let model: CardModel
    let objectFactory: ObjectFactory

    /// The card and what is known about it. The lock is held while commands are exchanged.
    struct CardState {
        let card: CPSCard
        var identity: CardIdentity?
        var identityAttempts = 0
        var pins: CardPINs?
        var pinAttempts = 0
        var counters: CachedCounters?
        var refused = RefusedPINs()
        /// The last check of the register for ended programs.
        var lookedForOthers: MonotonicTime?
        /// When the reader was freed; nil while connected, and before the first use.
        var letGoAt: MonotonicTime?
    }

    private let cardState: Lock<CardState>
    /// The card's login, which can be read without the lock.
    let login: LoginRecord
    let objectList = Lock(ObjectList())
    private let end = Atomic<End>(.notYet)
    private let mayBeAnother = Atomic<Bool>(false)

    /// Whether and how the token has ended. It changes once.
    private enum End: UInt8, AtomicRepresentable {
        case notYet
        /// The card was removed. Another one may be in the reader.
        case cardRemoved
        /// The library disconnects; the card stays.
        case cardReleased
    }

    init(
        model: CardModel, readers: any ReaderService, objectFactory: ObjectFactory, rules: LoginRules,
        store: (any CardFileStore)?
    ) {
        self.model = model
        self.objectFactory = objectFactory
        let login = LoginRecord()
        self.login = login
        cardState = Lock(
            CardState(
                card: CPSCard(model: model, store: store, login: login, rules: rules) {
                    () throws(ChannelError) in try Token.connect(rules, readers)
                }))
    }

    /// Connects to the card of this insertion. Another card may have been inserted since the last look at the reader.
    private static func connect(
        _ rules: LoginRules, _ readers: any ReaderService
    ) throws(ChannelError) -> any CardChannel {
        let channel = try readers.connect(to: rules.reader)
        if let now = try? readers.states(of: [rules.reader]).first, now.eventCount != rules.eventCount {
            channel.disconnect()
            throw .cardRemoved
        }
        return channel
    }

    /// Frees the reader while nobody is logged in, unless another thread is using the card.
    func letGo() {
        withCardIfAvailable { state in
            if state.card.letGo() { state.letGoAt = MonotonicTime.now }
        }
    }

    /// How long after `letGo` the card is certainly the same, in milliseconds. Later, pcscd may have been restarted
    /// or the reader reconnected, with the same count of insertions.
    private static let trustAfterLetGo = 1000

    /// Runs a function on the card, unless another thread is using it.
    private func withCardIfAvailable(_ body: (inout CardState) -> Void) {
        // The token may end while the card is in use.
        defer { closeAtEnd() }
        guard !hasEnded else { return }
        _ = cardState.withLockIfAvailable { state in
            body(&state)
            noteLostLogin(&state)
        }
    }

    // MARK: End

    /// Marks the token as ended. A thread that is using the card closes the connection when it is done.
    /// - Parameter cardIsPresent: whether the card stays in the reader and only the library disconnects.
    func end(cardIsPresent: Bool) {
        _ = end.compareExchange(
            expected: .notYet, desired: cardIsPresent ? .cardReleased : .cardRemoved,
            ordering: .sequentiallyConsistent)
        objectList.withLock { $0.forgetPrivateValues() }
        closeAtEnd()
    }

    private var hasEnded: Bool { end.load(ordering: .sequentiallyConsistent) != .notYet }

    /// Closes the connection if the token has ended and no thread is using the card. A removed card is not touched
    /// (`CardChannel.cutPower`).
    private func closeAtEnd() {
        if hasEnded { _ = cardState.withLockIfAvailable { $0.card.close() } }
    }

    /// How long to try at exit to lock a card that another thread uses, in milliseconds.
    private static let patienceAtExit = 500

    /// Called when the process exits: the card forgets the presented PINs. If another thread is using the card,
    /// either it finishes its command, or it ends with the process during a transaction; then pcscd resets the card.
    func releaseAtExit() {
        _ = end.compareExchange(expected: .notYet, desired: .cardReleased, ordering: .sequentiallyConsistent)
        let start = MonotonicTime.now
        while cardState.withLockIfAvailable({ $0.card.close() }) == nil,
            start.isWithin(milliseconds: Token.patienceAtExit)
        {
            usleep(1000)
        }
    }

    /// Whether its card is known to be removed.
    var hasDeparted: Bool { end.load(ordering: .sequentiallyConsistent) == .cardRemoved }

    /// Notes that the card had another answer to reset in the same insertion. Its serial number is compared before
    /// the next use.
    func noteOtherAnswerToReset() { mayBeAnother.store(true, ordering: .sequentiallyConsistent) }

    // MARK: The card

    /// Who is logged in, after a look at the reader if somebody is. Sends nothing to the card and does not wait:
    /// while another thread or program uses the card, the last known state is returned.
    func currentLogin() -> CardLogin {
        if login.now.stands {
            withCardIfAvailable { $0.card.look() }
        }
        return login.now
    }

    /// How often the register is checked for ended programs, in milliseconds.
    private static let orphanInterval = 300

    /// Resets a card that an ended program left open, if this process is connected to it. Waits for no other thread
    /// of this process.
    func closeForOthers() {
        withCardIfAvailable { state in
            if state.lookedForOthers?.isWithin(milliseconds: Token.orphanInterval) ?? false { return }
            state.lookedForOthers = MonotonicTime.now
            state.card.closeForOthers()
        }
    }

    /// Runs a function on the card while no other thread of this process uses it.
    /// - Throws: `.channel(.cardRemoved)` if the token has ended, and what the function throws.
    func withCard<Result: Sendable>(
        _ body: (inout CardState) throws(CardError) -> Result
    ) throws(CardError) -> Result {
        // The token may end while the card is in use.
        defer { closeAtEnd() }
        return try cardState.withLock { (state) throws(CardError) in
            guard !hasEnded else { throw .channel(.cardRemoved) }
            let isLongAgo = state.letGoAt.map { !$0.isWithin(milliseconds: Token.trustAfterLetGo) } ?? false
            state.letGoAt = nil
            if mayBeAnother.exchange(false, ordering: .sequentiallyConsistent) || isLongAgo {
                state.card.mayBeAnother()
            }
            do throws(CardError) {
                let result = try body(&state)
                noteLostLogin(&state)
                return result
            } catch {
                react(to: error, &state)
                noteLostLogin(&state)
                throw error
            }
        }
    }

    private func react(to error: CardError, _ state: inout CardState) {
        if state.card.isReplaced { end(cardIsPresent: false) }
        if error == .status(.securityStatusNotSatisfied) { state.card.noteRefusedLogin() }
        if error.mayComeFromDirectories, state.card.forgetWhatWasKept() {
            // The next attempt reads identity and PINs from the card.
            state.identity = nil
            state.pins = nil
            // Not after a refused PIN: programs continue to use their handles.
            if !error.refusesPIN { objectList.withLock { $0 = ObjectList() } }
        }
    }

    /// Forgets what was read during a lost login. Another program may also have used up tries.
    func noteLostLogin(_ state: inout CardState) {
        guard login.now == .lost else { return }
        state.counters = nil
        objectList.withLock { $0.forgetPrivateValues() }
    }

    // MARK: Identity

    /// How often an incomplete identity is read before it is accepted.
    private static let identityAttempts = 2

    /// The card's identity, read at the first call.
    func identity() throws(CardError) -> CardIdentity {
        try withCard { (state) throws(CardError) in try identity(&state) }
    }

    func identity(_ state: inout CardState) throws(CardError) -> CardIdentity {
        if let known = state.identity, known.isComplete || state.identityAttempts >= Token.identityAttempts {
            return known
        }
        state.identityAttempts += 1
        let identity = try state.card.readIdentity()
        state.identity = identity
        return identity
    }

    /// The card's PINs, read when one is used or its counter is requested.
    func pins() throws(CardError) -> CardPINs {
        try withCard { (state) throws(CardError) in try pins(&state) }
    }

    func pins(_ state: inout CardState) throws(CardError) -> CardPINs {
        if let known = state.pins, known.isComplete || state.pinAttempts >= Token.identityAttempts { return known }
        state.pinAttempts += 1
        let card = state.card
        let pins = try contents(&state) { (identity) throws(CardError) in try card.readPINs(of: identity) }
        state.pins = pins
        return pins
    }

    /// Reads directories. If the result is incomplete, a cached directory may be the cause: then everything is read
    /// from the card.
    func contents<Contents: CardContents>(
        _ state: inout CardState, _ read: (CardIdentity) throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        let contents = try read(identity(&state))
        guard !contents.isComplete, state.card.forgetWhatWasKept() else { return contents }
        state.identity = nil
        return try read(identity(&state))
    }
}
