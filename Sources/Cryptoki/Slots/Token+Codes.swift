// SPDX-License-Identifier: Apache-2.0

import CPSCard
import SmartCardBytes

/// The card's codes: counters, login, change and unblocking.
extension Token {
    /// The counters of the user's PIN and of the unblocking code.
    struct TryCounters: Sendable {
        var user: TryCounter?
        var unblocking: TryCounter?
    }

    struct CachedCounters {
        var counters: TryCounters
        var readAt: MonotonicTime
    }

    /// How long a counter counts as still true: clients poll C_GetTokenInfo, and a
    /// neighbour's wrong PIN is to show all the same. In milliseconds.
    private static let counterFreshness = 3000

    /// The counters of both codes; nil where the card has none or does not tell.
    func tryCounters() throws(CardError) -> TryCounters {
        try withCardState { (state, card) throws(CardError) in
            if let known = state.counters, known.readAt.isWithin(milliseconds: Token.counterFreshness) {
                return known.counters
            }
            let codes = try codes(&state, card)
            let pins = [codes.userPIN, codes.unblockingPIN]
            // While a code is presented a CPS4 does not tell: all tries are left then.
            var read = try card.tryCounters(of: pins.compactMap { $0 }).map { counter in
                counter.map { TryCounter(left: $0.left ?? $0.maximum, maximum: $0.maximum) }
            }
            var counters = TryCounters()
            if pins[0] != nil, !read.isEmpty { counters.user = read.removeFirst() }  // checked: two PINs; not empty
            // checked: two PINs; not empty
            if pins[1] != nil, !read.isEmpty { counters.unblocking = read.removeFirst() }
            state.counters = CachedCounters(counters: counters, readAt: MonotonicTime.now)
            return counters
        }
    }

    var loginState: LoginState { login.withLock { $0 } }

    /// Whether the reader has a keypad on which the user's PIN can be typed.
    func hasPINPad() throws(CardError) -> Bool {
        try withCardState { (state, card) throws(CardError) in
            guard try card.hasPINPad() else { return false }
            return try self.codes(&state, card).userPIN?.canBeTyped ?? false
        }
    }

    /// Presents a code and logs in.
    func logIn(_ type: UserType, with code: borrowing SecretBytes) throws(CardError) {
        try withCardState { (state, card) throws(CardError) in
            try card.present(code, as: pin(of: type, &state, card))
            noteLogin(type, card, &state)
        }
    }

    /// Has the code typed on the reader's keypad, and logs in.
    func logInFromPINPad(_ type: UserType) throws(CardError) {
        try withCardState { (state, card) throws(CardError) in
            try card.presentFromPINPad(as: pin(of: type, &state, card))
            noteLogin(type, card, &state)
        }
    }

    /// The code that a login presents, whose counter will change by that.
    private func pin(of type: UserType, _ state: inout CardState, _ card: CPSCard) throws(CardError) -> PINObject {
        let codes = try codes(&state, card)
        state.counters = nil
        guard let pin = type == .user ? codes.userPIN : codes.unblockingPIN else { throw .noPIN }
        return pin
    }

    /// Resets that were noticed on the way came before the presentation.
    private func noteLogin(_ type: UserType, _ card: CPSCard, _ state: inout CardState) {
        state.seenResets = card.resetCount
        login.withLock { $0 = type.loginState }
    }

    /// Logs out: the card forgets the codes, unless it is to be left as it is.
    func logOut() throws(CardError) {
        login.withLock { $0 = .nobody }
        objectList.withLock { $0.forgetPrivateValues() }
        try withCardState { (state, card) throws(CardError) in
            state.counters = nil
            if forgetsCodes(card) { try card.forgetCodes() }
        }
    }

    /// Replaces the user's PIN. Nobody asked to be logged in by that: the card
    /// forgets the code that it was shown, unless a login stands.
    func changePIN(from old: borrowing SecretBytes, to new: borrowing SecretBytes) throws(CardError) {
        try withUserPIN { (card, pin) throws(CardError) in
            defer { forgetUnlessLoggedIn(card) }
            try card.change(pin, from: old, to: new)
        }
    }

    /// Has the old and the new PIN typed on the reader's keypad, and replaces it.
    func changePINFromPINPad() throws(CardError) {
        try withUserPIN { (card, pin) throws(CardError) in
            defer { forgetUnlessLoggedIn(card) }
            try card.changeFromPINPad(pin)
        }
    }

    private func forgetUnlessLoggedIn(_ card: CPSCard) {
        if loginState == .nobody, forgetsCodes(card) { try? card.forgetCodes() }
    }

    /// Whether a logout has something to do: somebody is logged in, or the card could not
    /// be reached at an earlier one and still counts a code as presented.
    var hasLogin: Bool {
        loginState != .nobody || cardState.withLockIfAvailable { $0.card.map(forgetsCodes) ?? false } ?? false
    }

    /// Whether a card is to forget codes now.
    func forgetsCodes(_ card: CPSCard) -> Bool { card.hasPresentedCode && logout == .reset }

    /// Sets a new PIN; the security officer is logged in.
    func unblockPIN(to new: borrowing SecretBytes) throws(CardError) {
        try withUserPIN { (card, pin) throws(CardError) in try card.unblock(pin, to: new) }
    }

    /// Has a new PIN typed on the reader's keypad; the security officer is logged in.
    func unblockPINFromPINPad() throws(CardError) {
        try withUserPIN { (card, pin) throws(CardError) in try card.unblockFromPINPad(pin) }
    }

    /// Runs a function that replaces the user's PIN.
    private func withUserPIN(_ body: (CPSCard, PINObject) throws(CardError) -> Void) throws(CardError) {
        try withCode { (card, codes) throws(CardError) in
            guard let pin = codes.userPIN else { throw .noPIN }
            try body(card, pin)
        }
    }

    /// Runs a function that changes a counter.
    private func withCode(
        _ body: (CPSCard, CardCodes) throws(CardError) -> Void
    ) throws(CardError) {
        try withCardState { (state, card) throws(CardError) in
            let codes = try codes(&state, card)
            state.counters = nil
            try body(card, codes)
        }
    }
}
