// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages
import SmartCardBytes

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
