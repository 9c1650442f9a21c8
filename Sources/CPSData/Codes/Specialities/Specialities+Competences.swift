// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Qualifications besides a speciality, by the doctors' order or a university:
    /// competences (C), exclusive ones (CEX), capacities (CAPA); and PAC.
    static let competences: [String: Message] = [
        titled(
            Message("competence", fr: "compétence"),
            [
                "C01": Message("human pathology", fr: "Anatomie et cytologie pathologiques humaines"),
                "C03": Message("anaesthesia and intensive care", fr: "Anesthésie-réanimation"),
                "C05": Message("medicine applied to sports", fr: "Médecine appliquée aux sports"),
                "C07": Message("cardiology", fr: "Cardiologie"),
                "C09": Message(
                    "plastic, reconstructive and aesthetic surgery",
                    fr: "Chirurgie plastique, reconstructrice et esthétique"),
                "C10": Message("maxillofacial surgery", fr: "Chirurgie maxillo-faciale"),
                "C11": Message("thoracic surgery", fr: "Chirurgie thoracique"),
                "C12": Message("orthopaedic surgery", fr: "Chirurgie orthopédique"),
                "C13": Message("urology", fr: "Urologie"),
                "C15": Message("dermatology and venereology", fr: "Dermato-vénéréologie"),
                "C20": Message("haemobiology", fr: "Hémobiologie"),
                "C23": Message("medical gynaecology and obstetrics", fr: "Gynécologie médicale et obstétrique"),
                "C25": Message("medical gynaecology", fr: "Gynécologie médicale"),
                "C27": Message("obstetrics", fr: "Obstétrique"),
                "C29": Message("diseases of the digestive system", fr: "Maladies de l'appareil digestif"),
                "C30": Message("nephrology", fr: "Néphrologie"),
                "C31": Message("medicine of exotic diseases", fr: "Médecine exotique"),
                "C33": Message("allergology", fr: "Allergologie"),
                "C34": Message("angiology", fr: "Angéiologie"),
                "C35": Message("oncology", fr: "Cancérologie"),
                "C36": Message("diabetology and nutrition", fr: "Diabétologie-nutrition"),
                "C37": Message("endocrinology", fr: "Endocrinologie"),
                "C38": Message("blood diseases", fr: "Maladies du sang"),
                "C39": Message("intensive care", fr: "Réanimation"),
                "C40": Message("forensic medicine", fr: "Médecine légale"),
                "C41": Message("occupational medicine", fr: "Médecine du travail"),
                "C43": Message("neurology", fr: "Neurologie"),
                "C45": Message("neurosurgery", fr: "Neuro-chirurgie"),
                "C47": Message("neuropsychiatry", fr: "Neuro-psychiatrie"),
                "C51": Message("paediatrics", fr: "Pédiatrie"),
                "C52": Message("phoniatrics", fr: "Phoniatrie"),
                "C54": Message("respiratory medicine", fr: "Pneumologie"),
                "C57": Message("psychiatry", fr: "Psychiatrie"),
                "C58": Message(
                    "psychiatry, option children and adolescents", fr: "Psychiatrie, option enfant et adolescent"),
                "C60": Message("physical medicine and rehabilitation", fr: "Médecine physique et de réadaptation"),
                "C62": Message("rheumatology", fr: "Rhumatologie"),
                "C68": Message("paediatric surgery", fr: "Chirurgie pédiatrique"),
                "C69": Message("nuclear medicine", fr: "Médecine nucléaire"),
                "C71": Message("spa medicine", fr: "Médecine thermale"),
                "C72": Message("medical genetics", fr: "Génétique médicale"),
                "C75": Message("endocrinology and metabolic diseases", fr: "Endocrinologie et maladies métaboliques"),
                "C76": Message("dento-maxillofacial orthopaedics", fr: "Orthopédie dento-maxillo-faciale"),
                "C83": Message("surgery of face and neck", fr: "Chirurgie de la face et du cou"),
            ]),
        titled(
            Message("exclusive competence", fr: "compétence exclusive"),
            [
                "CEX22": Message("medical gynaecology and obstetrics", fr: "Gynécologie médicale et obstétrique"),
                "CEX24": Message("medical gynaecology", fr: "Gynécologie médicale"),
                "CEX26": Message("obstetrics", fr: "Obstétrique"),
                "CEX64": Message("urology", fr: "Urologie"),
            ]),
        titled(
            Message("capacity", fr: "capacité"),
            [
                "CAPA01": Message("clinical addiction medicine", fr: "Addictologie clinique"),
                "CAPA02": Message("emergency medical aid", fr: "Aide médicale urgente"),
                "CAPA03": Message("allergology", fr: "Allergologie"),
                "CAPA04": Message("angiology", fr: "Angéiologie"),
                "CAPA05": Message("assessment and treatment of pain", fr: "Évaluation et traitement de la douleur"),
                "CAPA06": Message("gerontology", fr: "Gérontologie"),
                "CAPA07": Message("medical hydrology and climatology", fr: "Hydrologie et climatologie médicales"),
                "CAPA08": Message("aerospace medicine", fr: "Médecine aérospatiale"),
                "CAPA09": Message("disaster medicine", fr: "Médecine de catastrophe"),
                "CAPA10": Message("sports medicine and biology", fr: "Médecine et biologie du sport"),
                "CAPA11": Message(
                    "occupational health and prevention of occupational risks",
                    fr: "Médecine de santé au travail et prévention des risques professionnels"),
                "CAPA12": Message("prison medicine", fr: "Médecine pénitentiaire"),
                "CAPA13": Message("tropical medicine", fr: "Médecine tropicale"),
                "CAPA14": Message("medico-legal practice", fr: "Pratiques médico-judiciaires"),
                "CAPA15": Message("transfusion technology", fr: "Technologie transfusionnelle"),
                "CAPA16": Message("drug and alcohol addictions", fr: "Toxicomanies et alcoologies"),
            ]),
        ["PAC00": Message("contractual assistant practitioner", fr: "Qualification praticien adjoint contractuel")],
    ].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }
}
