// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages
import SmartCardBytes

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
                let old = try source.read(
                    Message("PIN (\(pin.sentence.english)): ", fr: "Code porteur (\(pin.sentence.french)) : "))
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
