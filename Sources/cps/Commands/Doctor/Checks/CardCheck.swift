// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ClientPrograms
import ISO7816
import Messages
import SmartCardBytes

/// The cards in the readers: known by their answer to reset, and answering.
struct CardCheck: Check {
    let title = Message("Card", fr: "Carte")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard let readers = survey.readers, !readers.isEmpty else { return [] }
        let hasCPS = !survey.answeringCards.isEmpty
        let findings = readers.flatMap { finding(on: $0, besideCPS: hasCPS) }
        if !findings.isEmpty { return findings }
        return [
            .problem(
                "card.none", Message("There is no card in the reader.", fr: "Aucune carte dans le lecteur."),
                Message("Put it in, chip first.", fr: "Insérez-la, puce en avant."))
        ]
    }

    /// - Parameter hasCPS: whether a CPS card answers in some reader: then another card
    ///   beside it is none of our business.
    private func finding(on reader: SurveyedReader, besideCPS hasCPS: Bool) -> [Finding] {
        switch reader.presence {
        case .noReader, .noCard:
            return []
        case .muteCard:
            let message = Message(
                "\(reader.name): the card does not answer.", fr: "\(reader.name) : la carte ne répond pas.")
            let remedy = Message(
                "Take it out, wipe the chip, and insert it chip first. If another card works here, this one is broken.",
                fr:
                    "Retirez-la, essuyez la puce, insérez-la puce en avant. Si une autre carte fonctionne ici, celle-ci est cassée."
            )
            return [hasCPS ? .warning("card.mute", message, remedy) : .problem("card.mute", message, remedy)]
        case .card(let atr):
            if let card = reader.card { return [finding(on: card, in: reader.name)] }
            return [finding(on: OtherCard(atr: atr), atr, in: reader.name, besideCPS: hasCPS)]
        }
    }

    private func finding(
        on card: OtherCard, _ atr: [UInt8], in reader: String, besideCPS hasCPS: Bool
    ) -> Finding {
        let bytes = Hexadecimal.encode(atr, separator: " ")
        let message = Message(
            "\(reader): \(card.message.english) (ATR \(bytes)).",
            fr: "\(reader) : \(card.message.french) (ATR \(bytes)).")
        let name = "card.\(card.findingName)"
        return hasCPS ? .ok(name, message) : .problem(name, message, card.remedy)
    }

    private func finding(on card: SurveyedCard, in reader: String) -> Finding {
        let kind = card.model.spokenName
        return switch card.state {
        case .complete:
            .ok(
                "card.answers",
                Message(
                    "\(reader): a \(kind.english) card, which answers.",
                    fr: "\(reader) : une carte \(kind.french), qui répond."))
        case .incomplete:
            .warning(
                "card.incomplete",
                Message(
                    "\(reader): a \(kind.english) card; some of what it holds could not be read.",
                    fr: "\(reader) : une carte \(kind.french) ; une partie de son contenu n'a pas pu être lue."),
                Remedy.wiping)
        case .updateInterrupted:
            .problem(
                "card.update-interrupted",
                Message(
                    "\(reader): an update of the card was begun and not finished; it must not be used.",
                    fr:
                        "\(reader) : une mise à jour de la carte a été commencée et non terminée ; elle ne peut pas servir."
                ),
                Message(
                    "Finish the update with the issuer's program, or ask the issuer for a new card.",
                    fr: "Terminez la mise à jour avec le logiciel de l'émetteur, ou demandez-lui une nouvelle carte."))
        case .held:
            .problem(
                "card.kept",
                Message(
                    "\(reader): another program holds the card exclusively.",
                    fr: "\(reader) : un autre logiciel garde la carte pour lui seul."),
                Message(
                    "Close that program; those that use the readers are listed below.",
                    fr: "Fermez ce logiciel ; ceux qui utilisent les lecteurs sont listés plus bas."))
        case .refused:
            .problem(
                "card.refused",
                Message(
                    "\(reader): pcscd refuses the card to this user (polkit: org.debian.pcsc-lite.access_card).",
                    fr:
                        "\(reader) : pcscd refuse la carte à cet utilisateur (polkit : org.debian.pcsc-lite.access_card)."
                ),
                Remedy.refusal)
        case .failing(let failure):
            .problem(
                "card.failing",
                Message("\(reader): \(failure.message.english)", fr: "\(reader) : \(failure.message.french)"),
                failure.remedy ?? Remedy.wiping)
        }
    }
}

extension OtherCard {
    fileprivate var findingName: String {
        switch self {
        case .vitale: "vitale"
        case .olderCPS: "older-cps"
        case .contactless: "unknown-contactless"
        case .unknown: "unknown"
        }
    }
}

extension CardModel {
    /// The name for people.
    fileprivate var spokenName: Message {
        switch self {
        case .cps3: Message("CPS3", fr: "CPS3")
        case .cps3Contactless: Message("CPS3 (contactless)", fr: "CPS3 (sans contact)")
        case .cps4: Message("CPS4", fr: "CPS4")
        }
    }
}
