// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// Presenting, changing and unblocking codes (cards.md §3). A wrong code costs one
/// try, never two, and nothing here keeps one.
extension CPSCard {
    /// The counters of codes, none of which is presented for it; nil for one that
    /// the card does not tell.
    public func tryCounters(of pins: [PINObject]) throws(CardError) -> [TryCounter?] {
        try reading(
            { () throws(CardError) in try commands.tryCounters(of: pins) }, isSound: { !$0.contains { $0 == nil } })
    }

    /// Presents a code.
    /// - Parameter pin: which one; what is read from the card to know that, and the
    ///   presentation, are one transaction.
    /// - Throws: `CardError.pinLength` or `.pinCharacters` before the code is sent, `.wrongPIN` or
    ///   `.pinBlocked` when the card refuses it, `.status` for any other answer.
    public func present(
        _ code: borrowing SecretBytes, as pin: @autoclosure () throws(CardError) -> PINObject
    ) throws(CardError) {
        try presentingOnce { () throws(CardError) in
            let pin = try pin()
            let block = try pin.block(for: code)
            try enterApplication()
            try selectFile(of: pin)
            try accept(notingPresentation { () throws(CardError) in try commands.verify(pin, block: block) })
        }
    }

    /// Runs commands that present a code. Where the card's answer is lost it may have
    /// taken the code all the same: then it is made to forget it.
    func presentingOnce(_ body: () throws(CardError) -> Void) throws(CardError) {
        let hadPresentedCode = hasPresentedCode
        do throws(CardError) {
            try exclusively(body)
        } catch {
            if hasPresentedCode, !hadPresentedCode { try? forgetCodes() }
            throw error
        }
    }

    /// Runs one command that presents a code, and notes that the card may have taken
    /// it unless the answer says that it did not.
    func notingPresentation(_ verify: () throws(CardError) -> StatusWord) throws(CardError) -> StatusWord {
        let hadPresentedCode = hasPresentedCode
        hasPresentedCode = true
        let status = try verify()
        if CPSCard.isRefusal(status) { hasPresentedCode = hadPresentedCode }
        return status
    }

    /// Whether an answer says that nothing was verified: the card's refusals of codes,
    /// and the reader's word that none was typed. What is neither this nor success
    /// (6F00, or bytes that are no status) leaves it open.
    private static func isRefusal(_ status: StatusWord) -> Bool {
        status.triesLeft != nil || status == .authenticationMethodBlocked || status.sw1 == 0x64
    }

    /// Replaces the code `old` by `new`; the old one is presented for it.
    public func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) {
        let oldBlock = try pin.block(for: old)
        let newBlock = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try selectFile(of: pin)
            // The old code is verified on the way: from here on it may be presented.
            hasPresentedCode = true
            try accept(commands.change(pin, from: oldBlock, to: newBlock))
        }
    }

    /// Sets a new code and gives it all its tries back. The unblocking code must
    /// have been presented.
    public func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) {
        let block = try pin.block(for: new)
        try presenting { () throws(CardError) in
            try selectFile(of: pin)
            try accept(commands.unblock(pin, to: block))
        }
    }

    func selectFile(of pin: PINObject) throws(CardError) {
        if let path = pin.path { try commands.selectSilently(path) }
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
