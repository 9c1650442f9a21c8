// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Messages
import SmartCardBytes

extension PINSource {
    /// Reads a new PIN that the card accepts; on the terminal it is typed twice.
    /// - Throws: `Failure` with `.cancelled`; nothing was sent to the card.
    func newPIN(for pin: CountedPIN) throws(Failure) -> SecretBytes {
        let new = try read(
            Message("New PIN (\(pin.digits.english)): ", fr: "Nouveau code porteur (\(pin.digits.french)) : "))
        try pin.check(new)
        if case .standardInput = self { return new }
        let again = try read(Message("New PIN again: ", fr: "Nouveau code porteur, encore une fois : "))
        guard new.isEqual(to: again) else { throw Failure(CardError.entriesDiffer) }
        return new
    }
}

extension Failure {
    /// The new PIN equals the old one. Nothing was sent to the card.
    static let sameNewPIN = Failure(
        .cancelled,
        Message(
            "The new PIN is the same as the old one; nothing was changed.",
            fr: "Le nouveau code porteur est l'ancien ; rien n'a été changé."))
}

/// Sets a new PIN, and reports the result.
enum NewPIN {
    /// Says that the PIN must be typed on the terminal. A CPS3 needs both PINs in one command,
    /// which a keypad builds only from padded ones; some keypads cannot set a new PIN at all.
    static func sayThatKeypadCannot() {
        Output.sayOnErrors(
            Message(
                "The reader's keypad cannot set a new PIN for this card: type it here.",
                fr:
                    "Le clavier du lecteur ne prend pas de nouveau code porteur pour cette carte : les codes sont demandés ici."
            ).text)
    }

    /// Reports success.
    /// - Throws: `Failure` with `.fileFailed` if stdout cannot be written; it reports the success, too.
    static func confirm(_ message: Message) throws(Failure) {
        do throws(Failure) {
            try Output.say(message)
        } catch {
            throw Failure(
                error.status,
                Message(
                    "\(message.english) But: \(error.message.english)",
                    fr: "\(message.french) Mais : \(error.message.french)"))
        }
    }

    /// Runs the command that sets a PIN; if it fails, reports which PIN is valid.
    /// - Parameter blocked: the failure to throw if the PUK turns out to be blocked.
    /// - Throws: `Failure`.
    static func setting(
        on card: CPSCard, ifBlocked blocked: Failure? = nil, _ body: () throws(CardError) -> Void
    ) throws(Failure) {
        do throws(CardError) {
            try body()
        } catch {
            let cause = Failure(error)
            if error == .pinBlocked, let blocked { throw blocked }
            switch error {
            // After a reset the card may already have the new PIN.
            case .channel(let loss) where card.mayHaveNewPIN || loss == .cardReset:
                throw Failure(
                    cause.status,
                    Message(
                        "\(cause.message.english) It is not known whether the card accepted the new PIN.",
                        fr: "\(cause.message.french) On ne sait pas si la carte a pris le nouveau code porteur."),
                    remedy: Message(
                        "Put the card back and try the new PIN once, then the old one: each wrong one costs a try (`cps status` counts them).",
                        fr:
                            "Remettez la carte et essayez une fois le nouveau code porteur, puis l'ancien : un code faux coûte un essai (« cps status » les compte)."
                    ))
            case .channel, .status, .newPINRefused:
                throw Failure(
                    cause.status,
                    Message(
                        "\(cause.message.english) Nothing was changed.",
                        fr: "\(cause.message.french) Rien n'a été changé."),
                    remedy: cause.remedy)
            default:
                throw cause
            }
        }
    }
}

extension CountedPIN {
    /// Runs the command that presents this PIN or PUK; a refusal names it.
    /// - Throws: `Failure`.
    func presenting(_ body: () throws(CardError) -> Void) throws(Failure) {
        do throws(CardError) {
            try body()
        } catch  where isUnblockedByNothing && (error == .pinBlocked || error == .wrongPIN(triesLeft: 0)) {
            throw blocked
        } catch {
            throw Failure(error, of: self)
        }
    }
}
