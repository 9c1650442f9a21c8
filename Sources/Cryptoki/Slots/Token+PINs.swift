// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem
import SmartCardBytes

/// The card's codes: counters, login, change and unblocking.
extension Token {
    /// The counters of the user's PIN and of the unblocking code.
    struct RetryCounters: Sendable {
        var user: RetryCounter?
        var unblocking: RetryCounter?
    }

    struct CachedCounters {
        var counters: RetryCounters
        var readAt: MonotonicTime
    }

    /// How long a counter counts as still true: clients poll C_GetTokenInfo, and a
    /// neighbour's wrong PIN is to show all the same. In milliseconds.
    private static let counterFreshness = 3000

    /// The counters of both codes; nil where the card has none or does not tell.
    func retryCounters() throws(CardError) -> RetryCounters {
        try withCard { (state) throws(CardError) in
            if let known = state.counters, known.readAt.isWithin(milliseconds: Token.counterFreshness) {
                return known.counters
            }
            let pins = try pins(&state)
            let both = [pins.userPIN, pins.puk]
            // While a code is presented a CPS4 does not tell: all tries are left then.
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

    /// Whether the reader has a keypad on which the user's PIN can be typed.
    func hasPINPad() throws(CardError) -> Bool {
        try withCard { (state) throws(CardError) in
            guard try state.card.hasPINPad() else { return false }
            return try pins(&state).userPIN?.canBeTyped ?? false
        }
    }

    /// Presents a PIN and logs in. The look at the login, the presentation and the look at
    /// the sessions are one step.
    /// - Parameter isWanted: whether a session is left to be logged in; asked after the
    ///   presentation.
    /// - Returns: false when none was left: then the card has forgotten the PIN.
    /// - Throws: `.alreadyLoggedIn` and `.refusedBefore` before the PIN is sent; as
    ///   `CPSCard.present`.
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

    /// Has the PIN typed on the reader's keypad, and logs in.
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

    /// The PIN that a login presents, whose counter will change by that.
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

    /// Logs out: the card forgets the PINs, unless it is to be left as it is.
    /// - Throws: `.notLoggedIn` when no login stands, and none is left to be ended.
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

    /// Replaces the user's PIN. Nobody asked to be logged in by that: the card
    /// forgets the PIN that it was shown, unless a login stands.
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

    /// Has the old and the new PIN typed on the reader's keypad, and replaces it.
    func changePINFromPINPad() throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.changeFromPINPad(pin) }
    }

    /// Sets a new PIN; the unblocking code is logged in.
    func unblockPIN(to new: borrowing SecretBytes) throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.unblock(pin, to: new) }
    }

    /// Has a new PIN typed on the reader's keypad; the unblocking code is logged in.
    func unblockPINFromPINPad() throws(CardError) {
        try settingUserPIN { (card, pin) throws(CardError) in try card.unblockFromPINPad(pin) }
    }

    /// Runs a function that replaces the user's PIN.
    private func settingUserPIN(_ body: (CPSCard, PINObject) throws(CardError) -> Void) throws(CardError) {
        try withCard { (state) throws(CardError) in
            let pin = try pin(of: .user, false, &state)
            try body(state.card, pin)
            state.refused = RefusedPINs()
        }
    }
}
