// SPDX-License-Identifier: Apache-2.0

import PKIX

/// Who has signed a document, for programs.
struct VerifyReport: Report {
    static let schema = "cps-verify/1"

    let file: String
    let signature: String
    /// Whether the document is in the signature itself.
    let attached: Bool
    /// Where the document in the signature was written.
    let output: String?
    /// Whether the verdict is `valid`.
    let valid: Bool
    /// `valid`, `notEstablished` or `notValid`: the worst one of the signers'.
    let verdict: String
    let signers: [Signer]

    /// - Parameter output: where the document in the signature was written.
    init(_ document: borrowing SignedDocument, output: String?, verdict: Judgement.Verdict, signers: [Signer]) {
        file = document.file
        signature = document.signature
        attached = document.content != nil
        self.output = output
        valid = verdict == .valid
        self.verdict = verdict.rawValue
        self.signers = signers
    }

    struct Signer: Encodable {
        let valid: Bool
        let verdict: String
        /// What led to the verdict.
        let reason: String
        /// `notChecked`, or what is known of a revocation.
        let revocation: String
        /// When the revoked certificate was revoked.
        let revokedAt: String?
        /// From when the oldest word is on which `good` or `outdated` rests.
        let revocationAsOf: String?
        /// `production` or `test`: which cards of IGC-Santé the certificate says it is for.
        let branch: String?
        /// `intact`, or what is wrong with the signature itself.
        let integrity: String
        /// `trusted`, or why no known authority vouches for the certificate today.
        let chain: String?
        /// The authorities on the way, the issuer first.
        let authorities: [String]
        /// When the signer says that this was.
        let time: String?
        let hash: String
        let timeStamp: TimeStampDetails?
        let namesCertificate: Bool
        let certificate: CertificateDetails?
        /// Those who have signed this signature.
        let counterSignatures: [Signer]?
        /// How many counter-signatures cannot be read.
        let unreadCounterSignatures: Int?

        init(_ statement: SignerStatement) {
            let signer = statement.signer
            let judgement = statement.judgement
            valid = judgement.verdict == .valid
            verdict = judgement.verdict.rawValue
            reason = judgement.reason.name
            switch judgement.revocation {
            case .notChecked: (revocation, revokedAt, revocationAsOf) = ("notChecked", nil, nil)
            case .outdated(let time): (revocation, revokedAt, revocationAsOf) = ("outdated", nil, time.iso8601)
            case .good(let time): (revocation, revokedAt, revocationAsOf) = ("good", nil, time.iso8601)
            case .revoked(_, let time): (revocation, revokedAt, revocationAsOf) = ("revoked", time.iso8601, nil)
            }
            branch = signer.certificate?.claimedBranch?.rawValue
            integrity = "\(signer.integrity)"
            chain = judgement.chain.map { Signer.name(of: $0.verdict) }
            authorities = (judgement.chain?.certificates ?? []).dropFirst().map(\.subject.text)
            time = signer.time?.iso8601
            hash = signer.hash
            timeStamp = judgement.timeStamp.map { TimeStampDetails($0) }
            namesCertificate = signer.namesCertificate
            certificate = signer.certificate.map(CertificateDetails.init)
            let unread = signer.unreadCounterSignatures
            counterSignatures =
                statement.counterSignatures.isEmpty ? nil : statement.counterSignatures.map(Signer.init)
            unreadCounterSignatures = unread == 0 ? nil : unread
        }

        private static func name(of verdict: CertificateChain.Verdict) -> String {
            switch verdict {
            case .trusted: "trusted"
            case .unknownAuthority: "unknownAuthority"
            case .expired: "expired"
            case .notYetValid: "notYetValid"
            case .refused: "refused"
            }
        }
    }
}

/// A time stamp in the reports of every command.
struct TimeStampDetails: Encodable {
    /// `trusted`, `unknownAuthority` or `wrong`.
    let standing: String
    let time: String?
    let authority: String?

    init(_ timeStamp: TimeStamp) {
        standing = timeStamp.standing.rawValue
        time = timeStamp.time?.iso8601
        authority = timeStamp.certificate?.subject.text
    }
}
