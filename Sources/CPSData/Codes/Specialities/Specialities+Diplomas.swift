// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Complementary diplomas (DESC) that do not make the holder a specialist.
    static let diplomas = titled(
        Message("complementary diploma", fr: "DESC non qualifiant"),
        [
            "DSM200": Message("addiction medicine", fr: "Addictologie"),
            "DSM201": Message("allergology and clinical immunology", fr: "Allergologie et immunologie clinique"),
            "DSM202": Message("andrology", fr: "Andrologie"),
            "DSM203": Message("hormonal and metabolic biochemistry", fr: "Biochimie hormonale et métabolique"),
            "DSM204": Message("biology of infectious agents", fr: "Biologie des agents infectieux"),
            "DSM205": Message("molecular biology", fr: "Biologie moléculaire"),
            "DSM206": Message("oncology", fr: "Cancérologie"),
            "DSM207": Message("surgery of face and neck", fr: "Chirurgie de la face et du cou"),
            "DSM208": Message("plastic and reconstructive surgery", fr: "Chirurgie plastique et reconstructrice"),
            "DSM209": Message("vascular surgery", fr: "Chirurgie vasculaire"),
            "DSM210": Message("human cytogenetics", fr: "Cytogénétique humaine"),
            "DSM211": Message("dermatopathology", fr: "Dermatopathologie"),
            "DSM212": Message("fetal pathology", fr: "Foetopathologie"),
            "DSM213": Message("geriatrics", fr: "Gériatrie"),
            "DSM214": Message("biological haematology", fr: "Hématologie biologique"),
            "DSM215": Message("haematology, blood diseases", fr: "Hématologie maladies du sang"),
            "DSM216": Message("haemobiology and transfusion", fr: "Hémobiologie-transfusion"),
            "DSM217": Message("immunology and immunopathology", fr: "Immunologie et immunopathologie"),
            "DSM218": Message("reproductive medicine", fr: "Médecine de la reproduction"),
            "DSM219": Message("sports medicine", fr: "Médecine du sport"),
            "DSM220": Message("emergency medicine", fr: "Médecine d'urgence"),
            "DSM221": Message(
                "forensic medicine and medical expert opinions", fr: "Médecine légale et expertises médicales"),
            "DSM222": Message("nuclear medicine", fr: "Médecine nucléaire"),
            "DSM223": Message("vascular medicine", fr: "Médecine vasculaire"),
            "DSM224": Message("neonatology", fr: "Néonatologie"),
            "DSM225": Message("neuropathology", fr: "Neuropathologie"),
            "DSM226": Message("nutrition", fr: "Nutrition"),
            "DSM227": Message("dento-maxillofacial orthopaedics", fr: "Orthopédie dento-maxillo-faciale"),
            "DSM228": Message(
                "infectious and tropical diseases, clinical and biological",
                fr: "Pathologie infectieuse et tropicale, clinique et biologique"),
            "DSM229": Message(
                "pharmacokinetics and metabolism of medicines", fr: "Pharmacocinétique et métabolisme des médicaments"),
            "DSM230": Message(
                "clinical pharmacology and evaluation of therapies",
                fr: "Pharmacologie clinique et évaluation des thérapeutiques"),
            "DSM231": Message(
                "psychiatry of children and adolescents", fr: "Psychiatrie de l'enfant et de l'adolescent"),
            "DSM232": Message("radiopharmacy and radiobiology", fr: "Radiopharmacie et radiobiologie"),
            "DSM233": Message("medical intensive care", fr: "Réanimation médicale"),
            "DSM234": Message("biological toxicology", fr: "Toxicologie biologique"),
            "DSM235": Message(
                "pain medicine and palliative medicine", fr: "Médecine de la douleur et médecine palliative"),
            "DSM236": Message(
                "oncology, option medical treatments of cancers",
                fr: "Cancérologie, option traitements médicaux des cancers"),
            "DSM237": Message("oncology, option cancer surgery", fr: "Cancérologie, option chirurgie cancérologique"),
            "DSM238": Message("oncology, option oncology networks", fr: "Cancérologie, option réseaux de cancérologie"),
            "DSM239": Message("oncology, option cancer biology", fr: "Cancérologie, option biologie cancérologie"),
            "DSM240": Message("oncology, option cancer imaging", fr: "Cancérologie, option imagerie cancérologie"),
        ])

    /// Rights to practise in an additional field.
    static let rights = titled(
        Message("additional right to practise", fr: "droit d'exercice complémentaire"),
        [
            "DEC01": Message("addiction medicine", fr: "Addictologie"),
            "DEC02": Message("allergology and clinical immunology", fr: "Allergologie et immunologie clinique"),
            "DEC03": Message("andrology", fr: "Andrologie"),
            "DEC04": Message(
                "oncology, option medical treatments of cancers",
                fr: "Cancérologie, option traitements médicaux des cancers"),
            "DEC05": Message("oncology, option cancer surgery", fr: "Cancérologie, option chirurgie cancérologique"),
            "DEC06": Message("oncology, option oncology networks", fr: "Cancérologie, option réseaux de cancérologie"),
            "DEC07": Message("oncology, option cancer biology", fr: "Cancérologie, option biologie en cancérologie"),
            "DEC08": Message("oncology, option cancer imaging", fr: "Cancérologie, option imagerie en cancérologie"),
            "DEC09": Message("dermatopathology", fr: "Dermatopathologie"),
            "DEC10": Message("fetal pathology", fr: "Foetopathologie"),
            "DEC11": Message("haemobiology and transfusion", fr: "Hémobiologie et transfusion"),
            "DEC12": Message(
                "pain medicine and palliative medicine", fr: "Médecine de la douleur et médecine palliative"),
            "DEC13": Message("reproductive medicine", fr: "Médecine de la reproduction"),
            "DEC14": Message("emergency medicine", fr: "Médecine d'urgence"),
            "DEC15": Message("sports medicine", fr: "Médecine du sport"),
            "DEC16": Message(
                "forensic medicine and medical expert opinions", fr: "Médecine légale et expertises médicales"),
            "DEC17": Message("vascular medicine", fr: "Médecine vasculaire"),
            "DEC18": Message("neonatology", fr: "Néonatologie"),
            "DEC19": Message("neuropathology", fr: "Neuropathologie"),
            "DEC20": Message("nutrition", fr: "Nutrition"),
            "DEC21": Message("dento-maxillofacial orthopaedics", fr: "Orthopédie dento-maxillo-faciale"),
            "DEC22": Message(
                "infectious and tropical diseases, clinical and biological",
                fr: "Pathologie infectieuse et tropicale, clinique et biologique"),
            "DEC23": Message(
                "clinical pharmacology and evaluation of therapies",
                fr: "Pharmacologie clinique et évaluation des thérapeutiques"),
            "DEC24": Message(
                "psychiatry of children and adolescents", fr: "Psychiatrie de l'enfant et de l'adolescent"),
        ])
}
