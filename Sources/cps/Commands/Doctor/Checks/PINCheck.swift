// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ClientPrograms
import Messages

/// The tries that are left for the codes. None is presented to find that out.
struct PINCheck: Check {
    let title = Message("PIN", fr: "Code porteur")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        survey.answeringCards.flatMap { card, place -> [Finding] in
            if card.model == .cps3Contactless {
                return [
                    .ok(
                        "pin.contactless",
                        Message(
                            "\(place.english)A card that is read without contact has no PIN, and does not sign documents.",
                            fr:
                                "\(place.french)Une carte lue sans contact n'a pas de code porteur, et ne signe pas de document."
                        ))
                ]
            }
            if let problem = card.pins?.problem {
                let failure = Failure(problem)
                let finding = Finding.problem(
                    problem == .noPUK ? "unblocking-code.none" : "pin.unreadable",
                    Message(
                        "\(place.english)\(failure.message.english)", fr: "\(place.french)\(failure.message.french)"),
                    failure.remedy ?? Remedy.wiping)
                guard let pin = card.pin else { return [finding] }
                return [self.finding(pin, "pin", place, ifBlocked: newCard), finding]
            }
            return [
                finding(
                    card.pin, "pin", place,
                    ifBlocked: card.pin?.isUnblockedByNothing == true ? newCard : Remedy.unblocking),
                finding(
                    card.puk, "unblocking-code", place,
                    ifBlocked: card.pin?.triesLeft == 0 ? newCard : newCardOneDay),
            ]
        }
    }

    private func finding(_ pin: CountedPIN?, _ name: String, _ place: Message, ifBlocked remedy: Message) -> Finding {
        guard let pin, let left = pin.triesLeft, let maximum = pin.counter?.maximum else {
            return .warning(
                "\(name).unknown",
                Message(
                    "\(place.english)The card does not tell the tries left.",
                    fr: "\(place.french)La carte ne dit pas les essais restants."), Remedy.wiping)
        }
        let text = Message(
            "\(place.english)\(pin.name.english): \(pin.sentence.english).",
            fr: "\(place.french)\(pin.name.french) : \(pin.sentence.french).")
        switch (left, pin.role) {
        case (0, .user): return .problem("\(name).blocked", text, remedy)
        case (0, .unblocking): return .warning("\(name).blocked", text, remedy)
        case (1, _):
            return .warning(
                "\(name).last-try", text,
                Message("A wrong code blocks it: be sure of it.", fr: "Un code faux le bloque : soyez-en sûr."))
        case (..<maximum, _):
            return .warning(
                "\(name).tries-used", text,
                Message("The right code gives all tries back.", fr: "Le bon code rend tous les essais."))
        default: return .ok("\(name).ready", text)
        }
    }

    private let newCard = Message(
        "This card cannot be unblocked any more: ask the issuer for a new one.",
        fr: "Cette carte ne peut plus être débloquée : demandez-en une nouvelle à l'émetteur.")
    private let newCardOneDay = Message(
        "If the PIN is ever blocked, only a new card helps.",
        fr: "Si le code porteur se bloque un jour, il faudra une nouvelle carte.")
}
