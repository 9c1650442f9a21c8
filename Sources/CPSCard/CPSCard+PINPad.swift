// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// Codes that are typed on the reader's keypad (PC/SC part 10). They never pass
/// through this program, and a cancelled entry costs no try.
extension CPSCard {
    /// Whether a code can be typed on the reader. Nothing is sent to the card.
    public func hasPINPad() throws(CardError) -> Bool {
        if let readerHasPINPad { return readerHasPINPad }
        let answer = try exclusively { () throws(CardError) in channel?.pinPad != nil }
        readerHasPINPad = answer
        return answer
    }

    /// Whether the reader takes this code's old and new value to change it. Nothing is
    /// sent to the card.
    public func canChangeFromPINPad(_ pin: PINObject) throws(CardError) -> Bool {
        try canUnblockFromPINPad(pin) && commands.keypadChange(of: pin) != nil
    }

    /// Whether the reader takes a new value of this code. Nothing is sent to the card.
    public func canUnblockFromPINPad(_ pin: PINObject) throws(CardError) -> Bool {
        guard pin.canBeTyped, try hasPINPad() else { return false }
        return try transaction { () throws(CardError) in channel?.pinPad?.takesNewPINs ?? false }
    }

    /// Has a code typed and presented.
    /// - Throws: `.entryCancelled` when nothing was presented, else as `present`.
    public func presentFromPINPad(
        as pin: @autoclosure () throws(CardError) -> PINObject, role: PINRole = .user
    ) throws(CardError) {
        try exclusively { () throws(CardError) in
            let pin = try pin()
            let pinPad = try pinPad(for: pin)
            try enterApplication()
            try selectFile(of: pin)
            try present(pin, role, on: pinPad)
            login.now = role.login
        }
    }

    /// Has the old code typed and presented, then the new one typed twice and set.
    /// - Throws: `.operationNotSupported`, before anything is typed, on a card that
    ///   wants both codes in one command and does not pad them, and with a reader that
    ///   takes no new codes; `.entryCancelled` when the code stays as it is.
    public func changeFromPINPad(_ pin: PINObject) throws(CardError) {
        guard let change = commands.keypadChange(of: pin) else { throw .operationNotSupported }
        try presenting { () throws(CardError) in
            let pinPad = try pinPad(for: pin, takesNewPINs: true)
            try selectFile(of: pin)
            guard change.carriesOldPIN else {
                try present(pin, .user, on: pinPad)
                return try set(pin, by: change.header, on: pinPad) { (status) throws(CardError) in
                    try accept(status)
                }
            }
            var entry = pin.entry(change.header)
            entry.carriesOldPIN = true
            let status = try settingPIN { () throws(CardError) in
                try notingPresentation(.user) { () throws(CardError) in
                    try reaching { () throws(ChannelError) in try pinPad.modify(entry) }
                }
            }
            try acceptEntry(status)
        }
    }

    /// Has a new code typed twice and set, and gives it all its tries back. The
    /// unblocking code must have been presented.
    /// - Throws: `.operationNotSupported`, before anything is sent, with a reader that
    ///   takes no new codes; `.entryCancelled` when the code stays as it is: a CPS4
    ///   has given it its tries back by then.
    public func unblockFromPINPad(_ pin: PINObject) throws(CardError) {
        try presenting { () throws(CardError) in
            try requireLogin(.unblocking)
            let pinPad = try pinPad(for: pin, takesNewPINs: true)
            try selectFile(of: pin)
            try acceptNewPIN(commands.prepareUnblocking(of: pin))
            try set(pin, by: commands.unblockHeader(of: pin), on: pinPad) { (status) throws(CardError) in
                try acceptNewPIN(status)
            }
        }
    }

    private func pinPad(for pin: PINObject, takesNewPINs: Bool = false) throws(CardError) -> any PINPad {
        guard let pinPad = channel?.pinPad, pin.canBeTyped, pinPad.takesNewPINs || !takesNewPINs else {
            throw .operationNotSupported
        }
        return pinPad
    }

    private func present(_ pin: PINObject, _ role: PINRole, on pinPad: any PINPad) throws(CardError) {
        let entry = pin.entry(commands.verifyHeader(of: pin))
        try acceptEntry(
            notingPresentation(role) { () throws(CardError) in
                try reaching { () throws(ChannelError) in try pinPad.verify(entry) }
            })
    }

    private func set(
        _ pin: PINObject, by header: [UInt8], on pinPad: any PINPad,
        accept: (StatusWord) throws(CardError) -> Void
    ) throws(CardError) {
        let status = try settingPIN { () throws(CardError) in
            try reaching { () throws(ChannelError) in try pinPad.modify(pin.entry(header)) }
        }
        if let refusal = CPSCard.keypadRefusal(status) { throw refusal }
        try accept(status)
    }

    /// Reads the reader's own answers, then the card's.
    private func acceptEntry(_ status: StatusWord) throws(CardError) {
        if let refusal = CPSCard.keypadRefusal(status) { throw refusal }
        try accept(status)
    }

    /// What the reader answers in place of the card; nil for the card's own answers.
    private static func keypadRefusal(_ status: StatusWord) -> CardError? {
        switch status {
        case .entryTimedOut, .entryCancelled: .entryCancelled
        case .entriesDiffer: .entriesDiffer
        case .entryLengthWrong: .pinLength
        default: nil
        }
    }
}

extension PINObject {
    /// Whether a reader's keypad can build this code's block: one character a byte, in
    /// a block whose size it can be told.
    public var canBeTyped: Bool { coding == .characters && (paddedLength ?? 0) <= PINEntry.longestBlock }

    /// What a reader must know to take this code for a command.
    fileprivate func entry(_ header: [UInt8]) -> PINEntry {
        let maximum = min(maximumLength, paddedLength ?? maximumLength)
        return PINEntry(
            header: header, minimumLength: min(minimumLength, maximum), maximumLength: maximum,
            paddedLength: paddedLength, paddingByte: paddingByte)
    }
}
