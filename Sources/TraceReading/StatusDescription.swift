// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Messages

/// Explains a status word (ISO/IEC 7816-4 §5.6; cards.md §1.7).
enum StatusDescription {
    /// - Parameter isCounter: whether the command only read the retry counter; then 63Cx
    ///   does not mean a wrong PIN.
    static func message(of status: StatusWord, isCounter: Bool = false) -> Message {
        if let count = status.bytesAvailable ?? cps2terBytes(status) {
            return Message("\(count) bytes to fetch", fr: "\(count) octets à chercher")
        }
        if let length = status.correctLength {
            return Message("repeat with length \(length)", fr: "à refaire, avec \(length)")
        }
        if let left = status.triesLeft {
            let tries =
                left == 1
                ? Message("1 try left", fr: "1 essai restant")
                : Message("\(left) tries left", fr: "\(left) essais restants")
            return isCounter ? tries : Message("wrong PIN, \(tries.english)", fr: "code faux, \(tries.french)")
        }
        return messages[status.rawValue] ?? classes[status.sw1] ?? Message("unknown answer", fr: "réponse inconnue")
    }

    /// The bytes available after 9Fxx of the CPS2ter application; 9F00 means 256.
    private static func cps2terBytes(_ status: StatusWord) -> Int? {
        guard status.sw1 == 0x9F else { return nil }
        return status.sw2 == 0 ? 256 : Int(status.sw2)
    }

    private static let messages: [UInt16: Message] = [
        0x9000: Message("done", fr: "fait"),
        0x6282: Message("end of file reached", fr: "le fichier finit là"),
        0x6283: Message("the file is deactivated", fr: "fichier désactivé"),
        0x6300: Message("wrong PIN", fr: "code faux"),
        0x6400: Message("nothing was typed in time", fr: "rien n'a été saisi à temps"),
        0x6401: Message("cancelled on the reader", fr: "annulé sur le lecteur"),
        0x6402: Message("the two entries differ", fr: "les deux saisies diffèrent"),
        0x6403: Message("too few or too many digits", fr: "trop ou trop peu de chiffres"),
        0x6581: Message("memory failure", fr: "panne de mémoire"),
        0x6700: Message("wrong length", fr: "longueur fausse"),
        0x6881: Message("the logical channel is closed", fr: "canal logique fermé"),
        0x6882: Message("no secure messaging", fr: "pas de messagerie sécurisée"),
        0x6982: Message("the PIN is missing", fr: "il manque le code porteur"),
        0x6983: Message("the PIN is blocked", fr: "code bloqué"),
        0x6984: Message("the PIN or key cannot be used", fr: "code ou clé inutilisable"),
        0x6985: Message("not allowed now", fr: "pas permis à ce moment"),
        0x6986: Message("no file is selected", fr: "aucun fichier sélectionné"),
        0x6A80: Message("wrong data", fr: "données fausses"),
        0x6A81: Message("the card cannot do that", fr: "la carte ne sait pas le faire"),
        0x6A82: Message("no such file", fr: "fichier absent"),
        0x6A83: Message("no such record", fr: "enregistrement absent"),
        0x6A84: Message("no space left", fr: "plus de place"),
        0x6A86: Message("wrong parameters P1-P2", fr: "paramètres P1-P2 faux"),
        0x6A88: Message("no such key or PIN", fr: "clé ou code absent"),
        0x6B00: Message("beyond the end", fr: "au-delà de la fin"),
        0x6D00: Message(
            "unknown instruction: another application is selected",
            fr: "instruction inconnue : autre application sélectionnée"),
        0x6E00: Message(
            "unknown class: another application is selected", fr: "classe inconnue : autre application sélectionnée"),
        0x6F00: Message("failed, no reason given", fr: "échec sans raison donnée"),
        0x9404: Message("no such file", fr: "fichier absent"),
        0x9804: Message("the PIN is missing", fr: "il manque le code porteur"),
        0x9840: Message("the PIN is blocked", fr: "code bloqué"),
    ]

    private static let classes: [UInt8: Message] = [
        0x62: Message("done, with a warning", fr: "fait, avec un avertissement"),
        0x63: Message("done, with a warning", fr: "fait, avec un avertissement"),
        0x64: Message("failed, nothing changed", fr: "échec, rien n'est changé"),
        0x65: Message("failed, something changed", fr: "échec, quelque chose a changé"),
        0x68: Message("the class is not supported", fr: "classe non acceptée"),
        0x69: Message("not allowed", fr: "pas permis"),
        0x6A: Message("wrong parameters", fr: "paramètres faux"),
    ]
}
