// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

extension Judgement.Reason {
    /// The reason, in one or two sentences.
    var message: Message {
        switch self {
        case .trusted:
            Message(
                "The document is as it was signed, and a known authority vouches for the signer.",
                fr: "Le document est tel qu'il a été signé, et une autorité connue se porte garante du signataire.")
        case .certificateMissing:
            Message(
                "The signer's certificate does not come with the signature: nothing can be verified.",
                fr: "Le certificat du signataire n'accompagne pas la signature : rien ne peut être vérifié.")
        case .unknownAlgorithm:
            Message(
                "The signature uses an algorithm that this command does not know: nothing can be verified.",
                fr: "La signature emploie un algorithme que cette commande ne connaît pas : rien ne peut être vérifié.")
        case .unknownAuthority:
            Message(
                """
                The document is as it was signed, but no authority that this computer knows vouches for the signer: \
                the name may be invented.
                """,
                fr: """
                    Le document est tel qu'il a été signé, mais aucune autorité connue de cet ordinateur ne se porte \
                    garante du signataire : le nom peut être inventé.
                    """)
        case .expiredSince(let certificate):
            Message(
                """
                The document is as it was signed. The certificate expired on \(certificate.notAfter.day.english). It was \
                valid at the time that the signature gives, but nobody confirms that time.
                """,
                fr: """
                    Le document est tel qu'il a été signé. Le certificat a expiré le \
                    \(certificate.notAfter.day.french). Il était valable à l'heure indiquée par la signature, mais \
                    personne ne confirme cette heure.
                    """)
        case .expired(let certificate):
            Message(
                """
                The document is as it was signed, but the certificate expired on \(certificate.notAfter.day.english), \
                and nothing shows that the signature was made before.
                """,
                fr: """
                    Le document est tel qu'il a été signé, mais le certificat a expiré le \
                    \(certificate.notAfter.day.french), et rien ne montre que la signature est antérieure.
                    """)
        case .notYetValid(let certificate):
            Message(
                """
                The document is as it was signed, but the certificate is not valid before \
                \(certificate.notBefore.day.english).
                """,
                fr: """
                    Le document est tel qu'il a été signé, mais le certificat ne commence que le \
                    \(certificate.notBefore.day.french).
                    """)
        case .notValidThen:
            Message(
                """
                The document is as it was signed, but the certificate was not valid at the time that the signature gives.
                """,
                fr: """
                    Le document est tel qu'il a été signé, mais le certificat n'était pas valable à l'heure indiquée par \
                    la signature.
                    """)
        case .revocationUnknown:
            Message(
                """
                The document is as it was signed, and a known authority vouches for the signer, but whether the \
                certificate was revoked is not known.
                """,
                fr: """
                    Le document est tel qu'il a été signé, et une autorité connue se porte garante du signataire, mais \
                    on ne sait pas si le certificat a été révoqué.
                    """)
        case .revokedSince(let certificate, let date):
            Message(
                """
                The document is as it was signed, but \(Self.name(certificate).english) was revoked on \
                \(date.moment.english), and nothing confirms that the signature was made before.
                """,
                fr: """
                    Le document est tel qu'il a été signé, mais \(Self.name(certificate).french) a été révoqué le \
                    \(date.moment.french), et rien ne confirme que la signature est antérieure.
                    """)
        case .revokedBefore(let certificate, let date):
            Message(
                """
                Before the signature was made, \(Self.name(certificate).english) was revoked, on \(date.moment.english).
                """,
                fr: """
                    Avant que la signature ne soit faite, \(Self.name(certificate).french) a été révoqué, le \
                    \(date.moment.french).
                    """)
        case .chainNotUnderstood(let error):
            Message(
                "The document is as it was signed, but the certificate cannot be judged (OpenSSL's error \(error)).",
                fr:
                    "Le document est tel qu'il a été signé, mais le certificat ne peut être jugé (erreur \(error) d'OpenSSL)."
            )
        case .refused(let refusal):
            Message(
                "The certificate is not valid: \(refusal.message.english).",
                fr: "Le certificat n'est pas valable : \(refusal.message.french).")
        case .wrong(let integrity): integrity.message
        }
    }

    /// What the person can do; nil if nothing helps, and for `unknownAuthority`, where it depends
    /// on the certificate (`UnknownAuthority`).
    var remedy: Message? {
        switch self {
        case .certificateMissing:
            Message(
                "Ask the signer for a signature that contains the certificate.",
                fr: "Demandez au signataire une signature qui contient le certificat.")
        case .expiredSince, .expired, .revokedSince:
            Message(
                "A time stamp would show when it was signed. If the document still matters, ask for a new signature.",
                fr:
                    "Un horodatage montrerait quand elle a été faite. Si le document compte encore, demandez une nouvelle signature."
            )
        case .notYetValid:
            Message(
                "If that day is past, set this computer's clock.",
                fr: "Si cette date est passée, réglez l'horloge de cet ordinateur.")
        case .notValidThen:
            Message(
                "Was the clock of the signer's computer wrong? Ask the signer.",
                fr: "L'horloge du signataire était-elle fausse ? Demandez-le-lui.")
        case .revocationUnknown:
            Message(
                "--online asks the authorities, --crl names a list of theirs. Without --require-revocation the signature is valid.",
                fr:
                    "--online interroge les autorités, --crl indique une de leurs listes. Sans --require-revocation, la signature est valable."
            )
        case .trusted, .unknownAlgorithm, .unknownAuthority, .chainNotUnderstood, .wrong, .refused, .revokedBefore: nil
        }
    }

    /// The name of a certificate of the chain, for the middle of a sentence.
    private static func name(_ certificate: Certificate) -> Message {
        guard certificate.isAuthority else { return Message("the certificate", fr: "le certificat") }
        let name = certificate.subject.commonName
        return Message("the certificate of the authority \(name)", fr: "le certificat de l'autorité \(name)")
    }

    /// For programs (docs/schema/cps-verify-1.json).
    var name: String {
        switch self {
        case .trusted: "trusted"
        case .certificateMissing: "certificateMissing"
        case .unknownAlgorithm: "unknownAlgorithm"
        case .unknownAuthority: "unknownAuthority"
        case .expiredSince: "expiredSince"
        case .expired: "expired"
        case .notYetValid: "notYetValid"
        case .notValidThen: "notValidThen"
        case .revocationUnknown: "revocationUnknown"
        case .chainNotUnderstood: "chainNotUnderstood"
        case .wrong(let integrity): "\(integrity)"
        case .revokedSince: "revokedSince"
        case .revokedBefore: "revokedBefore"
        case .refused: "refused"
        }
    }
}

extension Signer.Integrity {
    /// What is wrong with the signature itself.
    fileprivate var message: Message {
        switch self {
        case .intact:
            Message("The signature is right.", fr: "La signature est exacte.")
        case .wrongSignature:
            Message(
                "The signature is wrong: it was changed, or somebody else made it.",
                fr: "La signature est fausse : elle a été modifiée, ou faite par quelqu'un d'autre.")
        case .otherDocument:
            Message(
                "The signature is of another document, or this one was changed since.",
                fr: "La signature est celle d'un autre document, ou celui-ci a été modifié depuis.")
        case .certificateMissing: Judgement.Reason.certificateMissing.message
        case .unknownAlgorithm: Judgement.Reason.unknownAlgorithm.message
        case .weakHash:
            Message(
                "The signature uses a hash that can be forged.",
                fr: "La signature emploie un hachage qui peut être falsifié.")
        case .otherCertificate:
            Message(
                "The signature names a certificate other than the one that comes with it.",
                fr: "La signature nomme un autre certificat que celui qui l'accompagne.")
        case .wrongKeyUsage:
            Message(
                "The certificate is not for signatures.", fr: "Le certificat n'est pas destiné aux signatures.")
        }
    }
}
