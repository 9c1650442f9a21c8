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
                let secret = try source.read(
                    Message(
                        "Unblocking code (\(puk.sentence.english)): ",
                        fr: "Code de déblocage (\(puk.sentence.french)) : "))
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
