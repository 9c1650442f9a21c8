// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

/// What can be said of one who has signed, in words.
struct SignerStatement {
    let signer: Signer
    /// nil without a certificate.
    let chain: CertificateChain?
    /// Whether the signature is right and the certificate leads to a known authority,
    /// today and at the time that the signature gives.
    let isValid: Bool
    /// Why, in one sentence.
    let reason: Message

    init(_ signer: Signer, _ certificates: [Certificate], _ authorities: Authorities) {
        self.signer = signer
        chain = signer.certificate.map { authorities.chain(of: $0, with: certificates) }
        let then = signer.certificate.flatMap { certificate in
            signer.time.map { authorities.chain(of: certificate, at: $0, with: certificates).verdict }
        }
        (isValid, reason) = SignerStatement.judge(signer.integrity, chain, then: then)
    }

    func describe(on page: inout Page) {
        page.paragraph(StyledText(reason.text, isValid ? .plain : .warning))
        if let certificate = signer.certificate {
            page.field(Message("Signed by", fr: "Signé par"), "\(certificate.personName.text)")
            if let title = certificate.title { page.field(title.name, "\(title.text)") }
        }
        let time = signer.time.map { StyledText($0.moment.text) }
        page.field(
            Message("Signed on", fr: "Signé le"),
            time ?? StyledText(Message("not said", fr: "non précisé").text, .faint))
        guard let certificate = signer.certificate else { return }
        page.field(
            Message("Certificate", fr: "Certificat"),
            StyledText(
                Message(
                    "\(certificate.serialNumber), from \(certificate.notBefore.day.english) to \(certificate.notAfter.day.english)",
                    fr:
                        "\(certificate.serialNumber), du \(certificate.notBefore.day.french) au \(certificate.notAfter.day.french)"
                ).text))
        page.field(Message("Issued by", fr: "Émis par"), "\(SignerStatement.name(of: certificate.issuer))")
        if let root = chain?.certificates.last, root != certificate {
            page.field(Message("Authority", fr: "Autorité"), "\(SignerStatement.name(of: root.subject))")
        }
    }

    private static func name(of name: DistinguishedName) -> String { (name["CN"] ?? name.text).printable }

    // MARK: The verdict

    private static func judge(
        _ integrity: Signer.Integrity, _ chain: CertificateChain?, then: CertificateChain.Verdict?
    ) -> (Bool, Message) {
        if let problem = problem(integrity) { return (false, problem) }
        guard let chain else { return (false, wrong) }
        switch chain.verdict {
        case .trusted:
            guard then ?? .trusted == .trusted else {
                return (
                    false,
                    Message(
                        "The certificate was not valid at the time that the signature gives.",
                        fr: "Le certificat n'était pas valable à l'heure indiquée par la signature.")
                )
            }
            return (
                true,
                Message(
                    "The document is as it was signed, and a known authority vouches for the signer.",
                    fr: "Le document est tel qu'il a été signé, et une autorité connue se porte garante du signataire.")
            )
        case .unknownAuthority:
            return (
                false,
                Message(
                    """
                    The document is as it was signed, but no authority that this computer knows vouches for the \
                    signer: the name may be invented. --authorities names the authorities that you trust.
                    """,
                    fr: """
                        Le document est tel qu'il a été signé, mais aucune autorité connue de cet ordinateur ne se \
                        porte garante du signataire : le nom peut être inventé. --authorities indique les autorités \
                        de confiance.
                        """)
            )
        case .expired(let certificate):
            let day = certificate.notAfter.day
            guard then == .trusted else {
                return (
                    false,
                    Message(
                        "The certificate expired on \(day.english).", fr: "Le certificat a expiré le \(day.french).")
                )
            }
            return (
                false,
                Message(
                    """
                    The certificate expired on \(day.english). It was valid at the time that the signature gives, but nobody \
                    confirms that time.
                    """,
                    fr: """
                        Le certificat a expiré le \(day.french). Il était valable à l'heure indiquée par la signature, mais \
                        personne ne confirme cette heure.
                        """)
            )
        case .notYetValid(let certificate):
            let day = certificate.notBefore.day
            return (
                false,
                Message(
                    "The certificate is not valid before \(day.english).",
                    fr: "Le certificat ne commence que le \(day.french).")
            )
        case .refused(let reason):
            return (
                false,
                Message(
                    "The certificate does not pass (\(reason)).", fr: "Le certificat n'est pas accepté (\(reason)).")
            )
        }
    }

    private static let wrong = Message(
        "The signature is wrong: it was changed, or somebody else made it.",
        fr: "La signature est fausse : elle a été modifiée, ou faite par quelqu'un d'autre.")

    /// nil for a signature that is right.
    private static func problem(_ integrity: Signer.Integrity) -> Message? {
        switch integrity {
        case .intact: nil
        case .wrongSignature: wrong
        case .otherDocument:
            Message(
                "The signature is of another document, or this one was changed since.",
                fr: "La signature est celle d'un autre document, ou celui-ci a été modifié depuis.")
        case .certificateMissing:
            Message(
                "The signer's certificate does not come with the signature: nothing can be verified.",
                fr: "Le certificat du signataire n'accompagne pas la signature : rien ne peut être vérifié.")
        case .weakHash:
            Message(
                "The signature is made with a hash that can be forged.",
                fr: "La signature emploie un hachage qui peut être falsifié.")
        case .otherCertificate:
            Message(
                "The signature names another certificate than the one that comes with it.",
                fr: "La signature nomme un autre certificat que celui qui l'accompagne.")
        case .wrongKeyUsage:
            Message(
                "The certificate is not for signatures.", fr: "Le certificat n'est pas destiné aux signatures.")
        }
    }
}
