// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem
import SmartCardBytes

/// The card's PINs: retry counters, login, change and unblocking.
extension Token {
    /// The retry counters of the user's PIN and of the unblocking code.
    struct RetryCounters: Sendable {
        var user: RetryCounter?
        var unblocking: RetryCounter?
    }

    struct CachedCounters {
        var counters: RetryCounters
        var readAt: MonotonicTime
    }

    /// How long a counter stays valid, in milliseconds. Clients poll C_GetTokenInfo, but another program's wrong PIN
    /// must appear soon.
    private static let counterFreshness = 3000

    /// Both retry counters; nil if the card has no such PIN or does not return the counter.
    func retryCounters() throws(CardError) -> RetryCounters {
        try withCard { (state) throws(CardError) in
            if let known = state.counters, known.readAt.isWithin(milliseconds: Token.counterFreshness) {
                return known.counters
            }
            let pins = try pins(&state)
            let both = [pins.userPIN, pins.puk]
            // While a PIN is presented, a CPS4 does not return its counter: all tries are left then.
            var read = try state.card.retryCounters(of: both.compactMap { $0 }).map { counter in
                counter.map { RetryCounter(left: $0.left ?? $0.maximum, maximum: $0.maximum) }
            }
            var counters = RetryCounters()
            if both[0] != nil, !read.isEmpty { counters.user = read.removeFirst() }  // checked: two PINs; not empty
            // checked: two PINs; not empty
            if both[1] != nil, !read.isEmpty { counters.unblocking = read.removeFirst() }
            state.counters = CachedCounters(counters: counters, readAt: MonotonicTime.now)
            return counters
        }
    }

    /// Whether the user's PIN can be typed on the reader's keypad.
    func hasPINPad() throws(CardError) -> Bool {
        try withCard { (state) throws(CardError) in
            guard try state.card.hasPINPad() else { return false }
            return try pins(&state).userPIN?.canBeTyped ?? false
        }
    }

    /// Presents a PIN and logs in. Checking the login, presenting, and checking the sessions are one step.
    /// - Parameter isWanted: whether a session is still open; called after the presentation.
    /// - Returns: false if none was open: the card has forgotten the PIN then.
    /// - Throws: `.alreadyLoggedIn` and `.refusedBefore` before the PIN is sent; as `CPSCard.present`.
    func logIn(
        _ role: PINRole, with pin: borrowing SecretBytes, isWanted: () -> Bool
    ) throws(CardError) -> Bool {
        try withCard { (state) throws(CardError) in
            try requireNoLogin(&state)
            let wasRefused = state.refused.contains(pin, role)
            do throws(CardError) {
                try state.card.present(pin, as: self.pin(of: role, wasRefused, &state), role: role)
            } catch {
                state.refused.note(error, pin, role, state.card, state.pins)
                throw error
            }
            return finishLogin(role, isWanted, &state)
        }
    }

    /// Asks for the PIN on the reader's keypad, and logs in.
    /// - Returns: as `logIn`.
    func logInFromPINPad(_ role: PINRole, isWanted: () -> Bool) throws(CardError) -> Bool {
        try withCard { (state) throws(CardError) in
            try requireNoLogin(&state)
            try state.card.presentFromPINPad(as: pin(of: role, false, &state), role: role)
            return finishLogin(role, isWanted, &state)
        }
    }

    private func requireNoLogin(_ state: inout CardState) throws(CardError) {
        state.card.look()
        switch login.now {
        case .user: throw .alreadyLoggedIn(.user)
        case .unblocking: throw .alreadyLoggedIn(.unblocking)
        case .nobody, .lost, .unreleased: noteLostLogin(&state)
        }
    }

    /// The PIN to present. Its cached counter is dropped, since it will change.
    private func pin(of role: PINRole, _ wasRefused: Bool, _ state: inout CardState) throws(CardError) -> PINObject {
        let pins = try pins(&state)
        state.counters = nil
        let pin =
            role == .user ? try pins.neededUserPIN(on: model) : try pins.neededPUK(on: model)
        if wasRefused { try state.refused.check(pin, role, state.card) }
        return pin
    }

    private func finishLogin(_ role: PINRole, _ isWanted: () -> Bool, _ state: inout CardState) -> Bool {
        state.refused.forget(role)
        objectList.withLock { $0.forgetPrivateValues() }
        if isWanted() { return true }
        try? state.card.logOut()
        return false
    }

    /// Logs out: the card forgets the PINs, unless the rules leave it open.
    /// - Throws: `.notLoggedIn` if nobody was logged in and the card was not open.
    func logOut() throws(CardError) {
        objectList.withLock { $0.forgetPrivateValues() }
        try withCard { (state) throws(CardError) in
            state.card.look()
            let login = login.now
            state.counters = nil
            try state.card.logOut()
            if login == .nobody || login == .lost { throw .notLoggedIn }
        }
    }

    /// Changes the user's PIN. This is no login: the card forgets the PIN afterwards, unless somebody is logged in.
    func changePIN(from old: borrowing SecretBytes, to new: borrowing SecretBytes) throws(CardError) {
        try withCard { (state) throws(CardError) in
            let pin = try pin(of: .user, state.refused.contains(old, .user), &state)
            do throws(CardError) {
                try state.card.change(pin, from: old, to: new)
            } catch {
                state.refused.note(error, old, .user, state.card, state.pins)
                throw error
            }
            state.refused = RefusedPINs()
        }
    }

    /// Changes the user's PIN. Both PINs are typed on the reader's keypad.
    func changePINFromPINPad() throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.changeFromPINPad(pin) }
    }

    /// Sets a new PIN while the unblocking code is logged in.
    func unblockPIN(to new: borrowing SecretBytes) throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.unblock(pin, to: new) }
    }

    /// Sets a new PIN, typed on the reader's keypad, while the unblocking code is logged in.
    func unblockPINFromPINPad() throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.unblockFromPINPad(pin) }
    }

    /// Runs a function that changes the user's PIN.
    private func settingUserPIN(_ body: (CPSCard, PINObject) throws(CardError) -> Void) throws(CardError) {
        try withCard { (state) throws(CardError) in
            let pin = try pin(of: .user, false, &state)
            try body(state.card, pin)
            state.refused = RefusedPINs()
        }
    }
}
