// SPDX-License-Identifier: Apache-2.0

/// The register of logins by one user's programs (docs/architecture.md, "The register of logins"). LoginRegister
/// implements it with locked files.
///
/// No function waits. Adding an entry, removing one, and the check before a reset must each be in a transaction of
/// the card: the transaction is the lock between programs.
public protocol LoginRegistering: AnyObject, Sendable {
    /// Registers a login of this process, before the PIN is presented.
    /// - Returns: nil if there is no register or no room in it. That login ends with a reset, whoever else is logged
    ///   in.
    func add(_ login: RegisteredLogin) -> (any LoginEntry)?

    /// The logins on a card; none without a register. Removed entries and those of other insertions are not counted.
    func logins(on place: CardPlace) -> LoginsOnCard

    /// Removes all entries of a card, in the transaction that resets it.
    func removeAll(on place: CardPlace)
}

/// An entry of this process in the register.
public protocol LoginEntry: AnyObject, Sendable {
    /// Whether the entry is in the register and this process holds its lock. False after another program with this
    /// library reset the card, and after the host program closed our descriptor. Such an entry is removed, and added
    /// again if the login still stands.
    var isIntact: Bool { get }

    /// Removes the entry. It may be called more than once.
    func remove()

    /// Releases the lock but leaves the entry. It then counts as one of a program that ended without closing the
    /// card.
    func abandon()
}

/// One insertion of a card into a reader.
public struct CardPlace: Hashable, Sendable {
    /// The card's serial number; nil if it has not been read. Then any card in the reader is meant.
    public var card: String?
    /// The reader's name.
    public var reader: String
    /// pcscd's count of insertions and removals in this reader.
    public var eventCount: UInt32

    /// - Parameters:
    ///   - card: the card's serial number; nil if it has not been read.
    ///   - reader: the reader's name.
    ///   - eventCount: pcscd's count of insertions and removals in this reader.
    public init(card: String?, reader: String, eventCount: UInt32) {
        self.card = card
        self.reader = reader
        self.eventCount = eventCount
    }
}

/// What happens to the card at the end of a login with the PIN. A login with the unblocking code always ends with a
/// reset, since otherwise any program could set a new PIN.
public enum LogoutRule: String, Sendable, CaseIterable {
    /// Reset the card, unless another program of the user is logged in.
    case last
    /// Reset the card, whoever is logged in.
    case reset
    /// Leave the card as it is, like the official library. The next program signs and reads without presenting the
    /// PIN.
    case leave
}

/// A login in the register.
public struct RegisteredLogin: Hashable, Sendable {
    /// The card.
    public var place: CardPlace
    /// Whether the unblocking code is presented, rather than the user's PIN.
    public var isUnblocking: Bool
    /// How the login ends.
    public var rule: LogoutRule

    /// - Parameters:
    ///   - place: the card.
    ///   - isUnblocking: whether the unblocking code is presented.
    ///   - rule: how the login ends.
    public init(place: CardPlace, isUnblocking: Bool, rule: LogoutRule) {
        self.place = place
        self.isUnblocking = isUnblocking
        self.rule = rule
    }

    /// Whether the card is reset at the end even if others are logged in.
    public var endsByReset: Bool { isUnblocking || rule == .reset }
    /// Whether the card is left open at the end even if nobody else is logged in.
    public var leavesCardOpen: Bool { !isUnblocking && rule == .leave }
}

/// The registered logins on a card.
public struct LoginsOnCard: Equatable, Sendable {
    /// Logins of running programs, including this one.
    public var live = 0
    /// Logins of programs that ended without closing the card.
    public var orphans = 0
    /// Whether an orphan requires a reset, whoever else is logged in.
    public var hasUrgentOrphan = false

    /// No logins.
    public init() {}

    /// Whether the program that checks must reset the card.
    public var callsForReset: Bool { hasUrgentOrphan || orphans > 0 && live == 0 }

    /// Whether to reset the card at the end of a login, which is not counted here any more.
    public func callsForReset(atEndOf login: RegisteredLogin) -> Bool {
        if login.endsByReset || callsForReset { return true }
        return live == 0 && !login.leavesCardOpen
    }
}
