// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Specialities of the competition for hospital posts; withdrawn in 2019
    /// (TRE_R46-SpecialiteConcoursHospitalier).
    static let hospital = titled(
        Message("hospital competition", fr: "spécialité de concours hospitalier"),
        [
            "SCH01": Message("pathology", fr: "Anatomie et cytologie pathologiques"),
            "SCH02": Message("anaesthesia and intensive care", fr: "Anesthésie-réanimation"),
            "SCH03": Message(
                "bacteriology and virology, hospital hygiene", fr: "Bactériologie-virologie, hygiène hospitalière"),
            "SCH04": Message("biochemistry", fr: "Biochimie"),
            "SCH05": Message(
                "cell biology, histology, developmental biology",
                fr: "Biologie cellulaire, histologie, biologie du développement"),
            "SCH06": Message("medical biology", fr: "Biologie médicale"),
            "SCH07": Message("biophysics", fr: "Biophysique"),
            "SCH08": Message("medical oncology", fr: "Oncologie médicale"),
            "SCH09": Message("cardiology and vascular diseases", fr: "Cardiologie et maladies vasculaires"),
            "SCH10": Message("general surgery", fr: "Chirurgie générale"),
            "SCH11": Message("visceral and digestive surgery", fr: "Chirurgie viscérale et digestive"),
            "SCH12": Message("children's surgery", fr: "Chirurgie infantile"),
            "SCH13": Message("maxillofacial surgery", fr: "Chirurgie maxillo-faciale"),
            "SCH14": Message("orthopaedic and trauma surgery", fr: "Chirurgie orthopédique et traumatologique"),
            "SCH15": Message(
                "plastic, reconstructive and aesthetic surgery", fr: "Chirurgie plastique reconstructrice et esthétique"
            ),
            "SCH16": Message("thoracic and cardiovascular surgery", fr: "Chirurgie thoracique et cardio-vasculaire"),
            "SCH17": Message("urological surgery", fr: "Chirurgie urologique"),
            "SCH18": Message("vascular surgery", fr: "Chirurgie vasculaire"),
            "SCH19": Message("dermatology and venereology", fr: "Dermatologie et vénéréologie"),
            "SCH20": Message("endocrinology and metabolism", fr: "Endocrinologie et métabolisme"),
            "SCH21": Message("public health", fr: "Santé publique"),
            "SCH22": Message("functional investigations", fr: "Explorations fonctionnelles"),
            "SCH23": Message("gastroenterology and hepatology", fr: "Gastro-entérologie et hépatologie"),
            "SCH24": Message("genetics", fr: "Génétique"),
            "SCH25": Message("medical genetics", fr: "Génétique médicale"),
            "SCH26": Message("gynaecology and obstetrics", fr: "Gynécologie et obstétrique"),
            "SCH27": Message("biological haematology", fr: "Hématologie biologique"),
            "SCH28": Message("clinical haematology", fr: "Hématologie clinique"),
            "SCH29": Message("haemobiology and transfusion", fr: "Hémobiologie-transfusion"),
            "SCH30": Message("hospital hygiene", fr: "Hygiène hospitalière"),
            "SCH31": Message("biological immunology", fr: "Immunologie biologique"),
            "SCH32": Message("clinical immunology", fr: "Immunologie clinique"),
            "SCH33": Message(
                "infectious diseases, tropical diseases", fr: "Maladies infectieuses, maladies tropicales"),
            "SCH34": Message(
                "reproductive medicine and medical gynaecology",
                fr: "Médecine de la reproduction et gynécologie médicale"),
            "SCH35": Message("occupational medicine", fr: "Médecine du travail"),
            "SCH36": Message("emergency medicine", fr: "Médecine d'urgence"),
            "SCH37": Message("general medicine", fr: "Médecine générale"),
            "SCH38": Message("geriatrics", fr: "Gériatrie"),
            "SCH39": Message("internal medicine", fr: "Médecine interne"),
            "SCH40": Message("forensic medicine", fr: "Médecine légale"),
            "SCH41": Message("nuclear medicine", fr: "Médecine nucléaire"),
            "SCH42": Message("physical medicine and rehabilitation", fr: "Médecine physique et de réadaptation"),
            "SCH43": Message("nephrology", fr: "Néphrologie"),
            "SCH44": Message("neurosurgery", fr: "Neuro-chirurgie"),
            "SCH45": Message("neurology", fr: "Neurologie"),
            "SCH46": Message("general dentistry", fr: "Odontologie polyvalente"),
            "SCH47": Message("ophthalmology", fr: "Ophtalmologie"),
            "SCH48": Message("otorhinolaryngology", fr: "Oto-rhino-laryngologie"),
            "SCH49": Message("parasitology", fr: "Parasitologie"),
            "SCH50": Message("paediatrics", fr: "Pédiatrie"),
            "SCH51": Message("general and hospital pharmacy", fr: "Pharmacie polyvalente et pharmacie hospitalière"),
            "SCH52": Message("clinical pharmacology and toxicology", fr: "Pharmacologie clinique et toxicologie"),
            "SCH53": Message("respiratory medicine", fr: "Pneumologie"),
            "SCH54": Message("general psychiatry", fr: "Psychiatrie polyvalente"),
            "SCH55": Message("radiology", fr: "Radiologie"),
            "SCH56": Message("radiation oncology", fr: "Oncologie radiothérapique"),
            "SCH57": Message("medical intensive care", fr: "Réanimation médicale"),
            "SCH58": Message("rheumatology", fr: "Rhumatologie"),
            "SCH59": Message("stomatology", fr: "Stomatologie"),
            "SCH60": Message("toxicology and pharmacology", fr: "Toxicologie et pharmacologie"),
        ])
}
