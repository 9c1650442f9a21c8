// SPDX-License-Identifier: Apache-2.0

import Messages

/// The tables about people. Names of professions are the official French ones.
extension CodeTable {
    /// G00, languages: the ISO 639-1 codes of the languages most spoken in and around France.
    public static let languages = CodeTable(
        "G00",
        [
            "ar": Message("Arabic", fr: "arabe"),
            "bg": Message("Bulgarian", fr: "bulgare"),
            "br": Message("Breton", fr: "breton"),
            "ca": Message("Catalan", fr: "catalan"),
            "co": Message("Corsican", fr: "corse"),
            "cs": Message("Czech", fr: "tchèque"),
            "da": Message("Danish", fr: "danois"),
            "de": Message("German", fr: "allemand"),
            "el": Message("Greek", fr: "grec"),
            "en": Message("English", fr: "anglais"),
            "es": Message("Spanish", fr: "espagnol"),
            "eu": Message("Basque", fr: "basque"),
            "fa": Message("Persian", fr: "persan"),
            "fi": Message("Finnish", fr: "finnois"),
            "fr": Message("French", fr: "français"),
            "he": Message("Hebrew", fr: "hébreu"),
            "hr": Message("Croatian", fr: "croate"),
            "hu": Message("Hungarian", fr: "hongrois"),
            "hy": Message("Armenian", fr: "arménien"),
            "it": Message("Italian", fr: "italien"),
            "ja": Message("Japanese", fr: "japonais"),
            "ko": Message("Korean", fr: "coréen"),
            "nl": Message("Dutch", fr: "néerlandais"),
            "no": Message("Norwegian", fr: "norvégien"),
            "oc": Message("Occitan", fr: "occitan"),
            "pl": Message("Polish", fr: "polonais"),
            "pt": Message("Portuguese", fr: "portugais"),
            "ro": Message("Romanian", fr: "roumain"),
            "ru": Message("Russian", fr: "russe"),
            "sk": Message("Slovak", fr: "slovaque"),
            "sq": Message("Albanian", fr: "albanais"),
            "sr": Message("Serbian", fr: "serbe"),
            "sv": Message("Swedish", fr: "suédois"),
            "tr": Message("Turkish", fr: "turc"),
            "uk": Message("Ukrainian", fr: "ukrainien"),
            "vi": Message("Vietnamese", fr: "vietnamien"),
            "zh": Message("Chinese", fr: "chinois"),
        ])

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
                "FINESS number of the structure, and a number in it",
                fr: "numéro FINESS de la structure et numéro de registre"),
            "4": Message(
                "SIREN number of the structure, and a number in it",
                fr: "numéro SIREN de la structure et numéro de registre"),
            "5": Message(
                "SIRET number of the structure, and a number in it",
                fr: "numéro SIRET de la structure et numéro de registre"),
            "6": Message(
                "RPPS number of the practice, and a number in it", fr: "numéro RPPS du cabinet et numéro de registre"),
            "8": Message("RPPS number", fr: "numéro RPPS"),
            "9": Message("student number", fr: "numéro d'étudiant"),
            "10": Message("MSSanté identifier", fr: "identifiant MSSanté"),
        ])

    /// G15, professions (TRE_G15-ProfessionSante, including withdrawn ones).
    public static let professions = CodeTable(
        "G15",
        objectIdentifier: "1.2.250.1.71.1.2.7",
        [
            "10": Message("doctor", fr: "Médecin"),
            "21": Message("pharmacist", fr: "Pharmacien"),
            "26": Message("hearing aid specialist", fr: "Audioprothésiste"),
            "28": Message("optician", fr: "Opticien-lunetier"),
            "31": Message("dental assistant", fr: "Assistant dentaire"),
            "32": Message("medical physicist", fr: "Physicien médical"),
            "35": Message("nursing assistant", fr: "Aide-soignant"),
            "36": Message("ambulance worker", fr: "Ambulancier"),
            "37": Message("childcare assistant", fr: "Auxiliaire de puériculture"),
            "38": Message("hospital pharmacy technician", fr: "Préparateur en pharmacie hospitalière"),
            "39": Message("pharmacy technician", fr: "Préparateur en pharmacie (officine)"),
            "40": Message("dentist", fr: "Chirurgien-dentiste"),
            "50": Message("midwife", fr: "Sage-femme"),
            "60": Message("nurse", fr: "Infirmier"),
            "69": Message("psychiatric nurse", fr: "Infirmier psychiatrique"),
            "70": Message("physiotherapist", fr: "Masseur-kinésithérapeute"),
            "80": Message("podiatrist", fr: "Pédicure-podologue"),
            "81": Message("prosthetist and orthotist", fr: "Orthoprothésiste"),
            "82": Message("orthopaedic shoemaker", fr: "Podo-orthésiste"),
            "83": Message("orthotist", fr: "Orthopédiste-orthésiste"),
            "84": Message("ocularist", fr: "Oculariste"),
            "85": Message("maker of facial prostheses", fr: "Épithésiste"),
            "86": Message("medical laboratory technician", fr: "Technicien de laboratoire médical"),
            "91": Message("speech therapist", fr: "Orthophoniste"),
            "92": Message("orthoptist", fr: "Orthoptiste"),
            "93": Message("psychologist", fr: "Psychologue"),
            "94": Message("occupational therapist", fr: "Ergothérapeute"),
            "95": Message("dietitian", fr: "Diététicien"),
            "96": Message("psychomotor therapist", fr: "Psychomotricien"),
            "98": Message("radiographer", fr: "Manipulateur d'électroradiologie médicale"),
        ])

    /// G16, the future professions of people in training (TRE_G16-ProfessionFormation,
    /// complete).
    public static let futureProfessions = CodeTable(
        "G16",
        objectIdentifier: "1.2.250.1.71.1.2.8",
        [
            "10": Message("doctor", fr: "Médecin"),
            "21": Message("pharmacist", fr: "Pharmacien"),
            "40": Message("dentist", fr: "Chirurgien-dentiste"),
            "50": Message("midwife", fr: "Sage-femme"),
        ])
}
