// SPDX-License-Identifier: Apache-2.0

import CPSData

/// What the command tells of the card's holder.
extension FuzzTarget {
    static let healthData = FuzzTarget(
        name: "HealthData",
        run: { input in
            let certificate = HolderCertificate(
                subject: [("CN", "899700000001"), ("SN", "NOM"), ("GN", "PRENOM")], issuer: nil, encoding: input.block()
            )
            let hints = CardDataObject.Hints(cardNumber: "2600971845", certificate: certificate)
            let objects = labels.map { label in CardDataObject(label: label, value: input.block(), hints: hints) }
            for field in objects.flatMap(\.fields) { _ = (field.path, field.hexadecimal, field.text) }
            _ = CardHolder(certificate: certificate, objects: objects)
            _ = CardDescription(tokenLabel: objects[0].fields.first?.text, certificate: certificate, objects: objects)
            _ = objects.compactMap(Activity.init)
        },
        seeds: { card in
            [block(card.certificates.first ?? []) + labels.flatMap { block(card.dataByLabel[$0] ?? []) }]
        })

    private static let labels = ["CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS", "CPS_ACTIVITY_01_PS"]
}
