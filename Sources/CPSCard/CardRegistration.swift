// SPDX-License-Identifier: Apache-2.0

/// How this program's logins on one card end, and where they are registered.
public struct LoginRules: Sendable {
    /// What happens to the card at the end of a login.
    public var logout: LogoutRule
    /// The register of the user's programs; nil for none. Without it each login ends with a reset.
    public var register: (any LoginRegistering)?
    /// The name of the card's reader.
    public var reader: String
    /// pcscd's count of insertions and removals in that reader.
    public var eventCount: UInt32

    /// - Parameters:
    ///   - logout: what happens to the card at the end of a login.
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

/// This program's login on one card, in the register. All functions that change the register belong into a
/// transaction (docs/architecture.md, "The register of logins").
struct CardRegistration {
    private let rules: LoginRules
    /// The registered login, also if the register had no room for it.
    private var login: RegisteredLogin?
    private var entry: (any LoginEntry)?

    init(_ rules: LoginRules) { self.rules = rules }

    /// Whether there is a register.
    var isShared: Bool { rules.register != nil }

    /// Whether a login was registered and not removed since.
    var hasLogin: Bool { login != nil }

    private func place(_ card: SerialNumber?) -> CardPlace {
        CardPlace(card: card?.digits, reader: rules.reader, eventCount: rules.eventCount)
    }

    /// Registers a login before the PIN is presented. An existing registration stays.
    mutating func enter(_ role: PINRole, on card: SerialNumber?) {
        guard let register = rules.register, login == nil else { return }
        let new = RegisteredLogin(place: place(card), isUnblocking: role == .unblocking, rule: rules.logout)
        login = new
        entry = register.add(new)
    }

    /// Registers a standing login again if the host program closed our descriptor.
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

    /// Leaves the entry to the next program that checks the card, which then closes it. This program could not.
    mutating func abandon() {
        entry?.abandon()
        entry = nil
        login = nil
    }

    /// Removes the entry and checks the others.
    /// - Returns: whether the card must be reset.
    mutating func endsByReset(on card: SerialNumber?) -> Bool {
        guard let register = rules.register, let ended = login, entry != nil else {
            leave()
            return true
        }
        leave()
        return register.logins(on: place(card)).callsForReset(atEndOf: ended)
    }

    /// The same after a reset lost the login: the card may be open because another program relied on this login.
    mutating func lostLoginCallsForReset(on card: SerialNumber?) -> Bool {
        guard let register = rules.register, let lost = login else { return false }
        leave()
        let others = register.logins(on: place(card))
        return others.callsForReset || others.live == 0 && !lost.leavesCardOpen
    }

    /// Whether a program of the user is logged in.
    func anybodyIsLoggedIn(on card: SerialNumber?) -> Bool {
        (rules.register?.logins(on: place(card)).live ?? 0) > 0
    }

    /// Whether an ended program left the card open.
    func orphanCallsForReset(on card: SerialNumber?) -> Bool {
        rules.register?.logins(on: place(card)).callsForReset ?? false
    }

    /// Removes all entries of the card, just before it is reset.
    mutating func removeAll(on card: SerialNumber?) {
        leave()
        rules.register?.removeAll(on: place(card))
    }
}
