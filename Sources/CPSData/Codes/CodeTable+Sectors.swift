// SPDX-License-Identifier: Apache-2.0

import Messages

extension CodeTable {
    /// R02, sectors of activity, from the agency's nomenclature TRE_R02-SecteurActivite.
    /// Cards may still have withdrawn codes: SA11 and SA62 are included.
    public static let sectors = CodeTable(
        "R02",
        objectIdentifier: "1.2.250.1.71.4.2.4",
        [
            "SA01": Message("public health establishment", fr: "Établissement public de santé"),
            "SA02": Message("military hospital", fr: "Hôpital militaire du Service de santé des armées"),
            "SA03": Message(
                "private establishment in the public hospital service",
                fr: "Établissement privé participant au service public hospitalier"),
            "SA04": Message(
                "private establishment outside the public hospital service",
                fr: "Établissement privé ne participant pas au service public hospitalier"),
            "SA05": Message("health centre", fr: "Centre de santé"),
            "SA06": Message(
                "other structure of the military health service", fr: "Autre structure du Service de santé des armées"),
            "SA07": Message("private practice", fr: "Cabinet individuel"),
            "SA08": Message("group practice", fr: "Cabinet de groupe"),
            "SA09": Message("practice as a company", fr: "Exercice en société"),
            "SA10": Message("medical transport", fr: "Transporteur sanitaire"),
            "SA11": Message("temporary employment agency", fr: "Entreprise d'intérim"),
            "SA12": Message("establishment of care and prevention", fr: "Établissement de soins et prévention"),
            "SA13": Message("prevention and care in companies", fr: "Prévention et soins en entreprise"),
            "SA14": Message(
                "school, university or training establishment not listed in FINESS",
                fr: "Établissements scolaires, universitaires et de formation hors champ FINESS"),
            "SA15": Message(
                "mother and child care, family planning",
                fr: "Protection maternelle et infantile et planification familiale"),
            "SA16": Message("establishment for disabled people", fr: "Établissement pour personnes handicapées"),
            "SA17": Message("establishment for elderly people", fr: "Établissement pour personnes âgées"),
            "SA18": Message("establishment for family support", fr: "Établissement aide à la famille"),
            "SA19": Message(
                "establishment listed in FINESS that trains for health and social professions",
                fr: "Établissements FINESS de formation aux professions sanitaires et sociales"),
            "SA20": Message("child protection establishment", fr: "Établissement pour la protection de l'enfance"),
            "SA21": Message(
                "establishment for accommodation and rehabilitation",
                fr: "Établissement d'hébergement et de réadaptation"),
            "SA22": Message("research", fr: "Recherche"),
            "SA23": Message("private insurance", fr: "Assurance privée"),
            "SA24": Message("social security body", fr: "Organisme de sécurité sociale"),
            "SA25": Message("medical laboratory", fr: "Laboratoire de biologie médicale"),
            "SA26": Message("ministry or its local service", fr: "Ministère ou service déconcentré"),
            "SA27": Message("local authority", fr: "Collectivité territoriale"),
            "SA28": Message("humanitarian association or body", fr: "Association ou organisme humanitaire"),
            "SA29": Message(
                "laboratory of analysis and medical biology", fr: "Laboratoire d'analyses et de biologie médicale"),
            "SA30": Message("other health establishment", fr: "Autre établissement sanitaire"),
            "SA31": Message(
                "wholesale and distribution of medicines and medical devices",
                fr: "Répartition et distribution de médicaments et dispositifs médicaux"),
            "SA32": Message(
                "manufacture, marketing and import of medicines and medical devices",
                fr: "Fabrication, exploitation et importation de médicaments et dispositifs médicaux"),
            "SA33": Message("community pharmacy", fr: "Pharmacie d'officine"),
            "SA34": Message("dialysis centre", fr: "Centre de dialyse"),
            "SA35": Message("parapharmacy", fr: "Parapharmacie"),
            "SA36": Message("cancer centre", fr: "Centre anti-cancer"),
            "SA37": Message("blood transfusion centre", fr: "Centre de transfusion sanguine"),
            "SA38": Message("miners' pharmacy", fr: "Pharmacie minière"),
            "SA39": Message("mutual insurance pharmacy", fr: "Pharmacie mutualiste"),
            "SA40": Message(
                "private sector, full-time hospital practitioner",
                fr: "Secteur privé, praticien hospitalier temps plein"),
            "SA41": Message(
                "other social or medico-social establishment",
                fr: "Autre établissement du domaine social ou médico-social"),
            "SA42": Message("medical appliances", fr: "Appareillage médical"),
            "SA43": Message("sector not defined", fr: "Secteur non défini"),
            "SA44": Message("recruitment or human resources", fr: "Recrutement ou gestion des ressources humaines"),
            "SA45": Message(
                "communication, marketing, consulting, media", fr: "Communication, marketing, consulting, média"),
            "SA46": Message(
                "manufacture, marketing, import, wholesale and distribution of medicines and medical devices",
                fr:
                    "Fabrication, exploitation, importation, répartition, distribution de médicaments et dispositifs médicaux"
            ),
            "SA47": Message("fire and rescue", fr: "Incendie et secours"),
            "SA48": Message(
                "company of industry or services, not pharmaceutical",
                fr: "Entreprise industrielle et tertiaire hors industrie pharmaceutique"),
            "SA49": Message("overseas entity", fr: "Entité outre-mer"),
            "SA50": Message(
                "out-of-hours outpatient care outside a practice", fr: "Permanence des soins ambulatoires hors cabinet"),
            "SA51": Message(
                "cooperation structure authorised to give care",
                fr: "Structure de coopération avec autorisation de soins"),
            "SA52": Message("multi-professional health house or network", fr: "Maison de santé ou pôle de santé"),
            "SA53": Message(
                "administrative seat of a health establishment", fr: "Siège administratif d'un établissement de santé"),
            "SA54": Message("screening and prevention centre", fr: "Centre de dépistage et de prévention"),
            "SA55": Message(
                "pharmaceutical laboratory that makes and dispenses allergens",
                fr: "Laboratoire pharmaceutique préparant et délivrant des allergènes"),
            "SA56": Message("dispensary of a doctor", fr: "Propharmacie"),
            "SA57": Message(
                "cooperation structure that coordinates care",
                fr: "Structure de coopération avec mission de coordination de soins"),
            "SA58": Message("taxi company", fr: "Entreprise de taxis"),
            "SA59": Message(
                "medical laboratory outside the standard category",
                fr: "Laboratoire de biologie médicale hors catégorie standard"),
            "SA60": Message("medical centre of the SNCF", fr: "Centres médicaux SNCF"),
            "SA61": Message(
                "provider of medical oxygen at home", fr: "Structure dispensatrice à domicile d'oxygène à usage médical"
            ),
            "SA62": Message("professional order", fr: "Ordre professionnel de santé"),
            // Until 2025 territorial health communities (CPTS), which are among these.
            "SA63": Message(
                "structure of coordination and orientation", fr: "Structures de coordination et d'orientation"),
            "SA64": Message("teleconsultation company", fr: "Société de téléconsultation"),
            "SA65": Message("branch of a pharmacy", fr: "Antenne de pharmacie"),
            "SA66": Message(
                "service of prevention and health at work", fr: "Services de prévention et de santé au travail"),
            "SA67": Message("out-of-hours medical centre", fr: "Maisons médicales de garde"),
            "SA68": Message(
                "fire and rescue service of a département", fr: "Services départementaux d'incendie et de secours"),
            "SA69": Message("birth centre", fr: "Maisons de naissance"),
        ])
}
