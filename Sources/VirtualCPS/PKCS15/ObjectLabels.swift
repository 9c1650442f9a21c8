// SPDX-License-Identifier: Apache-2.0

/// Labels, identifiers and references of the cards' keys and certificates
/// (cards.md §2.10-§2.12).
extension CardKey {
    /// The identifier's last byte; the AID of the contact application stands
    /// before it, also for the technical key.
    func identifier(on generation: CardGeneration) -> [UInt8] {
        let last: UInt8 =
            switch (self, generation) {
            case (.signature, .cps4): 0x10
            case (.authentication, .cps4): 0x20
            case (.signature, _): 0x01
            case (.authentication, _): 0x02
            case (.technical, _): 0x03
            }
        return ApplicationIdentifier.contact + [last]
    }

    /// keyReference in the PrKDF.
    func reference(on generation: CardGeneration) -> Int {
        switch (self, generation) {
        case (.signature, .cps4): 0x10
        case (.authentication, .cps4): 0x20
        case (.signature, _): 0x81
        case (.authentication, _): 0x82
        case (.technical, _): 0x83
        }
    }

    var privateKeyLabel: String {
        switch self {
        case .signature: "CPS_PRIV_SIG"
        case .authentication: "CPS_PRIV_AUT"
        case .technical: "CPS_PRIV_TECH_AUT"
        }
    }

    /// On CPS4 (cards.md §11).
    var publicKeyLabel: String {
        switch self {
        case .signature: "CPS_PUB_SIG"
        case .authentication: "CPS_PUB_AUT"
        case .technical: "CPS_PUB_TECH_AUT"
        }
    }

    var certificateLabel: String {
        switch self {
        case .signature: "Certificat de Signature CPS"
        case .authentication: "Certificat d'Authentification CPS"
        case .technical: "Certificat Technique CPS"
        }
    }

    /// Where the certificate is (INFERRED, cards.md §9.1).
    var certificatePath: VirtualFilePath {
        switch self {
        case .signature: VirtualFilePath(0x0001, 0xA001)
        case .authentication: VirtualFilePath(0x0001, 0xA002)
        case .technical: VirtualFilePath(0x0001, 0xA003)
        }
    }
}
