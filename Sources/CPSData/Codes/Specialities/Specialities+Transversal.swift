// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Specialised training across specialities (formation spécialisée transversale).
    static let transversal = titled(
        Message("cross-disciplinary training", fr: "formation spécialisée transversale"),
        [
            "SST01": Message("addiction medicine", fr: "Addictologie"),
            "SST02": Message("medical bioinformatics", fr: "Bio-informatique médicale"),
            "SST03": Message(
                "oncology, paediatric haematology and oncology",
                fr: "Cancérologie déclinaison hémato-cancérologie pédiatrique"),
            "SST04": Message(
                "oncology, medical treatments of cancers", fr: "Cancérologie traitements médicaux des cancers"),
            "SST05": Message("paediatric and congenital cardiology", fr: "Cardiologie pédiatrique et congénitale"),
            "SST06": Message("hand surgery", fr: "Chirurgie de la main"),
            "SST07": Message("surgery in war or disaster", fr: "Chirurgie en situation de guerre ou de catastrophe"),
            "SST08": Message("orbital, eyelid and lacrimal surgery", fr: "Chirurgie orbito-palpébro-lacrymale"),
            "SST09": Message("pain", fr: "Douleur"),
            "SST10": Message("medical expert opinions, bodily injury", fr: "Expertise médicale-préjudice corporel"),
            "SST11": Message("fetal pathology", fr: "Foetopathologie"),
            "SST12": Message(
                "bioclinical genetics and molecular medicine", fr: "Génétique et médecine moléculaire bioclinique"),
            "SST13": Message("bioclinical haematology", fr: "Hématologie bioclinique"),
            "SST14": Message(
                "hygiene, prevention of infection, resistance", fr: "Hygiène-prévention de l'infection, résistances"),
            "SST15": Message("allergic diseases", fr: "Maladies allergiques"),
            "SST16": Message("general hospital medicine", fr: "Médecine hospitalière polyvalente"),
            "SST17": Message("palliative medicine", fr: "Médecine palliative"),
            "SST18": Message("school medicine", fr: "Médecine scolaire"),
            "SST19": Message(
                "medicine in war or exceptional health situations",
                fr: "Médecine en situation de guerre ou en situation sanitaire exceptionnelle"),
            "SST20": Message(
                "reproductive medicine and biology, andrology", fr: "Médecine et biologie de la reproduction-andrologie"
            ),
            "SST21": Message("sports medicine", fr: "Médecine du sport"),
            "SST22": Message("applied nutrition", fr: "Nutrition appliquée"),
            "SST23": Message("medical pharmacology, therapeutics", fr: "Pharmacologie médicale/thérapeutique"),
            "SST24": Message("sleep", fr: "Sommeil"),
            "SST25": Message("cell therapy, transfusion", fr: "Thérapie cellulaire/transfusion"),
            "SST26": Message("paediatric emergencies", fr: "Urgences pédiatriques"),
            "SST27": Message(
                "innovation and research in biological and pharmaceutical sciences",
                fr: "Innovation et recherche en sciences biologiques et pharmaceutiques"),
        ])
}
