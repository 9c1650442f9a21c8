// SPDX-License-Identifier: Apache-2.0

import Messages

/// The tables about activities and structures.
extension CodeTable {
    /// G07, kinds of a structure's identifier.
    public static let structureIdentifiers = CodeTable(
        "G07",
        [
            "0": Message("ADELI number of the practice", fr: "numéro ADELI du cabinet"),
            "1": Message("FINESS number", fr: "numéro FINESS"),
            "2": Message("SIREN number", fr: "numéro SIREN"),
            "3": Message("SIRET number", fr: "numéro SIRET"),
            "4": Message("RPPS number of the practice", fr: "numéro RPPS du cabinet"),
        ])

    /// G17, modes of exercise (TRE_G17-ModeExerciceCPx, complete).
    public static let exerciseModes = CodeTable(
        "G17",
        [
            "00": Message("self-employed", fr: "libéral, indépendant, artisan, commerçant"),
            "01": Message("employee", fr: "salarié"),
            "04": Message("replacement", fr: "remplaçant"),
            "07": Message("unpaid", fr: "non rétribué"),
        ])
}
