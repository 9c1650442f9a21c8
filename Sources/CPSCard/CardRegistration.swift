// SPDX-License-Identifier: Apache-2.0

/// How the logins of this program on one card end, and where they are registered.
public struct LoginRules: Sendable {
    /// What becomes of the card at the end of a login.
    public var logout: LogoutRule
    /// The register of the user's programs; nil without one: then each login ends by a reset.
    public var register: (any LoginRegistering)?
    /// The name of the card's reader.
    public var reader: String
    /// pcscd's count of insertions and removals in that reader.
    public var eventCount: UInt32

    /// - Parameters:
    ///   - logout: what becomes of the card at the end of a login.
    ///   - register: where logins are registered; nil for nowhere.
    ///   - reader: the name of the card's reader.
    ///   - eventCount: pcscd's count of insertions and removals in that reader.
    public init(
        logout: LogoutRule = .reset, register: (any LoginRegistering)? = nil, reader: String = "",
        eventCount: UInt32 = 0
    ) {
        self.logout = logout
        self.register = register
        self.reader = reader
        self.eventCount = eventCount
    }
}

/// The part that this program's login on one card takes in the register. All but the looks
/// belongs into a transaction (docs/architecture.md, "The register of logins").
struct CardRegistration {
    private let rules: LoginRules
    /// The login that is entered, or would be if there were room.
    private var login: RegisteredLogin?
    private var entry: (any LoginEntry)?

    init(_ rules: LoginRules) { self.rules = rules }

    /// Whether there is a register.
    var isShared: Bool { rules.register != nil }

    /// Whether a login was entered, and not removed since.
    var hasLogin: Bool { login != nil }

    private func place(_ card: SerialNumber?) -> CardPlace {
        CardPlace(card: card?.digits, reader: rules.reader, eventCount: rules.eventCount)
    }

    /// Enters a login, before the PIN is presented. One that is entered already stays.
    mutating func enter(_ role: PINRole, on card: SerialNumber?) {
        guard let register = rules.register, login == nil else { return }
        let new = RegisteredLogin(place: place(card), isUnblocking: role == .unblocking, rule: rules.logout)
        login = new
        entry = register.add(new)
    }

    /// Enters a login that stands anew, if the host closed our descriptor.
    mutating func renew() {
        guard let register = rules.register, let login, entry?.isIntact != true else { return }
        entry?.remove()
        entry = register.add(login)
    }

    /// Removes the entry.
    mutating func leave() {
        entry?.remove()
        entry = nil
        login = nil
    }

    /// Leaves the entry to whoever looks next, who closes the card: this program could not.
    mutating func abandon() {
        entry?.abandon()
        entry = nil
        login = nil
    }

    /// Removes the entry, and looks at the others.
    /// - Returns: whether the card is to be reset.
    mutating func endsByReset(on card: SerialNumber?) -> Bool {
        guard let register = rules.register, let ended = login, entry != nil else {
            leave()
            return true
        }
        leave()
        return register.logins(on: place(card)).callsForReset(atEndOf: ended)
    }

    /// The same after the login was lost by a reset: the card may be open because another
    /// program took this login for one that stands.
    mutating func lostLoginCallsForReset(on card: SerialNumber?) -> Bool {
        guard let register = rules.register, let lost = login else { return false }
        leave()
        let others = register.logins(on: place(card))
        return others.callsForReset || others.live == 0 && !lost.leavesCardOpen
    }

    /// Whether a program has left the card open that should have closed it.
    func orphanCallsForReset(on card: SerialNumber?) -> Bool {
        rules.register?.logins(on: place(card)).callsForReset ?? false
    }

    /// Removes all entries of the card, right before it is reset.
    mutating func removeAll(on card: SerialNumber?) {
        leave()
        rules.register?.removeAll(on: place(card))
    }
}
