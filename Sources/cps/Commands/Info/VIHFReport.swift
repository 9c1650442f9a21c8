// SPDX-License-Identifier: Apache-2.0

import CPSData

/// The fields of a VIHF that come from the card, by their names there (docs/clients/dmp.md).
struct VIHFReport: Encodable {
    /// The subject of the signature certificate.
    let issuer: String?
    let nameID: String?
    let structure: String?
    let sector: String?
    let userName: String?
    let roles: [Role]

    struct Role: Encodable {
        let code: String
        let codeSystem: String
        let codeSystemName: String
        let displayName: String
    }

    init(_ vihf: VIHF, issuer: String?) {
        self.issuer = issuer
        nameID = vihf.nameID
        structure = vihf.structure
        sector = vihf.sector
        userName = vihf.userName
        roles = vihf.roles.map {
            Role(
                code: $0.code, codeSystem: $0.codeSystem, codeSystemName: $0.codeSystemName,
                displayName: $0.displayName)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case issuer = "Issuer"
        case nameID = "NameID"
        case structure = "Identifiant_Structure"
        case sector = "Secteur_Activite"
        case userName = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
        case roles = "urn:oasis:names:tc:xacml:2.0:subject:role"
    }
}
