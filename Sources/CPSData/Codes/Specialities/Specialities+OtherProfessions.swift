// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Specialities of dentists (SCD), nurses (SI) and pharmacists (SP, withdrawn in
    /// 2018), and pharmacists' qualified functions (FQ).
    static let otherProfessions: [String: Message] = [
        "SCD01": Message("orthodontics", fr: "Orthopédie dento-faciale"),
        "SCD02": Message("oral surgery", fr: "Chirurgie orale"),
        "SCD03": Message("oral medicine", fr: "Médecine bucco-dentaire"),

        "SI01": Message(
            "advanced practice nurse, stabilised chronic diseases",
            fr: "Infirmier en pratique avancée, pathologies chroniques stabilisées"),
        "SI02": Message(
            "advanced practice nurse, oncology and haemato-oncology",
            fr: "Infirmier en pratique avancée, oncologie et hémato-oncologie"),
        "SI03": Message(
            "advanced practice nurse, chronic kidney disease, dialysis, kidney transplantation",
            fr: "Infirmier en pratique avancée, maladie rénale chronique, dialyse, transplantation rénale"),
        "SI04": Message(
            "advanced practice nurse, psychiatry and mental health",
            fr: "Infirmier en pratique avancée, psychiatrie et santé mentale"),
        "SI05": Message("advanced practice nurse, emergencies", fr: "Infirmier en pratique avancée, urgences"),
        "SI06": Message("operating theatre nurse", fr: "Infirmier de bloc opératoire"),
        "SI07": Message("nurse anaesthetist", fr: "Infirmier anesthésiste"),
        "SI08": Message("paediatric nurse", fr: "Infirmier puériculteur"),

        "SP01": Message("radiopharmacy", fr: "Radio-pharmacie"),
        "SP02": Message("hygiene", fr: "Hygiène"),
        "SP03": Message("pharmacovigilance", fr: "Pharmacovigilance"),
        "SP04": Message("haemovigilance", fr: "Hémovigilance"),

        "FQ01": Message(
            "practical experience, manufacturer (public health code, R. 5124-16)",
            fr: "Expérience pratique, fabricant (code de la santé publique, R. 5124-16)"),
        "FQ02": Message(
            "practical experience, marketing company (public health code, R. 5124-16)",
            fr: "Expérience pratique, exploitant (code de la santé publique, R. 5124-16)"),
        "FQ03": Message(
            "practical experience, cell therapy (public health code, R. 5124-16)",
            fr: "Expérience pratique, thérapie cellulaire (code de la santé publique, R. 5124-16)"),
        "FQ04": Message(
            "practical experience, pharmacy (public health code, R. 5124-18)",
            fr: "Expérience pratique, pharmacie (code de la santé publique, R. 5124-18)"),
        "FQ05": Message(
            "practical experience, autogenous vaccines (public health code, R. 5141-129)",
            fr: "Expérience pratique, autovaccins (code de la santé publique, R. 5141-129)"),
    ]
}
