// SPDX-License-Identifier: Apache-2.0

/// The excerpts of the French code tables that profiles are checked against
/// (cards.md §5.6).
enum CodeTables {
    /// G15, the professions, with the text of the certificates' title.
    static let professions: [String: String] = [
        "10": "Médecin", "21": "Pharmacien", "40": "Chirurgien-Dentiste", "50": "Sage-Femme",
        "60": "Infirmier", "70": "Masseur-Kinésithérapeute", "80": "Pédicure-Podologue",
    ]
    /// G16, the future professions.
    static let futureProfessions: Set<String> = ["10", "21", "40", "50"]
    /// G07, types of structure identifiers.
    static let structureIdentifierTypes: Set<String> = ["0", "1", "2", "3", "4"]
    /// G08, types of person identifiers.
    static let personIdentifierTypes: Set<String> = ["0", "1", "2", "3", "4", "5", "6", "8", "9"]
    /// G17, exercise modes.
    static let exerciseModes: Set<String> = ["00", "01", "04", "07"]

    /// R01: `SM` and two digits, or the like for other professions.
    static func isSpeciality(_ code: String) -> Bool { isLettersAndDigits(code) }

    /// R02: SA01 to SA69.
    static func isSector(_ code: String) -> Bool {
        guard code.hasPrefix("SA"), isLettersAndDigits(code), let number = Int(code.dropFirst(2)) else { return false }
        return (1...69).contains(number)
    }

    private static func isLettersAndDigits(_ code: String) -> Bool {
        let bytes = Array(code.utf8)
        return bytes.count == 4 && bytes.prefix(2).allSatisfy { (0x41...0x5A).contains($0) }
            && bytes.suffix(2).allSatisfy { (0x30...0x39).contains($0) }
    }
}
