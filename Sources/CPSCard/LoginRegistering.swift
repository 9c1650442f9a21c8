// SPDX-License-Identifier: Apache-2.0

/// The logins of one user's programs (docs/architecture.md, "The register of logins").
/// LoginRegister keeps them as locked files.
///
/// Nothing here waits. Entering, removing and the look before a reset belong into one
/// transaction of the card each: the transaction is the lock that keeps programs apart.
public protocol LoginRegistering: AnyObject, Sendable {
    /// Enters a login of this process, before the PIN is presented.
    /// - Returns: nil where there is no register, or no room in it. The login is then
    ///   ended by a reset, whoever else is logged in.
    func add(_ login: RegisteredLogin) -> (any LoginEntry)?

    /// The logins on a card. Those that were removed, and those of other insertions, are
    /// not counted. Without a register there are none.
    func logins(on place: CardPlace) -> LoginsOnCard

    /// Removes the entries of all logins on a card, in the transaction in which the card is reset.
    func removeAll(on place: CardPlace)
}

/// An entry of this process.
public protocol LoginEntry: AnyObject, Sendable {
    /// Whether the entry is in the register, and this process holds its lock: false after
    /// another program of ours reset the card, and after the host closed our descriptor.
    /// Such an entry is removed; if the login still stands, it is entered anew.
    var isIntact: Bool { get }

    /// Removes the entry. May be called more than once.
    func remove()

    /// Drops the lock and leaves the entry: it counts as that of a program that ended
    /// without closing the card.
    func abandon()
}

/// One insertion of a card into a reader.
public struct CardPlace: Hashable, Sendable {
    /// Which card it is: model and serial number. Nil if that has not been read: then every
    /// card in the reader is meant.
    public var card: String?
    /// The reader's name.
    public var reader: String
    /// pcscd's count of insertions and removals in this reader.
    public var eventCount: UInt32

    /// - Parameters:
    ///   - card: model and serial number; nil if that has not been read.
    ///   - reader: the reader's name.
    ///   - eventCount: pcscd's count of insertions and removals in this reader.
    public init(card: String?, reader: String, eventCount: UInt32) {
        self.card = card
        self.reader = reader
        self.eventCount = eventCount
    }
}

/// What becomes of the card at the end of a login with the PIN. One with the unblocking
/// code always ends by a reset: with that code presented anyone may set a new PIN.
public enum LogoutRule: String, Sendable, CaseIterable {
    /// The card is reset, unless another program of the user is logged in on it.
    case last
    /// The card is reset, whoever is logged in.
    case reset
    /// The card is left as it is, as the official library leaves it: whatever program uses
    /// it next signs and reads as if it had presented the PIN.
    case leave
}

/// A login as the register knows it.
public struct RegisteredLogin: Hashable, Sendable {
    /// The card.
    public var place: CardPlace
    /// Whether the unblocking code is presented, and not the user's PIN.
    public var isUnblocking: Bool
    /// How the login is to end.
    public var rule: LogoutRule

    /// - Parameters:
    ///   - place: the card.
    ///   - isUnblocking: whether the unblocking code is presented.
    ///   - rule: how the login is to end.
    public init(place: CardPlace, isUnblocking: Bool, rule: LogoutRule) {
        self.place = place
        self.isUnblocking = isUnblocking
        self.rule = rule
    }

    /// Whether the card is reset at the end, although others are logged in.
    public var endsByReset: Bool { isUnblocking || rule == .reset }
    /// Whether the card is left open at the end, although nobody else is logged in.
    public var leavesCardOpen: Bool { !isUnblocking && rule == .leave }
}

/// What the register says of a card.
public struct LoginsOnCard: Equatable, Sendable {
    /// Logins of programs that run, of this process too.
    public var live = 0
    /// Logins of programs that ended without closing the card, as they should have.
    public var orphans = 0
    /// Whether one of the orphans is to be ended by a reset, whoever else is logged in.
    public var hasUrgentOrphan = false

    /// No logins.
    public init() {}

    /// Whether whoever looks is to reset the card.
    public var callsForReset: Bool { hasUrgentOrphan || orphans > 0 && live == 0 }

    /// Whether the card is to be reset at the end of a login, which is not counted here any more.
    public func callsForReset(atEndOf login: RegisteredLogin) -> Bool {
        if login.endsByReset || callsForReset { return true }
        return live == 0 && !login.leavesCardOpen
    }
}
