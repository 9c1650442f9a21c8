// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ClientPrograms
import ISO7816
import Messages

/// An error of a command: exit status, message, and what to do.
struct Failure: Error {
    let status: ExitStatus
    let message: Message
    /// What the person can do; nil if the message says it.
    let remedy: Message?

    init(_ status: ExitStatus, _ message: Message, remedy: Message? = nil) {
        self.status = status
        self.message = message
        self.remedy = remedy
    }

    /// Prints it to stderr.
    func report() {
        Output.sayOnErrors("cps: \(message.text)")
        if let remedy { Output.sayOnErrors(remedy.text) }
    }
}

extension Failure {
    init(_ error: ChannelError) {
        switch error {
        case .serviceUnavailable:
            let command = PackageTool(on: Machine()).installing(.service)
            self.init(
                .noService,
                Message(
                    "The smart card service (pcscd) cannot be reached.",
                    fr: "Le service des cartes à puce (pcscd) est injoignable."),
                remedy: Message(
                    "Install or start it: \(command); systemctl start pcscd.socket. Run `cps doctor` for details.",
                    fr:
                        "Installez-le ou démarrez-le : \(command) ; systemctl start pcscd.socket. « cps doctor » en dit plus."
                ))
        case .cardRemoved:
            self.init(
                .cardFailed,
                Message("The card was taken out.", fr: "La carte a été retirée."),
                remedy: Message("Put it back and try again.", fr: "Remettez-la et recommencez."))
        case .readerUnavailable:
            self.init(
                .cardFailed,
                Message("The reader was unplugged.", fr: "Le lecteur a été débranché."),
                remedy: Message("Plug it in again and try again.", fr: "Rebranchez-le et recommencez."))
        case .sharingViolation:
            self.init(
                .cardFailed,
                Message(
                    "Another program holds the reader exclusively.",
                    fr: "Un autre logiciel garde le lecteur pour lui seul."),
                remedy: Message("`cps doctor` says which.", fr: "« cps doctor » dit lequel."))
        case .cardUnresponsive:
            self.init(
                .cardFailed,
                Message("The card does not answer.", fr: "La carte ne répond pas."),
                remedy: Message(
                    "Take it out, wipe the chip, and insert it chip first.",
                    fr: "Retirez-la, essuyez la puce, et insérez-la puce en avant."))
        case .serviceSilent:
            self.init(
                .noService,
                Message(
                    "The smart card service (pcscd) runs, but does not answer.",
                    fr: "Le service des cartes à puce (pcscd) fonctionne, mais ne répond pas."),
                remedy: Message(
                    "As root: systemctl restart pcscd.socket pcscd. If it happens again, unplug the reader first.",
                    fr:
                        "En tant que root : systemctl restart pcscd.socket pcscd. Si cela se répète, débranchez d'abord le lecteur."
                ))
        case .accessRefused:
            self.init(
                .noService,
                Message(
                    "The smart card service (pcscd) refuses this user (polkit).",
                    fr: "Le service des cartes à puce (pcscd) refuse cet utilisateur (polkit)."),
                remedy: Remedy.refusal)
        case .cardReset:
            self.init(
                .cardFailed,
                Message("Another program reset the card.", fr: "Un autre logiciel a réinitialisé la carte."),
                remedy: Remedy.again)
        case .malformedResponse:
            self.init(
                .cardFailed,
                Message(
                    "The card's answer arrived damaged.", fr: "La réponse de la carte est arrivée endommagée."),
                remedy: Remedy.again)
        case .noDescriptor:
            self.init(
                .cardFailed,
                Message("Too many files are open.", fr: "Trop de fichiers sont ouverts."),
                remedy: Remedy.again)
        case .commandTooLong:
            self.init(
                .notPossible, Message("The card cannot do that.", fr: "La carte ne sait pas faire cela."))
        case .other(let code):
            let number = Failure.number(ofServiceError: code)
            self.init(
                .cardFailed,
                Message(
                    "The exchange with the card failed (PC/SC \(number)).",
                    fr: "L'échange avec la carte a échoué (PC/SC \(number))."),
                remedy: Remedy.again)
        }
    }

    /// - Parameter pin: what was presented; nil means the PIN.
    init(_ error: CardError, of pin: CountedPIN? = nil) {
        let name =
            pin?.role == .unblocking
            ? Message("The unblocking code", fr: "Le code de déblocage") : Message("The PIN", fr: "Le code")
        switch error {
        case .channel(let cause): self.init(cause)
        case .wrongPIN(triesLeft: 0):
            self.init(
                .pinBlocked,
                Message("The PIN is wrong, and is blocked now.", fr: "Le code est faux, et il est maintenant bloqué."),
                remedy: Remedy.unblocking)
        case .wrongPIN(let left):
            let english = left.map { $0 == 1 ? " One try is left." : " \($0) tries are left." } ?? ""
            let french = left.map { $0 == 1 ? " Il reste un essai." : " Il reste \($0) essais." } ?? ""
            self.init(
                .wrongPIN,
                Message("\(name.english) is wrong.\(english)", fr: "\(name.french) est faux.\(french)"))
        case .pinBlocked:
            self.init(
                .pinBlocked,
                Message("The PIN is blocked.", fr: "Le code est bloqué."),
                remedy: Remedy.unblocking)
        case .noPIN:
            self.init(
                .notPossible,
                Message(
                    "This card has no PIN (contactless cards have none).",
                    fr: "Cette carte n'a pas de code porteur (une carte sans contact n'en a pas)."))
        case .accessRefused:
            self.init(
                .notPossible,
                Message(
                    "The card does not allow this, even with the PIN.",
                    fr: "La carte ne donne pas cela, même avec le code porteur."))
        case .pinsUnreadable:
            self.init(
                .cardFailed,
                Message(
                    "The card's PIN information cannot be read.",
                    fr: "Ce que la carte dit de son code porteur est illisible."),
                remedy: Remedy.wiping)
        case .noPUK:
            self.init(
                .notPossible,
                Message(
                    "The card lists no unblocking code: it cannot be unblocked here.",
                    fr: "La carte n'indique pas de code de déblocage : elle ne peut pas être débloquée ici."),
                remedy: Remedy.issuer)
        case .newPINRefused(let status):
            self.init(
                .cardFailed,
                Message(
                    "The card refuses the new PIN (\(status)).", fr: "La carte refuse le nouveau code (\(status))."),
                remedy: Message(
                    "The unblocking code was right: do not try others. Contact the card's issuer.",
                    fr:
                        "Le code de déblocage était bon : n'en essayez pas d'autres. Adressez-vous à l'émetteur de la carte."
                ))
        case .pinLength:
            self.init(
                .cancelled,
                Message(
                    "Too few or too many digits; nothing was sent to the card.",
                    fr: "Le code a trop ou trop peu de chiffres ; rien n'a été envoyé à la carte."))
        case .pinCharacters:
            self.init(
                .cancelled,
                Message(
                    "Only digits are allowed; nothing was sent to the card.",
                    fr: "Le code ne doit contenir que des chiffres ; rien n'a été envoyé à la carte."))
        case .entryCancelled:
            self.init(
                .cancelled,
                Message(
                    "The entry on the reader's keypad was cancelled, or nothing was typed in time.",
                    fr: "La saisie sur le clavier du lecteur a été annulée, ou rien n'a été tapé à temps."))
        case .entriesDiffer:
            self.init(
                .cancelled,
                Message(
                    "The two new PINs differ; nothing was changed.",
                    fr: "Les deux nouveaux codes diffèrent ; rien n'a été changé."))
        case .notACPSCard:
            self.init(.noCard, Message("This is not a CPS card.", fr: "Ce n'est pas une carte CPS."))
        case .refusedBefore:
            self.init(
                .wrongPIN,
                Message(
                    "The card has just refused this PIN; it was not sent again.",
                    fr: "La carte vient de refuser ce code porteur ; il n'a pas été envoyé de nouveau."))
        // The command has presented the PIN before: another program's reset ended that login.
        case .notLoggedIn: self.init(ChannelError.cardReset)
        case .status(.securityStatusNotSatisfied), .alreadyLoggedIn:
            self.init(.wrongPIN, Message("The card asks for the PIN.", fr: "La carte demande le code porteur."))
        case .operationNotSupported, .dataTooLong, .dataNotUsable, .valueTooLong:
            self.init(
                .notPossible, Message("The card cannot do that.", fr: "La carte ne sait pas faire cela."))
        case .status(let status):
            self.init(
                .cardFailed,
                Message("The card refused: \(status).", fr: "La carte a refusé : \(status)."),
                remedy: Remedy.again)
        case .malformed:
            self.init(
                .cardFailed,
                Message("The card's answer cannot be used.", fr: "La réponse de la carte est inutilisable."),
                remedy: Remedy.reinsertion)
        case .signatureNotConfirmed:
            self.init(
                .cardFailed,
                Message(
                    "The card's signature does not match its certificate.",
                    fr: "La signature faite par la carte ne correspond pas à son certificat."),
                remedy: Remedy.reinsertion)
        case .decryptionFailed:
            self.init(
                .cardFailed,
                Message("The card could not decrypt this.", fr: "La carte n'a pas pu déchiffrer ces données."),
                remedy: Remedy.reinsertion)
        }
    }
    /// An error of PC/SC, as its documents write it: 0x8010001D.
    static func number(ofServiceError code: Int) -> String {
        "0x" + String(UInt32(truncatingIfNeeded: code), radix: 16, uppercase: true)
    }
}
