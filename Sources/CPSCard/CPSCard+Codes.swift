import ISO7816
import SmartCardBytes

/// Presenting, changing and unblocking codes (cards.md §3). A wrong code costs one
/// try, never two, and nothing here keeps one.
extension CPSCard {
    /// The counters of codes, none of which is presented for it; nil for one that
    /// the card does not tell.
    public func tryCounters(of pins: [PINObject]) throws(CardError) -> [TryCounter?] {
        try transaction { () throws(CardError) in try commands.tryCounters(of: pins) }
    }

    /// Presents a code.
    /// - Throws: `CardError.pinLength` or `.pinCharacters` before anything is sent, `.wrongPIN` or
    ///   `.pinBlocked` when the card refuses it, `.status` for any other answer.
    public func present(_ code: borrowing SecretBytes, as pin: PINObject) throws(CardError) {
        let block = try pin.block(for: code)
        try presenting { () throws(CardError) in
            try selectFile(of: pin)
            try accept(commands.verify(pin, block: block))
            hasPresentedCode = true
        }
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
