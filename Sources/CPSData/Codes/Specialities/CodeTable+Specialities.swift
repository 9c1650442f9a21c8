// SPDX-License-Identifier: Apache-2.0

import Messages

extension CodeTable {
    /// R01, the holder's qualifications, from the agency's nomenclatures
    /// TRE_R01-EnsembleSavoirFaire-CISIS and TRE_R38-SpecialiteOrdinale, including
    /// withdrawn ones. The two "orientations", 80 and 81, are left out: on cards these
    /// numbers are professions.
    public static let specialities = CodeTable(
        "R01",
        objectIdentifier: "1.2.250.1.71.4.2.5",
        [
            Specialities.doctors, Specialities.otherProfessions, Specialities.hospital, Specialities.competences,
            Specialities.diplomas, Specialities.rights, Specialities.transversal,
        ].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } })
}

/// The parts of table R01, by the kind of qualification (TRE_R04-TypeSavoirFaire).
enum Specialities {
    /// Appends the kind of title to each meaning: several kinds have the same names.
    static func titled(_ kind: Message, _ meanings: [String: Message]) -> [String: Message] {
        meanings.mapValues { Message("\($0.english) (\(kind.english))", fr: "\($0.french) (\(kind.french))") }
    }
}
