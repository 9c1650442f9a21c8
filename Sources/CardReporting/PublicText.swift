// SPDX-License-Identifier: Apache-2.0

/// Texts of a card's directories without anything that could be a name or number of a person: only words that
/// issuers of cards use are shown. Of a word that is not known each byte becomes `?`. If a text has more than two
/// digits in numbers, each of them becomes `#`.
enum PublicText {
    /// What stands for a byte of an unknown word.
    static let unknown: Character = "?"
    /// What stands for a digit of a long number.
    static let digit: Character = "#"
    /// `CPS_ACTIVITY_16_PS`
    private static let mostDigits = 2

    /// The text as it may be shown; nil if it has other characters than letters, digits and some punctuation.
    static func shown(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        // Words, and the separator behind each.
        var parts: [(word: String, separator: String)] = [("", "")]
        for character in text {
            if character.isLetter || character.isNumber || character == unknown || character == digit {
                parts[parts.count - 1].word.append(character)
            } else if separators.contains(character) {
                parts[parts.count - 1].separator.append(character)
                parts.append(("", ""))
            } else {
                return nil
            }
        }
        let digits = parts.map { isNumber($0.word) ? $0.word.utf8.count : 0 }.reduce(0, +)
        return parts.map { shownWord($0.word, showsNumbers: digits <= mostDigits) + $0.separator }.joined()
    }

    private static func isNumber(_ word: String) -> Bool { word.allSatisfy { ("0"..."9").contains($0) || $0 == digit } }

    private static func shownWord(_ word: String, showsNumbers: Bool) -> String {
        if isNumber(word) { return showsNumbers ? word : String(repeating: digit, count: word.count) }
        let isKnown = words.contains(word.lowercased()) || isVersion(word.lowercased())
        return isKnown ? word : String(repeating: unknown, count: word.utf8.count)
    }

    /// Whether a word is the name of a card and its version: `cps4v1`.
    private static func isVersion(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        guard bytes.count == 6, word.hasPrefix("cps"), bytes[4] == UInt8(ascii: "v") else { return false }
        return [bytes[3], bytes[5]].allSatisfy { (0x30...0x39).contains($0) }
    }

    private static let separators: Set<Character> = [" ", "_", "-", ".", ",", "'", "’", "/", "(", ")", ":"]

    private static func shownWord(_ word: String) -> String {
        let isNumber = word.allSatisfy { ("0"..."9").contains($0) || $0 == digit }
        if isNumber, word.utf8.count <= 2 { return word }
        if isNumber { return String(repeating: digit, count: word.count) }
        return words.contains(word.lowercased()) ? word : String(repeating: unknown, count: word.utf8.count)
    }

    /// In small letters. Words of the known cards (cards.md §2), and those of other issuers' directories.
    private static let words: Set<String> = [
        "a", "activity", "administrateur", "agent", "ans", "app", "application", "asip", "atr", "aut", "auth",
        "authentication", "authentification", "authority", "ca", "card", "carte", "cert", "certificat", "certificate",
        "ciphering", "cl", "cle", "clé", "cles", "clés", "code", "contact", "cps", "cps1", "cps2", "cps2ter", "cps3",
        "cps4", "cpx", "d", "data", "de", "dec",
        "decipher", "decrypt", "des", "diramo", "du", "déblocage", "deblocage", "dsc", "ecc", "enc", "encryption",
        "esante",
        "et", "fact", "gip", "global", "ias", "icc", "id", "info", "infos", "internal", "issuer", "key", "l", "la",
        "lang",
        "le", "les", "local", "name", "no", "numero", "numéro", "of", "officer", "pan", "personal", "pin", "pkcs",
        "pkcs15", "porteur", "priv", "private", "privee", "privée", "ps", "psinfo", "pub", "public", "publique", "puk",
        "racine", "root", "rsa", "sante", "santé", "security", "sha", "sig", "sign", "signature", "sit", "situation",
        "sm", "so",
        "tech", "technical", "technique", "the", "token", "unblock", "user", "utilisateur", "v", "verify", "volet",
    ]
}
