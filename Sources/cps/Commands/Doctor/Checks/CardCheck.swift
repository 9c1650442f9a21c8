// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ISO7816
import Messages
import SmartCardBytes

/// The cards in the readers: known by their answer to reset, and answering.
struct CardCheck: Check {
    let title = Message("Card", fr: "Carte")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard let readers = survey.readers, !readers.isEmpty else { return [] }
        let findings = readers.flatMap { finding(on: $0) }
        if !findings.isEmpty { return findings }
        return [
            .problem(
                "card.none", Message("No card is in the reader.", fr: "Aucune carte dans le lecteur."),
                Message("Put it in, chip first.", fr: "Insérez-la, puce en avant."))
        ]
    }

    private func finding(on reader: SurveyedReader) -> [Finding] {
        switch reader.presence {
        case .noReader, .noCard:
            return []
        case .muteCard:
            return [
                .problem(
                    "card.mute",
                    Message(
                        "\(reader.name): the card does not answer.", fr: "\(reader.name) : la carte ne répond pas."),
                    Message(
                        "Take it out, wipe its chip, put it in chip first. If another card works here, this one is broken.",
                        fr:
                            "Retirez-la, essuyez la puce, insérez-la puce en avant. Si une autre carte fonctionne ici, celle-ci est cassée."
                    ))
            ]
        case .card(let atr):
            guard let card = reader.card else {
                let bytes = Hexadecimal.encode(atr, separator: " ")
                return [
                    .problem(
                        "card.unknown",
                        Message(
                            "\(reader.name): this is no CPS3 or CPS4 card (ATR \(bytes)).",
                            fr: "\(reader.name) : ce n'est pas une carte CPS3 ou CPS4 (ATR \(bytes))."),
                        Message(
                            "Put in the CPS card. Older CPS cards do not work any more.",
                            fr: "Insérez la carte CPS. Les cartes CPS plus anciennes ne fonctionnent plus."))
                ]
            }
            return [finding(on: card, in: reader.name)]
        }
    }

    private func finding(on card: SurveyedCard, in reader: String) -> Finding {
        if card.wasKept {
            return .problem(
                "card.kept",
                Message(
                    "\(reader): another program keeps the card for itself.",
                    fr: "\(reader) : un autre logiciel garde la carte pour lui seul."),
                Message(
                    "Close that program; those that use the readers are listed below.",
                    fr: "Fermez ce logiciel ; ceux qui utilisent les lecteurs sont listés plus bas."))
        }
        if let failure = card.failure {
            if failure.status == .noService {
                return .problem(
                    "card.refused",
                    Message(
                        "\(reader): pcscd refuses the card to this user (polkit: org.debian.pcsc-lite.access_card).",
                        fr:
                            "\(reader) : pcscd refuse la carte à cet utilisateur (polkit : org.debian.pcsc-lite.access_card)."
                    ),
                    ServiceCheck.polkitRemedy)
            }
            return .problem(
                "card.failing",
                Message("\(reader): \(failure.message.english)", fr: "\(reader) : \(failure.message.french)"),
                failure.remedy ?? CardCheck.again)
        }
        if card.update == .interrupted {
            return .problem(
                "card.update-interrupted",
                Message(
                    "\(reader): an update of the card was begun and not finished; it must not be used.",
                    fr:
                        "\(reader) : une mise à jour de la carte a été commencée et non terminée ; elle ne peut pas servir."
                ),
                Message(
                    "Finish the update with the issuer's program, or ask the issuer for a new card.",
                    fr: "Terminez la mise à jour avec le logiciel de l'émetteur, ou demandez-lui une nouvelle carte."))
        }
        let kind = card.model.spokenName
        if !card.isComplete {
            return .warning(
                "card.incomplete",
                Message(
                    "\(reader): a \(kind.english) card; some of what it holds could not be read.",
                    fr: "\(reader) : une carte \(kind.french) ; une partie de son contenu n'a pas pu être lue."),
                CardCheck.again)
        }
        return .ok(
            "card.answers",
            Message(
                "\(reader): a \(kind.english) card, which answers.",
                fr: "\(reader) : une carte \(kind.french), qui répond."))
    }

    /// For a card that answers, and not as it should.
    static let again = Message(
        "Take it out, wipe its chip, try again. If that does not help, ask the issuer for a new card.",
        fr: "Retirez-la, essuyez la puce, recommencez. Si rien ne change, demandez une nouvelle carte à l'émetteur.")
}

extension CardModel {
    /// As people call it.
    fileprivate var spokenName: Message {
        switch self {
        case .cps3: Message("CPS3", fr: "CPS3")
        case .cps3Contactless: Message("CPS3 (contactless)", fr: "CPS3 (sans contact)")
        case .cps4: Message("CPS4", fr: "CPS4")
        }
    }
}
