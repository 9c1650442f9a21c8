// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostCryptography
import Messages
import PKIX

/// A card that signs documents with one of its keys.
struct CardSigner {
    private let card: CPSCard
    private let identity: CardIdentity
    private let key: KeyObject
    private let publicKey: RSAPublicKey
    let certificate: Certificate

    /// Reads the certificate; does not ask for the PIN.
    /// - Throws: `Failure` if the card has no such key, or if its certificate is not valid
    ///   today: nobody would accept the signature.
    init(_ card: CPSCard, _ choice: KeyChoice) throws {
        self.card = card
        identity = try card.readIdentity()
        let found = try choice.find(in: try card.readKeysAndCertificates(of: identity))
        key = found.key
        certificate = try card.readParsedCertificate(found.certificate)
        guard CPSCard.signatureMechanisms(of: key, on: card.model).contains(.pkcs1Hash(.sha256)) else {
            throw Failure(CardError.operationNotSupported)
        }
        guard let publicKey = (try? X509Certificate(parsing: certificate.encoding))?.publicKey else {
            throw Failure.unreadableCertificate
        }
        self.publicKey = publicKey
        try checkValidity()
    }

    /// Asks for the PIN and signs with the card.
    /// - Parameters:
    ///   - digest: the document's SHA-256.
    ///   - time: goes into the signature; nil leaves it out.
    ///   - certificates: added beside the signer's certificate.
    /// - Returns: the CMS signature, DER, verified.
    func sign(
        _ digest: [UInt8], at time: UniversalTime?, with certificates: [Certificate], _ options: PINOptions
    ) throws -> [UInt8] {
        do {
            let unsigned = try DetachedSignature(ofDigest: digest, by: certificate, with: certificates, at: time)
            let attributes = unsigned.signedAttributes
            try card.presentPIN(of: identity, options)
            try Signals.check()
            var message = MessageHash(.sha256)
            message.update(attributes.span)
            let signature = try card.sign(
                .message(message), by: .pkcs1Hash(.sha256), with: key, checkedBy: [publicKey])
            return try unsigned.complete(with: signature)
        } catch SignatureError.notConfirmed {
            throw Failure(CardError.signatureNotConfirmed)
        } catch is SignatureError {
            throw Failure(CardError.operationNotSupported)
        }
    }

    private func checkValidity() throws(Failure) {
        let clock = Message(
            "If this computer's date is wrong, set it.", fr: "Si la date de cet ordinateur est fausse, réglez-la.")
        if certificate.isExpired {
            let day = certificate.notAfter.day
            throw Failure(
                .notPossible,
                Message(
                    "The certificate expired on \(day.english): nobody would accept the signature.",
                    fr: "Le certificat a expiré le \(day.french) : personne n'accepterait la signature."),
                remedy: Message(
                    "Renew the card. \(clock.english)", fr: "La carte est à renouveler. \(clock.french)"))
        }
        if certificate.isNotYetValid {
            let day = certificate.notBefore.day
            throw Failure(
                .notPossible,
                Message(
                    "The certificate is not valid before \(day.english).",
                    fr: "Le certificat ne commence que le \(day.french)."),
                remedy: clock)
        }
    }
}
