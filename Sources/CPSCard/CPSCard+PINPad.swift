// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// PINs typed on the reader's keypad (PC/SC part 10). They never pass through this program, and a cancelled entry
/// costs no try.
extension CPSCard {
    /// Whether the reader has a keypad for PINs. Nothing is sent to the card.
    /// - Throws: `.channel`.
    public func hasPINPad() throws(CardError) -> Bool {
        if let readerHasPINPad { return readerHasPINPad }
        let answer = try exclusively { () throws(CardError) in channel?.pinPad != nil }
        readerHasPINPad = answer
        return answer
    }

    /// Whether this PIN can be changed on the reader's keypad. Nothing is sent to the card.
    /// - Throws: `.channel`.
    public func canChangeFromPINPad(_ pin: PINObject) throws(CardError) -> Bool {
        try canUnblockFromPINPad(pin) && commands.keypadChange(of: pin) != nil
    }

    /// Whether a new value of this PIN can be typed on the reader's keypad. Nothing is sent to the card.
    /// - Throws: `.channel`.
    public func canUnblockFromPINPad(_ pin: PINObject) throws(CardError) -> Bool {
        guard pin.canBeTyped, try hasPINPad() else { return false }
        return try transaction { () throws(CardError) in channel?.pinPad?.takesNewPINs ?? false }
    }

    /// Asks for a PIN on the keypad and presents it.
    /// - Throws: `.entryCancelled` if nothing was presented, else as `present`.
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

    /// Asks for the old PIN on the keypad and presents it, then asks for the new one twice and sets it.
    /// - Throws: `.operationNotSupported` before anything is typed, if the card needs both PINs in one command and
    ///   does not pad them, or if the reader takes no new PINs; `.entryCancelled` if the PIN is unchanged.
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

    /// Asks for a new PIN twice on the keypad, sets it, and resets its retry counter. The unblocking code must have
    /// been presented.
    /// - Throws: `.operationNotSupported` before anything is sent, if the reader takes no new PINs; `.entryCancelled`
    ///   if the PIN is unchanged. A CPS4 has already reset the retry counter then.
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

    /// Interprets the reader's own answers, then the card's.
    private func acceptEntry(_ status: StatusWord) throws(CardError) {
        if let refusal = CPSCard.keypadRefusal(status) { throw refusal }
        try accept(status)
    }

    /// The error for an answer of the reader itself; nil for the card's answers.
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
    /// Whether a keypad can build this PIN's block: one character per byte, in a block that is not too long for
    /// PC/SC.
    public var canBeTyped: Bool { coding == .characters && (paddedLength ?? 0) <= PINEntry.longestBlock }

    /// What the reader needs to know to take this PIN for a command.
    fileprivate func entry(_ header: [UInt8]) -> PINEntry {
        let maximum = min(maximumLength, paddedLength ?? maximumLength)
        return PINEntry(
            header: header, minimumLength: min(minimumLength, maximum), maximumLength: maximum,
            paddedLength: paddedLength, paddingByte: paddingByte)
    }
}
