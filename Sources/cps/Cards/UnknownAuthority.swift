// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

/// What to do if no known authority issued a certificate.
enum UnknownAuthority {
    /// The remedy, by the issuer that the certificate claims.
    static func remedy(for certificate: Certificate, _ known: Authorities) -> Message {
        switch certificate.claimedBranch {
        case .test:
            Message(
                """
                This is a test card's certificate, which stands for no real person. --authorities FILE names the test \
                authorities, if that is what you want.
                """,
                fr: """
                    C'est le certificat d'une carte de test, qui ne représente aucune personne réelle. --authorities \
                    FICHIER indique les autorités de test, si c'est ce que vous voulez.
                    """)
        case .production where known.areTestsOnly:
            Message(
                "Only test authorities are known here, and this is a real card's certificate. \(official.english)",
                fr:
                    "Seules des autorités de test sont connues ici, et c'est le certificat d'une carte réelle. \(official.french)"
            )
        case .production: official
        case nil:
            Message(
                "--authorities names the authorities that you trust.",
                fr: "--authorities indique les autorités de confiance.")
        }
    }

    private static let official = Message(
        "`cps authorities import FILE` imports the official authorities: \(OfficialAddress.production)",
        fr: "« cps authorities import FICHIER » importe les autorités officielles : \(OfficialAddress.production)")
}

extension Authorities {
    /// Whether there are authorities, and all are for test cards.
    fileprivate var areTestsOnly: Bool {
        !certificates.isEmpty && certificates.allSatisfy { $0.claimedBranch == .test }
    }
}
