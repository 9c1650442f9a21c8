// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ClientPrograms
import Messages

/// The logins of this user's programs on the cards, from the register: those that stand, and
/// what a program left that ended without closing the card.
struct LoginCheck: Check {
    let title = Message("Logins", fr: "Sessions")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        survey.cardsWithPlace.compactMap { card, place in finding(on: card, place) }
    }

    /// - Returns: nil if no login is registered.
    private func finding(on card: SurveyedCard, _ place: Message) -> Finding? {
        let logins = card.logins
        if logins.callsForReset { return leftOpen(card, place) }
        switch logins.live {
        case 0: return nil
        case 1:
            return .ok(
                "login.standing",
                Message(
                    "\(place.english)One program of this user is logged in.",
                    fr: "\(place.french)Un logiciel de cet utilisateur est connecté à la carte."))
        default:
            return .ok(
                "login.standing",
                Message(
                    "\(place.english)\(logins.live) programs of this user are logged in.",
                    fr: "\(place.french)\(logins.live) logiciels de cet utilisateur sont connectés à la carte."))
        }
    }

    /// A login whose program ended without closing the card. Without connections pcscd cuts the power.
    private func leftOpen(_ card: SurveyedCard, _ place: Message) -> Finding {
        guard card.isUsedByOthers else {
            return .ok(
                "login.ended",
                Message(
                    "\(place.english)A program ended without closing the card. No program is connected to it now, so pcscd cuts its power: it is closed.",
                    fr:
                        "\(place.french)Un logiciel s'est terminé sans refermer la carte. Plus aucun logiciel n'y est connecté, et pcscd coupe alors son alimentation : elle est refermée."
                ))
        }
        return .warning(
            "login.left-open",
            Message(
                "\(place.english)A program ended without closing the card, and another one keeps it powered: any program can sign without the PIN.",
                fr:
                    "\(place.french)Un logiciel s'est terminé sans refermer la carte, et un autre la garde alimentée : n'importe quel logiciel peut signer sans le code porteur."
            ),
            Message(
                "Run `cps status`, which closes it, or take the card out.",
                fr: "Lancez « cps status », qui la referme, ou retirez la carte."))
    }
}
