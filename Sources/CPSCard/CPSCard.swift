// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// One CPS card: the connection to it, who is logged in over it, what is on it, its PINs
/// and its keys. It is the only owner of both the connection and the login
/// (docs/architecture.md, "A card and its login"); all above asks it.
///
/// Every function is one transaction, or a part of that of the function that calls it.
/// Between two of them other programs use the card as they like, and what they leave
/// behind is put right here: another application selected, the logical channel closed, the
/// card reset (cards.md §1.3, §1.6). Not to be used by two threads at once; `login` may be
/// read by any.
public final class CPSCard {
    /// The kind of card, known from the answer to reset; it decides on the command set and the rules.
    public let model: CardModel
    /// Who is logged in.
    public let login: LoginRecord
    let commands: any CardCommands
    let store: (any CardFileStore)?
    private let leavesCardOpen: Bool
    private var registration: CardRegistration
    private let connect: () throws(ChannelError) -> any CardChannel

    /// What is known of the way to the card.
    enum Connection: Equatable {
        /// Not connected yet, or not any more; the card is the one of before.
        case none
        /// Connected.
        case open(Applet)
        /// The connection broke. Another card may be in the reader now: the next
        /// connection compares serial numbers before anything else.
        case lost
        /// Another card was found in its place. There will be no connection any more.
        case ended
    }

    /// What is known of the selected application while connected.
    enum Applet {
        /// Ours is taken for selected until the card's refusal shows that it is not: to
        /// select it would end another program's login.
        case assumed
        /// Nobody else was connected: ours is selected before the next command, which
        /// costs less than a refusal.
        case toBeSelected
        /// We reset the card. Only a new connection tells whether others use it.
        case unknown
    }

    private(set) var connection = Connection.none
    /// Whether the last connection was given back by `letGo`.
    private var wasLetGo = false

    /// Whether the unblocking code may be presented: then the card would let anyone set a
    /// new PIN, and is never left open.
    var mayHavePUK = false

    /// Whether the card may keep what was presented when nobody needs it any more.
    private var mayStayOpen: Bool { leavesCardOpen && !mayHavePUK }

    /// Counts the resets of the card that were noticed, ours among them.
    public private(set) var resetCount = 0

    /// The serial number of the card, once it was read.
    var knownSerialNumber: SerialNumber?

    /// Whether a new PIN was sent and the answer to it was lost: the card may have taken it.
    public internal(set) var mayHaveNewPIN = false

    /// Whether the reader has a keypad for PINs; nil before it was asked.
    var readerHasPINPad: Bool?

    /// What is known of the card from earlier; nil before it has told who it is,
    /// and without a store.
    var memory: CardMemory?

    /// What a CPS4 was just recognized by, until it is used.
    var freshTokenInfo: (file: [UInt8], content: TokenInfo)?

    /// A card that is connected to when it is first used.
    /// - Parameters:
    ///   - store: where files of the card are kept; nil to read all from the card.
    ///   - login: where the login is kept; nobody is logged in yet.
    ///   - rules: how logins end, and where they are registered.
    ///   - connect: makes a connection to the card whose answer to reset is that of `model`.
    public init(
        model: CardModel, store: (any CardFileStore)? = nil, login: LoginRecord = LoginRecord(),
        rules: LoginRules = LoginRules(), connect: @escaping () throws(ChannelError) -> any CardChannel
    ) {
        self.model = model
        self.store = store
        self.login = login
        leavesCardOpen = rules.logout == .leave
        registration = CardRegistration(rules)
        self.connect = connect
        switch model {
        case .cps3: commands = CPS3Commands(isContactless: false)
        case .cps3Contactless: commands = CPS3Commands(isContactless: true)
        case .cps4: commands = CPS4Commands()
        }
    }

    var channel: (any CardChannel)? { commands.exchange.channel }

    // MARK: The connection

    /// Whether another card is in the place of this one.
    public var isReplaced: Bool { connection == .ended }

    /// The card may not be the one of before: the next use compares serial numbers.
    public func mayBeAnother() {
        if connection != .ended { loseConnection() }
    }

    /// Makes sure that the card can be reached, with no command that an idle card would
    /// not get anyway.
    public func reach() throws(CardError) {
        try exclusively {}
    }

    /// The connection to work on: a new one after a loss, or after our own reset.
    private func connected() throws(CardError) -> any CardChannel {
        switch connection {
        case .open(let applet):
            if let channel, applet != .unknown { return channel }
            if channel?.look() == .reset { noteReset() }
            disconnect(leaving: .none)
        case .ended: throw .channel(.cardRemoved)
        case .none, .lost: break
        }
        let channel = try reaching { () throws(ChannelError) in try connect() }
        let wasLost = connection == .lost
        commands.exchange.channel = channel
        // After `letGo` it probably still is.
        connection = .open(model == .cps4 && !channel.isUsedByOthers && !wasLetGo ? .toBeSelected : .assumed)
        wasLetGo = false
        if wasLost, let knownSerialNumber { try compare(knownSerialNumber) }
        return channel
    }

    /// After a loss: whether it is still the same card.
    /// - Throws: `.channel(.cardRemoved)` for another one; it is left alone from then on.
    private func compare(_ known: SerialNumber) throws(CardError) {
        do throws(CardError) {
            if try isCard(known) { return }
            disconnect(leaving: .ended)
        } catch {
            if connection != .ended { disconnect(leaving: .lost) }
            throw error
        }
        throw .channel(.cardRemoved)
    }

    /// Gives the reader back while nobody is logged in; the next use connects anew, and takes
    /// the card for the same one (`mayBeAnother`).
    /// - Returns: whether there was a connection, and is none any more.
    public func letGo() -> Bool {
        guard !isExclusive, !login.now.mayBeOpen, case .open = connection else { return false }
        if hasLostEntry { closeForOthers() }
        disconnect(leaving: .none)
        wasLetGo = true
        return true
    }

    private func disconnect(leaving next: Connection) {
        channel?.disconnect()
        commands.exchange.channel = nil
        commands.exchange.forgetSelection()
        connection = next
    }

    /// Ends the login, and then the connection. A card that is not in the reader any more
    /// is left alone, and so is another one in its place.
    public func close() {
        try? logOut()
        // What could not be looked at or reset, the next program that looks will.
        registration.abandon()
        disconnect(leaving: connection == .ended ? .ended : .none)
    }

    /// Looks whether the card lost the login: no command is sent, and nothing waited for.
    /// Where that cannot be told now, the last known state stays.
    public func look() {
        guard !isExclusive, login.now.stands, let channel else { return }
        switch channel.look() {
        case .reset: noteReset()
        case .removed: loseConnection()
        case .same, nil: break
        }
        if hasLostEntry { closeForOthers() }
    }

    /// Resets a card that a program left open which has ended, if no login on it stands, or
    /// that was left open because of a login of ours that was lost since. Beside another
    /// program's transaction nothing is done: this is repeated.
    public func closeForOthers() {
        guard !isExclusive, let channel, hasLostEntry || registration.orphanCallsForReset(on: knownSerialNumber),
            let continuity = channel.look()
        else { return }
        // Nobody can use a card that is gone.
        if continuity == .removed { return hasLostEntry ? registration.leave() : () }
        guard let begun = try? channel.beginTransaction() else { return }
        if begun == .reset { noteReset() }
        // It may be our own entry that lost its lock, with the descriptor.
        if login.now.stands { registration.renew() }
        // The transaction makes sure that nobody logs in meanwhile.
        let isReset =
            hasLostEntry
            ? registration.lostLoginCallsForReset(on: knownSerialNumber)
            : registration.orphanCallsForReset(on: knownSerialNumber)
        guard isReset else { return channel.endTransaction() }
        try? endByReset(channel)
    }

    /// Whether the login that is entered in the register was lost.
    private var hasLostEntry: Bool { registration.hasLogin && !login.now.mayBeOpen }

    // MARK: The login

    /// Ends the login: the card forgets the PINs that were presented, unless it is to be
    /// left as it is. After a lost login nothing is left to forget.
    /// - Throws: `.channel` when the card was not reached: then this can be repeated.
    public func logOut() throws(CardError) {
        switch login.now {
        case .nobody: closeForOthers()
        case .lost:
            login.now = .nobody
            closeForOthers()
        case .user where mayStayOpen:
            registration.leave()
            login.now = .nobody
        case .user, .unblocking, .unreleased:
            login.now = .unreleased
            try release()
        }
    }

    /// How long another program's transaction is waited for, in milliseconds. Programs that
    /// list a card keep it for seconds.
    private static let patience = 5000

    /// Cuts the card's power, so that it forgets all PINs; these cards know no gentler way.
    /// It stays as it is for other programs that are logged in, unless `always`.
    private func release(always: Bool = false) throws(CardError) {
        guard let channel else { return login.now = .nobody }
        do throws(ChannelError) {
            if registration.isShared {
                try releaseSharing(channel, always)
            } else {
                try channel.cutPower(patience: CPSCard.patience)
                noteOwnReset()
            }
        } catch {
            // Nobody can use a card that is gone.
            if error == .cardRemoved {
                registration.leave()
                login.now = .nobody
            }
            throw .channel(error)
        }
        login.now = .nobody
    }

    /// One transaction: removes the entry, looks at the others, and resets the card.
    private func releaseSharing(_ channel: any CardChannel, _ always: Bool) throws(ChannelError) {
        if try channel.beginTransaction() == .reset { noteReset() }
        let isLast = registration.endsByReset(on: knownSerialNumber)
        if always || isLast { try endByReset(channel) } else { channel.endTransaction() }
    }

    /// Ends a transaction by a reset. The entries go first: later they could be those of
    /// programs that log in right after it.
    private func endByReset(_ channel: any CardChannel) throws(ChannelError) {
        registration.removeAll(on: knownSerialNumber)
        do throws(ChannelError) {
            try channel.endTransactionCuttingPower()
        } catch {
            if error != .cardRemoved { register(mayHavePUK ? .unblocking : .user) }
            if !login.now.mayBeOpen { registration.abandon() }
            channel.endTransaction()
            throw error
        }
        noteOwnReset()
    }

    private func noteOwnReset() {
        noteReset()
        if model == .cps4 { connection = .open(.unknown) }
    }

    /// Enters a login in the register, in the transaction that presents the PIN, and before it.
    func register(_ role: PINRole) { registration.enter(role, on: knownSerialNumber) }

    /// Removes the entry again: nothing was presented.
    func unregisterUnlessStanding() {
        if !login.now.mayBeOpen { registration.leave() }
    }

    /// The card was reset: PINs and selections are gone.
    private func noteReset() {
        commands.exchange.forgetSelection()
        resetCount += 1
        mayHavePUK = false
        loseLogin()
        if case .open = connection { connection = .open(.assumed) }
    }

    private func loseLogin() {
        switch login.now {
        case .user, .unblocking: login.now = .lost
        case .unreleased: login.now = .nobody
        case .nobody, .lost: break
        }
    }

    private func loseConnection() {
        loseLogin()
        disconnect(leaving: .lost)
        wasLetGo = false
    }

    // MARK: Memory

    /// Forgets what is known of the card from earlier: it has turned out wrong.
    func dropMemory() {
        if let memory { memory.store.forget(memory.fingerprint) }
        memory = nil
    }

    /// Forgets what is known of the card from earlier if something was taken from it:
    /// that may be why something has failed.
    /// - Returns: whether it was.
    public func forgetWhatWasKept() -> Bool {
        guard memory?.wasUsed == true else { return false }
        dropMemory()
        return true
    }

    /// Keeps what was read of the card, for the next time.
    func save() {
        if commands.exchange.hasLongResponses { memory?.rememberLongResponses() }
        memory?.save()
    }

    // MARK: Transactions

    /// Reads or writes while no other program can use the card. When the card's answer
    /// shows that our application is not selected any more, it is selected, and all is run
    /// once more from the beginning: the body must not present a PIN (`presenting` does
    /// that). So it is when the card is reset on the way, unless a login stood: that is
    /// lost, and the caller has to know.
    func transaction<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        let mayRepeat = !isExclusive && !login.now.mayBeOpen
        do throws(CardError) {
            return try exclusively { () throws(CardError) in try inApplication(body) }
        } catch  where mayRepeat && error == .channel(.cardReset) {
            return try exclusively { () throws(CardError) in try inApplication(body) }
        }
    }

    private func inApplication<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        do throws(CardError) {
            return try body()
        } catch  where error.saysApplicationLost {
            try commands.selectApplet()
            isSecondAttempt = true
            defer { isSecondAttempt = false }
            return try body()
        }
    }

    /// Reads something, and once more when what came cannot be right: one garbled
    /// answer is not to be believed for the time of an insertion. What comes the
    /// second time is believed.
    func reading<Result>(
        _ read: () throws(CardError) -> Result, isSound: (Result) -> Bool
    ) throws(CardError) -> Result {
        do throws(CardError) {
            let first = try transaction(read)
            if isSound(first) { return first }
        } catch  where !error.maySucceedAgain {
            throw error
        } catch {}
        return try transaction(read)
    }

    /// Whether a transaction's body runs again after the applet was selected: what
    /// the card refuses now, it refuses.
    private(set) var isSecondAttempt = false

    /// Runs commands that present a PIN after making sure, with commands that
    /// may be repeated, that our application is the one that gets it.
    func presenting<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        try exclusively { () throws(CardError) in
            try enterApplication()
            return try body()
        }
    }

    /// Selects the directory of the PKCS#15 application, where keys and PINs
    /// are used, unless this transaction has been in it already; selects the applet
    /// first if it is not.
    func enterApplication() throws(CardError) {
        let directory = application
        if commands.isSelected(directory) { return }
        do throws(CardError) {
            try commands.selectSilently(directory)
        } catch  where error.saysApplicationLost || error == .status(.fileNotFound) {
            try commands.selectApplet()
            try commands.selectSilently(directory)
        }
    }

    /// Where the PKCS#15 application is; what EF.DIR says once it was read.
    var application: FilePath { knownApplication ?? standardApplication }
    var knownApplication: FilePath?
    private var standardApplication: FilePath { model == .cps3Contactless ? FilePath(0x0002) : FilePath(0x0001) }

    /// Checks, in a transaction, that the login is still ours: what the user's PIN opens is
    /// not to be had on the login of another program.
    /// - Throws: `.notLoggedIn`.
    func requireLogin(_ wanted: CardLogin = .user) throws(CardError) {
        guard !model.hasPIN || login.now == wanted else { throw .notLoggedIn }
    }

    /// Whether a transaction is under way.
    private var isExclusive = false

    /// Runs commands while no other program can use the card; within another
    /// transaction of ours, as a part of it.
    func exclusively<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        if isExclusive { return try body() }
        do throws(CardError) {
            try begin()
            try selectAppletIfAlone()
            let result = try body()
            end()
            return result
        } catch {
            end(after: error)
            note(error)
            throw error
        }
    }

    private func begin() throws(CardError) {
        let channel = try beginTransaction()
        if hasLostEntry, registration.lostLoginCallsForReset(on: knownSerialNumber) {
            try reaching { () throws(ChannelError) in try endByReset(channel) }
            _ = try beginTransaction()
        }
        if login.now.stands { registration.renew() }
        commands.exchange.forgetSelection()
        isExclusive = true
    }

    private func beginTransaction() throws(CardError) -> any CardChannel {
        let channel = try connected()
        if try reaching({ () throws(ChannelError) in try channel.beginTransaction() }) == .reset { noteReset() }
        return channel
    }

    /// A refusal shows in the next answer.
    private func selectAppletIfAlone() throws(CardError) {
        guard connection == .open(.toBeSelected) else { return }
        connection = .open(.assumed)
        do throws(CardError) {
            try commands.selectApplet()
        } catch {
            if case .channel = error { throw error }
        }
    }

    /// Ends the transaction. What it left presented without a login is forgotten at once.
    private func end(after error: CardError? = nil) {
        guard isExclusive else { return }
        isExclusive = false
        guard let channel else { return }
        if registration.isShared { return endSharing(channel, after: error) }
        channel.endTransaction()
        guard login.now == .unreleased else { return }
        if mayStayOpen { login.now = .nobody } else { try? release() }
    }

    /// The same where other programs of the user are known: in one transaction.
    private func endSharing(_ channel: any CardChannel, after error: CardError?) {
        guard !isToBeReset(after: error) else {
            try? endByReset(channel)
            return
        }
        channel.endTransaction()
        guard login.now == .unreleased else { return }
        registration.leave()
        login.now = .nobody
    }

    /// Whether the card is reset in the transaction in which this happened: so nobody logs in
    /// in between.
    private func isToBeReset(after error: CardError?) -> Bool {
        switch error {
        case .wrongPIN, .pinBlocked: true
        case .channel(let cause) where cause.endsConnection: login.now.mayBeOpen && !mayStayOpen
        default: login.now == .unreleased && !mayStayOpen && registration.endsByReset(on: knownSerialNumber)
        }
    }

    /// What an error means for connection and login.
    private func note(_ error: CardError) {
        switch error {
        case .channel(.cardReset):
            noteReset()
        case .channel(let cause) where cause.endsConnection && connection != .ended:
            // Where the card stays, nobody is to use what it still counts as presented.
            if login.now.mayBeOpen, !mayStayOpen { try? release(keepingLost: .lost, always: true) }
            loseConnection()
        case .wrongPIN, .pinBlocked:
            // The card drops the right PIN that it had before. PC/SC tells other programs
            // of that only by a reset.
            loseLogin()
            if !registration.isShared { try? release(keepingLost: login.now) }
        default: break
        }
    }

    /// The card says `69 82` to who is logged in, and said so twice where that could be tried:
    /// the login is lost. Should the card have kept the PIN all the same, nobody is to use it.
    public func noteRefusedLogin() {
        guard login.now.stands else { return }
        loseLogin()
        if !mayStayOpen { try? release(keepingLost: .lost, always: true) }
    }

    /// Cuts the power of a card that has refused a PIN; a login that was lost stays so.
    private func release(keepingLost state: CardLogin, always: Bool = false) throws(CardError) {
        defer { if login.now == .nobody { login.now = state } }
        try release(always: always)
    }

    /// Runs a call of PC/SC.
    func reaching<Result>(_ body: () throws(ChannelError) -> Result) throws(CardError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            throw .channel(error)
        }
    }
}

extension ChannelError {
    /// Whether the connection is of no use any more.
    var endsConnection: Bool {
        switch self {
        case .cardReset, .sharingViolation, .serviceSilent, .commandTooLong, .malformedResponse: false
        case .cardRemoved, .cardUnresponsive, .readerUnavailable, .serviceUnavailable, .accessRefused, .noDescriptor,
            .other:
            true
        }
    }
}
