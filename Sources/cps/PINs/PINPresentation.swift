// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Messages
import SmartCardBytes

extension CPSCard {
    /// Asks for the PIN, on the terminal or on the reader's keypad, and presents it once.
    /// Every command that needs the PIN uses this. Signals are held from here until
    /// `Readers.withCard` has logged out (`Signals.check()` between two long steps lets the
    /// person end the command earlier).
    /// - Throws: `Failure`: `.wrongPIN`, `.pinBlocked`, `.cancelled`, `.notPossible` for
    ///   a card without a PIN.
    func presentPIN(of identity: CardIdentity, _ options: PINOptions) throws {
        let pin = try CountedPINs.read(from: self, identity).neededPIN()
        try pin.allowPresentation(options.lastTry, canAsk: !options.pinStdin)
        if !options.pinStdin, try hasPINPad(), pin.object.canBeTyped {
            Output.sayOnErrors(
                Message("Type the PIN on the reader.", fr: "Tapez le code porteur sur le lecteur.").text)
            Signals.hold()
            try pin.presenting { () throws(CardError) in try presentFromPINPad(as: pin.object) }
        } else {
            let source = try PINSource.chosen(standardInput: options.pinStdin, option: "--pin-stdin")
            let secret = try source.read(
                Message("PIN (\(pin.sentence.english)): ", fr: "Code porteur (\(pin.sentence.french)) : "))
            try pin.check(secret)
            Signals.hold()
            try pin.presenting { () throws(CardError) in try present(secret, as: pin.object) }
        }
    }
}
