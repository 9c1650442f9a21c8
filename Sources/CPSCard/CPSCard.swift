// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// One CPS card: the connection to it, its login, contents, PINs and keys. It is the only owner of the connection and
/// of the login (docs/architecture.md, "A card and its login").
///
/// Every function is one transaction, or part of its caller's transaction. Other programs may use the card between
/// two transactions. What they change is repaired here: another selected application, a closed logical channel, a
/// reset card (cards.md §1.3, §1.6). One thread at a time may use it; any thread may read `login`.
public final class CPSCard {
    /// The kind of card, known from its answer to reset. It determines the command set and the rules.
    public let model: CardModel
    /// Who is logged in.
    public let login: LoginRecord
    let commands: any CardCommands
    let store: (any CardFileStore)?
    private let leavesCardOpen: Bool
    private var registration: CardRegistration
    private let connect: () throws(ChannelError) -> any CardChannel

    /// The state of the connection.
    enum Connection: Equatable {
        /// Not connected. The card is the same as before.
        case none
        /// Connected.
        case open(Applet)
        /// The connection broke. Another card may be in the reader now, so the next connection compares the serial
        /// number first.
        case lost
        /// Another card is in the reader. This object connects no more.
        case ended
    }

    /// The selected application, as far as it is known.
    enum Applet {
        /// Ours is assumed to be selected until the card refuses a command. Selecting it would end another program's
        /// login.
        case assumed
        /// No other program was connected. Ours is selected before the next command, which is faster than a refusal.
        case toBeSelected
        /// This program reset the card. Only a new connection shows whether others use it.
        case unknown
    }

    private(set) var connection = Connection.none
    /// Whether the last connection was ended by `letGo`.
    private var wasLetGo = false

    /// Whether the unblocking code may be presented. Then any program could set a new PIN, so the card is never left
    /// open.
    var mayHavePUK = false

    /// Whether the card may keep a presented PIN after logout.
    private var mayStayOpen: Bool { leavesCardOpen && !mayHavePUK }

    /// The number of resets of the card that were noticed, including our own.
    public private(set) var resetCount = 0

    /// The card's serial number; nil before it was read.
    var knownSerialNumber: SerialNumber?

    /// Whether the answer to a new PIN was lost, so that the card may have set it.
    public internal(set) var mayHaveNewPIN = false

    /// Whether the reader has a keypad for PINs; nil before the reader was asked.
    var readerHasPINPad: Bool?

    /// The card's cached files; nil before the card is identified, and without a store.
    var cached: CachedFiles?

    /// The EF.TokenInfo that just identified a CPS4, until it is used.
    var freshTokenInfo: (file: [UInt8], content: TokenInfo)?

    /// Makes a card. It is connected at its first use.
    /// - Parameters:
    ///   - model: the kind of card.
    ///   - store: the cache of card files; nil to read everything from the card.
    ///   - login: the login record, in which nobody is logged in yet.
    ///   - rules: how logins end, and where they are registered.
    ///   - connect: connects to the card, whose answer to reset is that of `model`.
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

    /// Whether another card has replaced this one.
    public var isReplaced: Bool { connection == .ended }

    /// Notes that another card may be in the reader: the next use compares the serial number.
    public func mayBeAnother() {
        if connection != .ended { loseConnection() }
    }

    /// Checks that the card can be reached, without additional commands.
    /// - Throws: `.channel`.
    public func reach() throws(CardError) {
        try exclusively {}
    }

    /// The connection, renewed after a loss or our own reset.
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
        // After `letGo` our application is probably still selected.
        connection = .open(model == .cps4 && !channel.isUsedByOthers && !wasLetGo ? .toBeSelected : .assumed)
        wasLetGo = false
        if wasLost, let knownSerialNumber { try compare(knownSerialNumber) }
        // A card that had to be reset on the way was connected to anew.
        return self.channel ?? channel
    }

    /// Checks after a loss whether it is the same card.
    /// - Throws: `.channel(.cardRemoved)` for another card, which is not used from then on.
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

    /// Disconnects if nobody is logged in. The next use connects again and assumes the same card (`mayBeAnother`).
    /// - Returns: whether a connection was ended.
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

    /// Ends the login, then the connection. A card that was removed is left alone, and so is another one in its
    /// place.
    public func close() {
        try? logOut()
        // If the card could not be checked or reset, the next program does it.
        registration.abandon()
        disconnect(leaving: connection == .ended ? .ended : .none)
    }

    /// Checks whether the card lost the login. Sends no command and does not wait. If this cannot be found out now,
    /// the last known state stays.
    public func look() {
        guard !isExclusive, login.now.stands, let channel else { return }
        switch channel.look() {
        case .reset: noteReset()
        case .removed, .disconnected: loseConnection()
        case .same, nil: break
        }
        if hasLostEntry { closeForOthers() }
    }

    /// Resets a card that an ended program left open, if no login stands on it; also a card left open because of a
    /// login of this program that was lost. Does nothing during another program's transaction, so call it again.
    public func closeForOthers() {
        guard !isExclusive, let channel, hasLostEntry || registration.orphanCallsForReset(on: knownSerialNumber),
            let continuity = channel.look()
        else { return }
        // A removed card needs no reset.
        if continuity == .removed { return hasLostEntry ? registration.leave() : () }
        guard let begun = try? channel.beginTransaction() else { return }
        if begun == .reset { noteReset() }
        // It may be our own entry, whose lock was lost with the descriptor.
        if login.now.stands { registration.renew() }
        // The transaction ensures that nobody logs in meanwhile.
        let isReset =
            hasLostEntry
            ? registration.lostLoginCallsForReset(on: knownSerialNumber)
            : registration.orphanCallsForReset(on: knownSerialNumber)
        guard isReset else { return channel.endTransaction() }
        try? endByReset(channel)
    }

    /// Whether the registered login was lost.
    private var hasLostEntry: Bool { registration.hasLogin && !login.now.mayBeOpen }

    // MARK: The login

    /// Ends the login: the card forgets the presented PINs, unless the rules leave it open. After a lost login there
    /// is nothing to forget.
    /// - Throws: `.channel` if the card was not reached. Then call it again.
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

    /// The longest wait for another program's transaction, in milliseconds. Programs that list a card hold it for
    /// seconds.
    private static let patience = 5000

    /// Power-cycles the card, so that it forgets all PINs; these cards have no other way. Unless `always`, the card
    /// is not reset while other programs are logged in.
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
            // A removed card needs no reset.
            if error == .cardRemoved {
                registration.leave()
                login.now = .nobody
            }
            throw .channel(error)
        }
        login.now = .nobody
    }

    /// One transaction: removes the entry, checks the others, and resets the card.
    private func releaseSharing(_ channel: any CardChannel, _ always: Bool) throws(ChannelError) {
        if try channel.beginTransaction() == .reset { noteReset() }
        let isLast = registration.endsByReset(on: knownSerialNumber)
        if always || isLast { try endByReset(channel) } else { channel.endTransaction() }
    }

    /// Ends a transaction by a reset. The entries are removed first: after the reset they could be those of programs
    /// that log in again.
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

    /// Registers a login, in the transaction that presents the PIN, before it is presented.
    func register(_ role: PINRole) { registration.enter(role, on: knownSerialNumber) }

    /// Removes the entry again if nothing was presented.
    func unregisterUnlessStanding() {
        if !login.now.mayBeOpen { registration.leave() }
    }

    /// Notes that the card was reset: PINs and selections are gone.
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

    /// Drops the cached files of the card, which turned out wrong.
    func dropMemory() {
        if let cached { cached.store.forget(cached.fingerprint) }
        cached = nil
    }

    /// Drops the cached files of the card if one of them was used, since it may be the cause of a failure.
    /// - Returns: whether one was used.
    public func forgetWhatWasKept() -> Bool {
        guard cached?.wasUsed == true else { return false }
        dropMemory()
        return true
    }

    /// Writes what was read from the card to the cache.
    func save() {
        if commands.exchange.hasLongResponses { cached?.addLongResponses() }
        cached?.save()
    }

    // MARK: Transactions

    /// Runs `body` while no other program can use the card. If the card's answer shows that our application is not
    /// selected, it is selected and `body` runs once more from its start. So `body` must not present a PIN
    /// (`presenting` does that). `body` also runs again if the card was reset meanwhile, unless somebody was logged
    /// in: that login is lost, and the caller has to know.
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

    /// Reads something, and reads it again if the result cannot be right: one garbled answer must not be used until
    /// the card is removed. The second result is accepted.
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

    /// Whether a transaction's body runs again after the applet was selected. A refusal is final then.
    private(set) var isSecondAttempt = false

    /// Runs commands that present a PIN. Commands that may be repeated first ensure that our application is selected.
    func presenting<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        try exclusively { () throws(CardError) in
            try enterApplication()
            return try body()
        }
    }

    /// Selects the directory of the PKCS#15 application, where keys and PINs are used, unless this transaction has
    /// already selected it. Selects the applet first if needed.
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

    /// The path of the PKCS#15 application; from EF.DIR if that was read.
    var application: FilePath { knownApplication ?? standardApplication }
    var knownApplication: FilePath?
    private var standardApplication: FilePath { model == .cps3Contactless ? FilePath(0x0002) : FilePath(0x0001) }

    /// Checks, in a transaction, that this program is still logged in: another program's login must not give access
    /// to what the PIN protects.
    /// - Throws: `.notLoggedIn`.
    func requireLogin(_ wanted: CardLogin = .user) throws(CardError) {
        guard !model.hasPIN || login.now == wanted else { throw .notLoggedIn }
    }

    /// Whether this object has an open transaction.
    private var isExclusive = false

    /// Runs commands in a transaction, or as part of an open one.
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

    /// If it is refused, the next command shows that.
    private func selectAppletIfAlone() throws(CardError) {
        guard connection == .open(.toBeSelected) else { return }
        connection = .open(.assumed)
        // Others may have logged in since we connected: on a busy card the first transaction comes late.
        if registration.anybodyIsLoggedIn(on: knownSerialNumber) { return }
        do throws(CardError) {
            try commands.selectApplet()
        } catch {
            if case .channel = error { throw error }
        }
    }

    /// Ends the transaction. A PIN that was presented without a login is forgotten at once.
    private func end(after error: CardError? = nil) {
        guard isExclusive else { return }
        isExclusive = false
        guard let channel else { return }
        if registration.isShared { return endSharing(channel, after: error) }
        channel.endTransaction()
        guard login.now == .unreleased else { return }
        if mayStayOpen { login.now = .nobody } else { try? release() }
    }

    /// The same with a register of logins, in one transaction.
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

    /// Whether the card is reset in the transaction with this error, so that nobody logs in before the reset.
    private func isToBeReset(after error: CardError?) -> Bool {
        switch error {
        case .wrongPIN, .pinBlocked: true
        case .channel(let cause) where cause.endsConnection: login.now.mayBeOpen && !mayStayOpen
        default: login.now == .unreleased && !mayStayOpen && registration.endsByReset(on: knownSerialNumber)
        }
    }

    /// Updates connection and login after an error.
    private func note(_ error: CardError) {
        switch error {
        case .channel(.cardReset):
            noteReset()
        case .channel(let cause) where cause.endsConnection && connection != .ended:
            // If the card stays in the reader, nobody may use the PIN that it counts as presented.
            if login.now.mayBeOpen, !mayStayOpen { try? release(keepingLost: .lost, always: true) }
            loseConnection()
        case .wrongPIN, .pinBlocked:
            // The card also drops the right PIN that it had before. PC/SC reports that to other programs only by a
            // reset.
            loseLogin()
            if !registration.isShared { try? release(keepingLost: login.now) }
        default: break
        }
    }

    /// Notes that the card answered 6982 although this program is logged in, also to a second attempt if one was
    /// possible: the login is lost. If the card still has the PIN after all, a reset makes it forget it.
    public func noteRefusedLogin() {
        guard login.now.stands else { return }
        loseLogin()
        if !mayStayOpen { try? release(keepingLost: .lost, always: true) }
    }

    /// Power-cycles a card that refused a PIN. A lost login stays lost.
    private func release(keepingLost state: CardLogin, always: Bool = false) throws(CardError) {
        defer { if login.now == .nobody { login.now = state } }
        try release(always: always)
    }

    /// Runs a PC/SC call.
    func reaching<Result>(_ body: () throws(ChannelError) -> Result) throws(CardError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            throw .channel(error)
        }
    }
}

extension ChannelError {
    /// Whether the connection can no longer be used.
    var endsConnection: Bool {
        switch self {
        case .cardReset, .sharingViolation, .serviceSilent, .commandTooLong, .malformedResponse: false
        case .cardRemoved, .cardUnresponsive, .readerUnavailable, .serviceUnavailable, .accessRefused, .noDescriptor,
            .other:
            true
        }
    }
}
