// SPDX-License-Identifier: Apache-2.0

import Messages

/// The tables about cards.
extension CodeTable {
    /// G01, categories of cards.
    public static let cardCategories = CodeTable(
        "G01",
        [
            "00": Message("real card", fr: "carte réelle"),
            "02": Message("security module", fr: "module de sécurité"),
            "03": Message("software certificate", fr: "certificat logiciel"),
            "80": Message("test card", fr: "carte de test"),
            "82": Message("security module for tests", fr: "module de sécurité de test"),
            "83": Message("software certificate for tests", fr: "certificat logiciel de test"),
        ])

    /// G02, types of cards.
    public static let cardTypes = CodeTable(
        "G02",
        [
            "00": Message(
                "CPS, health professional's card", fr: "CPS, carte de professionnel de santé"),
            "01": Message(
                "CPF, card of a professional in training", fr: "CPF, carte de professionnel de santé en formation"),
            "02": Message(
                "CDE / CPE, card of an establishment's director or staff",
                fr: "CDE / CPE, carte de directeur ou de personnel d'établissement"),
            "03": Message(
                "CDA / CPA, card of an authorised organisation's director or staff",
                fr: "CDA / CPA, carte de directeur ou de personnel autorisé"),
        ])
}
