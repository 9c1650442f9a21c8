// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// Presenting, changing and unblocking PINs (cards.md §3). A wrong PIN costs one try, never two. No PIN is stored
/// here.
extension CPSCard {
    /// The retry counters of these PINs, without presenting any; nil for a counter that the card does not return.
    /// - Throws: `.channel` if the card cannot be reached.
    public func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?] {
        try reading(
            { () throws(CardError) in try commands.retryCounters(of: pins) }, isSound: { !$0.contains { $0 == nil } })
    }

    /// Presents a PIN. If it is right, its role is logged in.
    /// - Parameters:
    ///   - secret: the PIN or unblocking code.
    ///   - pin: its description. Reading it from the card and presenting the PIN are one transaction.
    ///   - role: its role on this card.
    /// - Throws: `CardError.pinLength` or `.pinCharacters` before anything is sent, `.wrongPIN` or `.pinBlocked` if
    ///   the card refuses the PIN, `.status` for any other answer. After a refusal nobody is logged in; the card is
    ///   reset, so that other programs notice.
    public func present(
        _ secret: borrowing SecretBytes, as pin: @autoclosure () throws(CardError) -> PINObject, role: PINRole = .user
    ) throws(CardError) {
        try exclusively { () throws(CardError) in
            let pin = try pin()
            let block = try pin.block(for: secret)
            try enterApplication()
            try selectFile(of: pin)
            try accept(notingPresentation(role) { () throws(CardError) in try commands.verify(pin, block: block) })
            login.now = role.login
        }
    }

    /// Runs one command that presents a PIN. The card counts as possibly open unless the answer is a refusal.
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

    /// Whether an answer proves that no PIN was verified: the card refused it, or the reader reports that none was
    /// typed. Any other answer except success (6F00, or invalid bytes) proves nothing.
    private static func isRefusal(_ status: StatusWord) -> Bool {
        status.triesLeft != nil || status == .authenticationMethodBlocked || status.sw1 == 0x64
    }

    /// Replaces the PIN `old` by `new`. The old one is presented for it. If nobody was logged in before, the card
    /// forgets the PIN afterwards.
    /// - Throws: as `present`.
    public func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) {
        let oldBlock = try pin.block(for: old)
        let newBlock = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try selectFile(of: pin)
            let status = try settingPIN { () throws(CardError) in
                // This verifies the old PIN.
                try notingPresentation(.user) { () throws(CardError) in
                    try commands.change(pin, from: oldBlock, to: newBlock)
                }
            }
            try accept(status)
        }
    }

    /// Sets a new PIN and resets its retry counter. The unblocking code must be logged in.
    /// - Throws: `.notLoggedIn` before anything is sent; as `present`.
    public func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) {
        let block = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try requireLogin(.unblocking)
            try selectFile(of: pin)
            try acceptNewPIN(settingPIN { () throws(CardError) in try commands.unblock(pin, to: block) })
        }
    }

    /// Runs a command that sets a new PIN. If its answer is lost, the card may have set it.
    func settingPIN(_ set: () throws(CardError) -> StatusWord) throws(CardError) -> StatusWord {
        mayHaveNewPIN = true
        let status = try set()
        mayHaveNewPIN = false
        return status
    }

    func selectFile(of pin: PINObject) throws(CardError) {
        if let path = pin.path { try commands.selectSilently(path) }
    }

    /// Interprets the answer to a new PIN after a correct unblocking code: the unblocking code is used up, or the new
    /// PIN is refused for another reason.
    func acceptNewPIN(_ status: StatusWord) throws(CardError) {
        switch status {
        case .success: return
        case .authenticationMethodBlocked, .referenceDataNotUsable: throw .pinBlocked
        case .securityStatusNotSatisfied: throw .status(status)
        default: throw .newPINRefused(status)
        }
    }

    /// Interprets the answer to a command with a PIN. Anything but 9000 is a refusal (cards.md §3.4, §11 defect 2).
    func accept(_ status: StatusWord) throws(CardError) {
        if status.isSuccess { return }
        if let left = status.triesLeft {
            // With the last refusal, a CPS4 answers that no tries are left: the PIN is blocked.
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
