// SPDX-License-Identifier: Apache-2.0

import Messages

extension CodeTable {
    /// R01, what a holder is qualified in, from the agency's nomenclatures
    /// TRE_R01-EnsembleSavoirFaire-CISIS and TRE_R38-SpecialiteOrdinale, with what was
    /// withdrawn. Not in it are its two "orientations", 80 and 81: cards have those
    /// numbers for professions.
    public static let specialities = CodeTable(
        "R01",
        [
            Specialities.doctors, Specialities.otherProfessions, Specialities.hospital, Specialities.competences,
            Specialities.diplomas, Specialities.rights, Specialities.transversal,
        ].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } })
}

/// The parts of table R01, by what gave the holder the right to the title
/// (TRE_R04-TypeSavoirFaire).
enum Specialities {
    /// Meanings with the kind of title behind them: many kinds have the same names.
    static func titled(_ kind: Message, _ meanings: [String: Message]) -> [String: Message] {
        meanings.mapValues { Message("\($0.english) (\(kind.english))", fr: "\($0.french) (\(kind.french))") }
    }
}
