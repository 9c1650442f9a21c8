// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// Presenting, changing and unblocking codes (cards.md §3). A wrong code costs one
/// try, never two, and nothing here keeps one.
extension CPSCard {
    /// The counters of codes, none of which is presented for it; nil for one that
    /// the card does not tell.
    public func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?] {
        try reading(
            { () throws(CardError) in try commands.retryCounters(of: pins) }, isSound: { !$0.contains { $0 == nil } })
    }

    /// Presents a PIN; with success the user, or the unblocking code, is logged in.
    /// - Parameters:
    ///   - pin: which one; what is read from the card to know that, and the
    ///     presentation, are one transaction.
    ///   - role: what the PIN is on this card.
    /// - Throws: `CardError.pinLength` or `.pinCharacters` before it is sent, `.wrongPIN` or
    ///   `.pinBlocked` when the card refuses it, `.status` for any other answer. After a
    ///   refusal nobody is logged in, and other programs are told of it by a reset.
    public func present(
        _ code: borrowing SecretBytes, as pin: @autoclosure () throws(CardError) -> PINObject, role: PINRole = .user
    ) throws(CardError) {
        try exclusively { () throws(CardError) in
            let pin = try pin()
            let block = try pin.block(for: code)
            try enterApplication()
            try selectFile(of: pin)
            try accept(notingPresentation(role) { () throws(CardError) in try commands.verify(pin, block: block) })
            login.now = role.login
        }
    }

    /// Runs one command that presents a PIN, and notes that the card may have taken
    /// it unless the answer says that it did not.
    func notingPresentation(
        _ role: PINRole, _ verify: () throws(CardError) -> StatusWord
    ) throws(CardError) -> StatusWord {
        let before = login.now
        register(role)
        if !before.stands { login.now = .unreleased }
        if role == .unblocking { mayHavePUK = true }
        let status = try verify()
        if CPSCard.isRefusal(status) {
            login.now = before
            unregisterUnlessStanding()
        }
        return status
    }

    /// Whether an answer says that nothing was verified: the card's refusals of codes,
    /// and the reader's word that none was typed. What is neither this nor success
    /// (6F00, or bytes that are no status) leaves it open.
    private static func isRefusal(_ status: StatusWord) -> Bool {
        status.triesLeft != nil || status == .authenticationMethodBlocked || status.sw1 == 0x64
    }

    /// Replaces the PIN `old` by `new`; the old one is presented for it. Where nobody was
    /// logged in before, nobody is afterwards: the card forgets the PIN.
    /// - Throws: as `present`.
    public func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) {
        let oldBlock = try pin.block(for: old)
        let newBlock = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try selectFile(of: pin)
            let status = try settingPIN { () throws(CardError) in
                // The old PIN is verified on the way.
                try notingPresentation(.user) { () throws(CardError) in
                    try commands.change(pin, from: oldBlock, to: newBlock)
                }
            }
            try accept(status)
        }
    }

    /// Sets a new PIN and gives it all its tries back. The unblocking code must
    /// be logged in.
    /// - Throws: `.notLoggedIn` before anything is sent; as `present`.
    public func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) {
        let block = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try requireLogin(.unblocking)
            try selectFile(of: pin)
            try acceptNewPIN(settingPIN { () throws(CardError) in try commands.unblock(pin, to: block) })
        }
    }

    /// Runs a command that sets a new PIN. Where its answer is lost the card may have taken
    /// it.
    func settingPIN(_ set: () throws(CardError) -> StatusWord) throws(CardError) -> StatusWord {
        mayHaveNewPIN = true
        let status = try set()
        mayHaveNewPIN = false
        return status
    }

    func selectFile(of pin: PINObject) throws(CardError) {
        if let path = pin.path { try commands.selectSilently(path) }
    }

    /// Reads the answer to a new PIN behind a right unblocking code: that it may not
    /// be used any more, or the new PIN was refused for another reason.
    func acceptNewPIN(_ status: StatusWord) throws(CardError) {
        switch status {
        case .success: return
        case .authenticationMethodBlocked, .referenceDataNotUsable: throw .pinBlocked
        case .securityStatusNotSatisfied: throw .status(status)
        default: throw .newPINRefused(status)
        }
    }

    /// Reads the answer to a command with a code: anything but 9000 is a refusal
    /// (cards.md §3.4, §11 defect 2).
    func accept(_ status: StatusWord) throws(CardError) {
        if status.isSuccess { return }
        if let left = status.triesLeft {
            // A CPS4 says with its last refusal that the code is blocked now.
            throw model == .cps4 && left == 0 ? .pinBlocked : .wrongPIN(triesLeft: left)
        }
        switch status {
        case .authenticationMethodBlocked:
            throw .pinBlocked
        case .referenceDataNotUsable, .conditionsOfUseNotSatisfied, .commandNotAllowed:
            if model != .cps4 { throw .pinBlocked }
            throw .status(status)
        default:
            throw status.sw1 == 0x63 ? .wrongPIN(triesLeft: nil) : .status(status)
        }
    }
}
