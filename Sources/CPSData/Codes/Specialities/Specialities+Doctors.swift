// SPDX-License-Identifier: Apache-2.0

import Messages

extension Specialities {
    /// Doctors' specialities, granted by their order. A code may have the name of an older
    /// one: SM92 has that of SM43.
    static let doctors: [String: Message] = [
        "SM01": Message("pathology", fr: "Anatomie et cytologie pathologiques"),
        "SM02": Message("anaesthesia and intensive care", fr: "Anesthésie-réanimation"),
        "SM03": Message("medical biology", fr: "Biologie médicale"),
        "SM04": Message("cardiology and vascular diseases", fr: "Cardiologie et maladies vasculaires"),
        "SM05": Message("general surgery", fr: "Chirurgie générale"),
        "SM06": Message("maxillofacial surgery", fr: "Chirurgie maxillo-faciale"),
        "SM07": Message("maxillofacial surgery and stomatology", fr: "Chirurgie maxillo-faciale et stomatologie"),
        "SM08": Message("orthopaedic surgery and traumatology", fr: "Chirurgie orthopédique et traumatologie"),
        "SM09": Message("children's surgery", fr: "Chirurgie infantile"),
        "SM10": Message(
            "plastic, reconstructive and aesthetic surgery", fr: "Chirurgie plastique reconstructrice et esthétique"),
        "SM11": Message("thoracic and cardiovascular surgery", fr: "Chirurgie thoracique et cardio-vasculaire"),
        "SM12": Message("urological surgery", fr: "Chirurgie urologique"),
        "SM13": Message("vascular surgery", fr: "Chirurgie vasculaire"),
        "SM14": Message("visceral and digestive surgery", fr: "Chirurgie viscérale et digestive"),
        "SM15": Message("dermatology and venereology", fr: "Dermatologie et vénéréologie"),
        "SM16": Message("endocrinology and metabolism", fr: "Endocrinologie et métabolisme"),
        "SM17": Message("medical genetics", fr: "Génétique médicale"),
        "SM18": Message("geriatrics", fr: "Gériatrie"),
        "SM19": Message("medical gynaecology", fr: "Gynécologie médicale"),
        "SM20": Message("gynaecology and obstetrics", fr: "Gynécologie-obstétrique"),
        "SM21": Message("haematology", fr: "Hématologie"),
        "SM22": Message("haematology, option blood diseases", fr: "Hématologie, option maladie du sang"),
        "SM23": Message("haematology, option oncohaematology", fr: "Hématologie, option onco-hématologie"),
        "SM24": Message("gastroenterology and hepatology", fr: "Gastro-entérologie et hépatologie"),
        "SM25": Message("occupational medicine", fr: "Médecine du travail"),
        "SM26": Message("qualified in general medicine", fr: "Qualifié en médecine générale"),
        "SM27": Message("internal medicine", fr: "Médecine interne"),
        "SM28": Message("nuclear medicine", fr: "Médecine nucléaire"),
        "SM29": Message("physical medicine and rehabilitation", fr: "Médecine physique et de réadaptation"),
        "SM30": Message("nephrology", fr: "Néphrologie"),
        "SM31": Message("neurosurgery", fr: "Neuro-chirurgie"),
        "SM32": Message("neurology", fr: "Neurologie"),
        "SM33": Message("neuropsychiatry", fr: "Neuro-psychiatrie"),
        "SM34": Message(
            "otorhinolaryngology and head and neck surgery", fr: "Oto-rhino-laryngologie et chirurgie cervico-faciale"),
        "SM35": Message("oncology, option oncohaematology", fr: "Oncologie, option onco-hématologie"),
        "SM36": Message("oncology, medical option", fr: "Oncologie, option médicale"),
        "SM37": Message("oncology, option radiotherapy", fr: "Oncologie, option radiothérapie"),
        "SM38": Message("ophthalmology", fr: "Ophtalmologie"),
        "SM39": Message("otorhinolaryngology", fr: "Oto-rhino-laryngologie"),
        "SM40": Message("paediatrics", fr: "Pédiatrie"),
        "SM41": Message("respiratory medicine", fr: "Pneumologie"),
        "SM42": Message("psychiatry", fr: "Psychiatrie"),
        "SM43": Message("psychiatry, option children and adolescents", fr: "Psychiatrie, option enfant et adolescent"),
        "SM44": Message("diagnostic radiology", fr: "Radio-diagnostic"),
        "SM45": Message("radiotherapy", fr: "Radio-thérapie"),
        "SM46": Message("intensive care medicine", fr: "Médecine intensive-réanimation"),
        "SM47": Message("medical research", fr: "Recherche médicale"),
        "SM48": Message("rheumatology", fr: "Rhumatologie"),
        "SM49": Message("public health and social medicine", fr: "Santé publique et médecine sociale"),
        "SM50": Message("stomatology", fr: "Stomatologie"),
        "SM51": Message(
            "obstetrics and gynaecology, and medical gynaecology, option obstetrics and gynaecology",
            fr: "Gynéco-obstétrique et gynéco-médicale, option gynéco-obstétrique"),
        "SM52": Message(
            "obstetrics and gynaecology, and medical gynaecology, option medical gynaecology",
            fr: "Gynéco-obstétrique et gynéco-médicale, option gynéco-médicale"),
        "SM53": Message("specialist in general medicine", fr: "Spécialiste en médecine générale"),
        "SM54": Message("general medicine", fr: "Médecine générale"),
        "SM55": Message("diagnostic radiology and radiotherapy", fr: "Radio-diagnostic et radio-thérapie"),
        "SM56": Message("oral surgery", fr: "Chirurgie orale"),
        "SM57": Message("allergology", fr: "Allergologie"),
        "SM58": Message("infectious and tropical diseases", fr: "Maladies infectieuses et tropicales"),
        "SM59": Message("emergency medicine", fr: "Médecine d'urgence"),
        "SM60": Message("forensic medicine and medical expert opinions", fr: "Médecine légale et expertises médicales"),
        "SM61": Message("vascular medicine", fr: "Médecine vasculaire"),
        "SM62": Message("endocrinology, diabetology, nutrition", fr: "Endocrinologie, diabétologie, nutrition"),
        "SM63": Message("medical biology, option general biology", fr: "Biologie médicale option biologie générale"),
        "SM64": Message(
            "medical biology, option molecular medicine, genetics and pharmacology",
            fr: "Biologie médicale option médecine moléculaire, génétique et pharmacologie"),
        "SM65": Message(
            "medical biology, option haematology and immunology",
            fr: "Biologie médicale option hématologie et immunologie"),
        "SM66": Message("medical biology, option infectious agents", fr: "Biologie médicale option agents infectieux"),
        "SM67": Message(
            "medical biology, option reproductive biology", fr: "Biologie médicale option biologie de la reproduction"),
        "SM68": Message("maxillofacial surgery (reform of 2017)", fr: "Chirurgie maxillo-faciale (réforme 2017)"),
        "SM69": Message(
            "paediatric surgery, option visceral paediatric surgery",
            fr: "Chirurgie pédiatrique option chirurgie viscérale pédiatrique"),
        "SM70": Message(
            "paediatric surgery, option paediatric orthopaedics",
            fr: "Chirurgie pédiatrique option orthopédie pédiatrique"),
        "SM71": Message("haematology (reform of 2017)", fr: "Hématologie (réforme 2017)"),
        "SM72": Message("internal medicine and clinical immunology", fr: "Médecine interne et immunologie clinique"),
        "SM73": Message("cardiovascular medicine", fr: "Médecine cardiovasculaire"),
        "SM74": Message("radiology and medical imaging", fr: "Radiologie et imagerie médicale"),
        "SM75": Message("public health", fr: "Santé publique"),
        "SM76": Message(
            "anaesthesia and intensive care, option paediatric anaesthesia",
            fr: "Anesthésie-réanimation option anesthésie-pédiatrique"),
        "SM77": Message(
            "maxillofacial surgery, option orthodontics of maxillofacial dysmorphoses",
            fr: "Chirurgie maxillo-faciale option orthodontie des dysmorphies maxillo-faciales"),
        "SM78": Message(
            "visceral and digestive surgery, option surgical endoscopy",
            fr: "Chirurgie viscérale et digestive option endoscopie chirurgicale"),
        "SM79": Message(
            "cardiovascular medicine, option interventional cardiology",
            fr: "Médecine cardiovasculaire option cardiologie interventionnelle"),
        "SM80": Message(
            "cardiovascular medicine, option expert cardiovascular imaging",
            fr: "Médecine cardiovasculaire option imagerie cardiovasculaire d'expertise"),
        "SM81": Message(
            "cardiovascular medicine, option interventional rhythmology and cardiac pacing",
            fr: "Médecine cardiovasculaire option rythmologie interventionnelle et stimulation cardiaque"),
        "SM82": Message(
            "intensive care medicine, option paediatric intensive care",
            fr: "Médecine intensive-réanimation option réanimation pédiatrique"),
        "SM83": Message(
            "nephrology, option intensive nephrological care", fr: "Néphrologie option soins intensifs néphrologiques"),
        "SM84": Message(
            "neurology, option interventional treatment of acute cerebral ischaemia",
            fr: "Neurologie option traitement interventionnel de l'ischémie cérébrale aiguë"),
        "SM85": Message(
            "ophthalmology, option paediatric ophthalmic and strabismus surgery",
            fr: "Ophtalmologie option chirurgie ophtalmopédiatrique et strabologique"),
        "SM86": Message(
            "otorhinolaryngology and head and neck surgery, option audiophonology",
            fr: "Oto-rhino-laryngologie et chirurgie cervico-faciale option audiophonologie"),
        "SM87": Message("paediatrics, option neonatology", fr: "Pédiatrie option néonatologie"),
        "SM88": Message("paediatrics, option paediatric neurology", fr: "Pédiatrie option neuropédiatrie"),
        "SM89": Message("paediatrics, option paediatric respiratory medicine", fr: "Pédiatrie option pneumopédiatrie"),
        "SM90": Message(
            "paediatrics, option paediatric intensive care", fr: "Pédiatrie option réanimation pédiatrique"),
        "SM91": Message(
            "respiratory medicine, option intensive respiratory care",
            fr: "Pneumologie option soins intensifs respiratoires"),
        "SM92": Message("psychiatry, option children and adolescents", fr: "Psychiatrie option enfant et adolescent"),
        "SM93": Message(
            "psychiatry, option psychiatry of the elderly", fr: "Psychiatrie option psychiatrie de la personne âgée"),
        "SM94": Message(
            "radiology and medical imaging, option advanced interventional radiology",
            fr: "Radiologie et imagerie médicale option radiologie interventionnelle avancée"),
        "SM95": Message(
            "public health, option health administration", fr: "Santé publique option administration de la santé"),
    ]
}
