// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages
import SmartCardBytes

/// `cps pin`: changes or unblocks the PIN.
struct PINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: Message("Change the PIN, or unblock it.", fr: "Change le code porteur, ou le débloque.").text,
        subcommands: [ChangePINCommand.self, UnblockPINCommand.self])
}

/// `cps pin change`: replaces the PIN; needs the current one.
struct ChangePINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: Message("Replace the PIN by a new one.", fr: "Remplace le code porteur par un nouveau.").text,
        discussion: Message(
            "PINs are asked for, never shown, never an argument.",
            fr: "Les codes sont demandés, jamais affichés, et jamais des arguments."
        ).text)

    @OptionGroup var options: NewPINOptions
    @OptionGroup var reader: ReaderChoice

    func run() throws {
        try Readers().withCard(chosenBy: reader) { card, _ in
            let identity = try card.readIdentity()
            let pin = try CountedPINs.read(from: card, identity).neededPIN()
            try pin.allowPresentation(options.lastTry, canAsk: !options.stdin)
            if !options.stdin, try card.canChangeFromPINPad(pin.object) {
                try changeFromPINPad(pin, card)
            } else {
                if !options.stdin, try card.hasPINPad() { NewPIN.sayThatKeypadCannot() }
                let source = try PINSource.chosen(standardInput: options.stdin, option: "--stdin")
                let old = try source.read(pin.question)
                try pin.check(old)
                let new = try source.newPIN(for: pin)
                if new.isEqual(to: old) { throw Failure.sameNewPIN }
                Signals.hold()
                try NewPIN.setting(on: card) { () throws(CardError) in try card.change(pin.object, from: old, to: new)
                }
            }
            try NewPIN.confirm(
                Message("The PIN is changed.", fr: "Le code porteur est changé."))
        }
    }

    private func changeFromPINPad(_ pin: CountedPIN, _ card: CPSCard) throws {
        Output.sayOnErrors(
            Message(
                "On the reader: type the PIN (\(pin.sentence.english)), then the new one twice.",
                fr: "Sur le lecteur : tapez le code porteur (\(pin.sentence.french)), puis deux fois le nouveau."
            ).text)
        Signals.hold()
        try NewPIN.setting(on: card) { () throws(CardError) in try card.changeFromPINPad(pin.object) }
    }
}

/// `cps pin unblock`: sets a new PIN with the unblocking code, if the PIN is blocked or
/// forgotten.
struct UnblockPINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock",
        abstract: Message(
            "Set a new PIN with the unblocking code.", fr: "Donne un nouveau code porteur avec le code de déblocage."
        ).text,
        discussion: Message(
            "Works also when the PIN is forgotten and not blocked yet.",
            fr: "Sert aussi quand le code porteur est oublié et pas encore bloqué."
        ).text)

    @OptionGroup var options: NewPINOptions
    @OptionGroup var reader: ReaderChoice

    func run() throws {
        try Readers().withCard(chosenBy: reader) { card, _ in
            let pins = try CountedPINs.read(from: card, card.readIdentity())
            let pin = try pins.neededPIN()
            let puk = try pins.neededPUK()
            try puk.allowPresentation(options.lastTry, canAsk: !options.stdin)
            if !options.stdin, puk.object.canBeTyped, try card.canUnblockFromPINPad(pin.object) {
                try unblockFromPINPad(pin, puk, card)
            } else {
                if !options.stdin, try card.hasPINPad() { NewPIN.sayThatKeypadCannot() }
                let source = try PINSource.chosen(standardInput: options.stdin, option: "--stdin")
                let secret = try source.read(puk.question)
                try puk.check(secret)
                let new = try source.newPIN(for: pin)
                Signals.hold()
                try puk.presenting { () throws(CardError) in
                    try card.present(secret, as: puk.object, role: .unblocking)
                }
                try NewPIN.setting(on: card, ifBlocked: puk.blocked) { () throws(CardError) in
                    try card.unblock(pin.object, to: new)
                }
            }
            try NewPIN.confirm(
                Message(
                    "The PIN is set, and has all its tries again.",
                    fr: "Le nouveau code porteur est en place, avec tous ses essais."))
        }
    }

    private func unblockFromPINPad(_ pin: CountedPIN, _ puk: CountedPIN, _ card: CPSCard) throws {
        Output.sayOnErrors(
            Message(
                "On the reader: type the unblocking code (\(puk.sentence.english)), then the new PIN twice.",
                fr:
                    "Sur le lecteur : tapez le code de déblocage (\(puk.sentence.french)), puis deux fois le nouveau code porteur."
            ).text)
        Signals.hold()
        try puk.presenting { () throws(CardError) in
            try card.presentFromPINPad(as: puk.object, role: .unblocking)
        }
        try NewPIN.setting(on: card, ifBlocked: puk.blocked) { () throws(CardError) in
            try card.unblockFromPINPad(pin.object)
        }
    }
}

/// The options of the commands that set a new PIN.
struct NewPINOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Read from standard input, one per line: the PIN (or the unblocking code), then the new PIN, once.",
                fr:
                    "Lit sur l'entrée standard, un par ligne : le code porteur (ou le code de déblocage), puis le nouveau code porteur, une fois."
            ).text))
    var stdin = false

    @OptionGroup var lastTry: LastTryOption
}

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
