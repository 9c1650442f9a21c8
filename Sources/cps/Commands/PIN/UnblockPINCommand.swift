// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages
import SmartCardBytes

/// `cps pin unblock`: the PIN is blocked or forgotten, and the person has the
/// unblocking code.
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

    @OptionGroup var options: NewCodeOptions
    @OptionGroup var reader: ReaderChoice

    func run() throws {
        try Readers().withCard(chosenBy: reader) { card, _ in
            let codes = try Code.read(from: card, card.readIdentity())
            let pin = try codes.neededPIN()
            let unblocking = try codes.neededUnblockingCode()
            try unblocking.allowPresentation(options.lastTry, canAsk: !options.stdin)
            if !options.stdin, unblocking.object.canBeTyped, try card.canUnblockFromPINPad(pin.object) {
                try unblockFromPINPad(pin, unblocking, card)
            } else {
                if !options.stdin, try card.hasPINPad() { NewCode.sayThatKeypadCannot() }
                let source = try CodeSource.chosen(standardInput: options.stdin, option: "--stdin")
                let code = try source.code(
                    Message(
                        "Unblocking code (\(unblocking.sentence.english)): ",
                        fr: "Code de déblocage (\(unblocking.sentence.french)) : "))
                try unblocking.check(code)
                let new = try source.newCode(for: pin)
                Signals.hold()
                try unblocking.presenting { () throws(CardError) in
                    try card.present(code, as: unblocking.object, role: .unblocking)
                }
                try NewCode.setting(on: card, ifBlocked: unblocking.blocked) { () throws(CardError) in
                    try card.unblock(pin.object, to: new)
                }
            }
            try NewCode.tell(
                Message(
                    "The PIN is set, and has all its tries again.",
                    fr: "Le nouveau code porteur est en place, avec tous ses essais."))
        }
    }

    private func unblockFromPINPad(_ pin: Code, _ unblocking: Code, _ card: CPSCard) throws {
        Output.sayOnErrors(
            Message(
                "On the reader: type the unblocking code (\(unblocking.sentence.english)), then the new PIN twice.",
                fr:
                    "Sur le lecteur : tapez le code de déblocage (\(unblocking.sentence.french)), puis deux fois le nouveau code porteur."
            ).text)
        Signals.hold()
        try unblocking.presenting { () throws(CardError) in
            try card.presentFromPINPad(as: unblocking.object, role: .unblocking)
        }
        try NewCode.setting(on: card, ifBlocked: unblocking.blocked) { () throws(CardError) in
            try card.unblockFromPINPad(pin.object)
        }
    }
}
