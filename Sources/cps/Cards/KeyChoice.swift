// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages
import PKIX

/// The key, and certificate, that the person chooses.
enum KeyChoice: String, ExpressibleByArgument, CaseIterable {
    case signature
    case authentication

    /// Accepts the French spelling, too.
    init?(argument: String) {
        self.init(rawValue: argument == "authentification" ? "authentication" : argument)
    }

    private var role: KeyObject.Role {
        switch self {
        case .signature: .signature
        case .authentication: .authentication
        }
    }

    /// The key and its certificate.
    /// - Throws: `Failure` with `.notPossible` if the card has none.
    func find(in contents: CardKeysAndCertificates) throws(Failure) -> (key: KeyObject, certificate: CertificateObject)
    {
        for key in contents.privateKeys where key.role == role {
            if let certificate = contents.certificates.first(where: { $0.identifier == key.identifier }) {
                return (key, certificate)
            }
        }
        if contents.privateKeys.contains(where: { $0.role == role }) {
            throw Failure(
                .notPossible,
                Message(
                    "This card has no certificate for its \(rawValue) key.",
                    fr: "Cette carte n'a pas de certificat pour sa clé \(french)."),
                remedy: Remedy.issuer)
        }
        throw Failure(
            .notPossible,
            Message("This card has no \(rawValue) key.", fr: "Cette carte n'a pas de clé \(french)."))
    }

    private var french: String {
        switch self {
        case .signature: "de signature"
        case .authentication: "d'authentification"
        }
    }
}

extension CPSCard {
    /// Reads and parses a certificate of the card.
    /// - Throws: `Failure` with `.cardFailed` if it cannot be parsed; `CardError`.
    func readParsedCertificate(_ object: CertificateObject) throws -> Certificate {
        let bytes = try readCertificate(object)
        do {
            return try Certificate(encoding: bytes)
        } catch {
            throw Failure.unreadableCertificate
        }
    }
}

extension Failure {
    static var unreadableCertificate: Failure {
        Failure(
            .cardFailed,
            Message("The certificate on the card cannot be used.", fr: "Le certificat de la carte est inutilisable."),
            remedy: Remedy.reinsertion)
    }
}
