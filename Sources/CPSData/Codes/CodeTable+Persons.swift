import Messages

/// The tables about people. Names of professions are the official French ones.
extension CodeTable {
    /// G03, civilities.
    public static let civilities = CodeTable(
        "G03",
        [
            "22": Message("Mrs", fr: "Mme"),
            "23": Message("Miss", fr: "Mlle"),
            "31": Message("Mr", fr: "M."),
        ])

    /// G08, kinds of a person's identifier.
    public static let personIdentifiers = CodeTable(
        "G08",
        [
            "0": Message("ADELI number", fr: "numéro ADELI"),
            "1": Message(
                "ADELI number of the practice, and a number in it", fr: "numéro ADELI du cabinet et numéro de registre"),
            "2": Message("DRASS number", fr: "numéro DRASS"),
            "3": Message(
                "FINESS number of the structure, and a number in it", fr: "numéro FINESS de la structure et numéro de registre"),
            "4": Message(
                "SIREN number of the structure, and a number in it", fr: "numéro SIREN de la structure et numéro de registre"),
            "5": Message(
                "SIRET number of the structure, and a number in it", fr: "numéro SIRET de la structure et numéro de registre"),
            "6": Message(
                "RPPS number of the practice, and a number in it", fr: "numéro RPPS du cabinet et numéro de registre"),
            "8": Message("RPPS number", fr: "numéro RPPS"),
            "9": Message("student number", fr: "numéro d'étudiant"),
            "10": Message("MSSanté identifier", fr: "identifiant MSSanté"),
        ])

    /// G15, professions.
    public static let professions = CodeTable(
        "G15",
        [
            "10": Message("doctor", fr: "Médecin"),
            "21": Message("pharmacist", fr: "Pharmacien"),
            "40": Message("dentist", fr: "Chirurgien-dentiste"),
            "50": Message("midwife", fr: "Sage-femme"),
            "60": Message("nurse", fr: "Infirmier"),
            "70": Message("physiotherapist", fr: "Masseur-kinésithérapeute"),
            "80": Message("podiatrist", fr: "Pédicure-podologue"),
        ])

    /// G16, the professions that people in training will have.
    public static let futureProfessions = CodeTable(
        "G16",
        [
            "10": Message("doctor", fr: "Médecin"),
            "21": Message("pharmacist", fr: "Pharmacien"),
            "40": Message("dentist", fr: "Chirurgien-dentiste"),
            "50": Message("midwife", fr: "Sage-femme"),
        ])

    /// R01, specialities; only what cards.md names.
    public static let specialities = CodeTable(
        "R01", ["SM26": Message("general medicine", fr: "Qualifié en médecine générale")])
}
