// SPDX-License-Identifier: Apache-2.0

/// The French code tables for checking profiles (cards.md §5.6).
enum CodeTables {
    /// G15, the professions, with the text of the certificates' title.
    static let professions: [String: String] = [
        "10": "Médecin", "21": "Pharmacien", "26": "Audioprothésiste", "28": "Opticien-Lunetier",
        "31": "Assistant dentaire", "32": "Physicien médical", "35": "Aide-soignant", "36": "Ambulancier",
        "37": "Auxiliaire de puériculture", "38": "Préparateur en pharmacie hospitalière",
        "39": "Préparateur en pharmacie", "40": "Chirurgien-Dentiste", "50": "Sage-Femme", "60": "Infirmier",
        "69": "Infirmier psychiatrique", "70": "Masseur-Kinésithérapeute", "80": "Pédicure-Podologue",
        "81": "Orthoprothésiste", "82": "Podo-Orthésiste", "83": "Orthopédiste-Orthésiste", "84": "Oculariste",
        "85": "Épithésiste", "86": "Technicien de laboratoire médical", "91": "Orthophoniste", "92": "Orthoptiste",
        "93": "Psychologue", "94": "Ergothérapeute", "95": "Diététicien", "96": "Psychomotricien",
        "98": "Manipulateur ERM",
    ]
    /// G16, the future professions.
    static let futureProfessions: Set<String> = ["10", "21", "40", "50"]
    /// G07, types of structure identifiers.
    static let structureIdentifierTypes: Set<String> = ["0", "1", "2", "3", "4"]
    /// G08, types of person identifiers.
    static let personIdentifierTypes: Set<String> = ["0", "1", "2", "3", "4", "5", "6", "8", "9", "10"]
    /// G17, exercise modes.
    static let exerciseModes: Set<String> = ["00", "01", "04", "07"]

    /// R01, by its form: one to four capital letters, then two digits or three: SM26,
    /// SCD01, C01, DSM201.
    static func isSpeciality(_ code: String) -> Bool {
        let letters = code.utf8.prefix { (0x41...0x5A).contains($0) }
        let digits = code.utf8.dropFirst(letters.count)
        return (1...4).contains(letters.count) && (2...3).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// R02: SA01 to SA69.
    static func isSector(_ code: String) -> Bool {
        guard code.hasPrefix("SA"), code.utf8.count == 4, let number = UInt8(code.dropFirst(2)) else { return false }
        return (1...69).contains(number)
    }
}
