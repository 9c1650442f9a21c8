// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc
import HostSystem
import ISO7816
import SmartCardBytes
import Synchronization

/// One insertion of a CPS card, for all sessions of this process: the card, under a lock,
/// and what was read of it. The card is first touched when something is asked that only
/// the card knows.
final class Token: Sendable {
    let model: CardModel
    let objectFactory: ObjectFactory

    /// The card and what is known of it. The lock is held while commands are exchanged.
    struct CardState {
        let card: CPSCard
        var identity: CardIdentity?
        var identityAttempts = 0
        var pins: CardPINs?
        var pinAttempts = 0
        var counters: CachedCounters?
        var refused = RefusedPINs()
        /// When the register was last looked into for programs that ended.
        var lookedForOthers: MonotonicTime?
        /// When the reader was given back; nil while connected, and before the first use.
        var letGoAt: MonotonicTime?
    }

    private let cardState: Lock<CardState>
    /// Who is logged in: of the card's, to be read without its lock.
    let login: LoginRecord
    let objectList = Lock(ObjectList())
    private let end = Atomic<End>(.notYet)
    private let mayBeAnother = Atomic<Bool>(false)

    /// Whether and how the token came to its end. It comes once.
    private enum End: UInt8, AtomicRepresentable {
        case notYet
        /// The card is not in the reader any more; another one may be there already.
        case cardRemoved
        /// The library lets go of a card that stays.
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

    /// Connects to the card of this insertion: another one may have been put in since the
    /// reader was looked at.
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

    /// Gives the reader back while nobody is logged in, unless another thread is using the card.
    func letGo() {
        withCardIfAvailable { state in
            if state.card.letGo() { state.letGoAt = MonotonicTime.now }
        }
    }

    /// How long after `letGo` nobody can have changed the card behind pcscd's back, in
    /// milliseconds: by another pcscd, or the reader unplugged and plugged in again, its count
    /// of insertions may be the same as before.
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

    // MARK: The end

    /// Marks the token as ended. A thread that is using the card closes the connection
    /// when it is done.
    /// - Parameter cardIsPresent: whether the library lets go of a card that stays.
    func end(cardIsPresent: Bool) {
        _ = end.compareExchange(
            expected: .notYet, desired: cardIsPresent ? .cardReleased : .cardRemoved,
            ordering: .sequentiallyConsistent)
        objectList.withLock { $0.forgetPrivateValues() }
        closeAtEnd()
    }

    private var hasEnded: Bool { end.load(ordering: .sequentiallyConsistent) != .notYet }

    /// Closes the connection if the token has ended and nobody is using the card. A card
    /// that is not there any more is not touched by that (`CardChannel.cutPower`).
    private func closeAtEnd() {
        if hasEnded { _ = cardState.withLockIfAvailable { $0.card.close() } }
    }

    /// How long it is tried at exit to get hold of a card that another thread uses, in
    /// milliseconds.
    private static let patienceAtExit = 500

    /// The process ends: the card forgets the PINs that it was shown. Another thread
    /// that is using the card ends its command, or goes with the process in the
    /// middle of a transaction: then pcscd resets the card.
    func releaseAtExit() {
        _ = end.compareExchange(expected: .notYet, desired: .cardReleased, ordering: .sequentiallyConsistent)
        let start = MonotonicTime.now
        while cardState.withLockIfAvailable({ $0.card.close() }) == nil,
            start.isWithin(milliseconds: Token.patienceAtExit)
        {
            usleep(1000)
        }
    }

    /// Whether its card is known not to be in the reader any more.
    var hasDeparted: Bool { end.load(ordering: .sequentiallyConsistent) == .cardRemoved }

    /// The card answers to a reset in another way than before, in the same insertion: it is
    /// compared before it is used again.
    func noteOtherAnswerToReset() { mayBeAnother.store(true, ordering: .sequentiallyConsistent) }

    // MARK: The card

    /// Who is logged in, after a look at the reader where a login is believed in. Nothing
    /// is sent to the card, and nothing waited for: while another thread or program uses
    /// the card, the last known state is the answer.
    func currentLogin() -> CardLogin {
        if login.now.stands {
            withCardIfAvailable { $0.card.look() }
        }
        return login.now
    }

    /// How often the register is looked into for programs that ended, in milliseconds.
    private static let orphanInterval = 300

    /// Resets a card that a program left open which has ended, if this process is connected
    /// to it. Waits for no other thread of this process.
    func closeForOthers() {
        withCardIfAvailable { state in
            if state.lookedForOthers?.isWithin(milliseconds: Token.orphanInterval) ?? false { return }
            state.lookedForOthers = MonotonicTime.now
            state.card.closeForOthers()
        }
    }

    /// Runs a function on the card while no other thread of this process uses it.
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
            // The next attempt reads from the card whose it is, and its PINs.
            state.identity = nil
            state.pins = nil
            // Not after a refused PIN: programs go on with the handles that they have.
            if !error.refusesPIN { objectList.withLock { $0 = ObjectList() } }
        }
    }

    /// What was read on a login goes with it, and another program may have used up tries.
    func noteLostLogin(_ state: inout CardState) {
        guard login.now == .lost else { return }
        state.counters = nil
        objectList.withLock { $0.forgetPrivateValues() }
    }

    // MARK: Who the card is

    /// How often an identity with gaps is read again before the gaps are believed.
    private static let identityAttempts = 2

    /// Who the card is; read from it at the first call.
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

    /// The card's PINs; read from it when one is used, or its counter wanted.
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

    /// Reads directories. Gaps may come of what was kept of the card, a directory that
    /// leads nowhere: then all is read from the card.
    func contents<Contents: CardContents>(
        _ state: inout CardState, _ read: (CardIdentity) throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        let contents = try read(identity(&state))
        guard !contents.isComplete, state.card.forgetWhatWasKept() else { return contents }
        state.identity = nil
        return try read(identity(&state))
    }
}
