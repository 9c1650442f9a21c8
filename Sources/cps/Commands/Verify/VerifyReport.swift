// SPDX-License-Identifier: Apache-2.0

import PKIX

/// `cps-verify/1`: the signers of a document (docs/json.md).
struct VerifyReport: Report {
    static let schema = "cps-verify/1"

    let file: String
    let signature: String
    /// Whether the document is inside the signature.
    let attached: Bool
    /// The file to which the document in the signature was written.
    let output: String?
    /// Whether the verdict is `valid`.
    let valid: Bool
    /// `valid`, `notEstablished` or `notValid`: the worst of the signers' verdicts.
    let verdict: String
    let signers: [Signer]

    /// - Parameter output: the file to which the document in the signature was written.
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
        /// Why: the name of a `Judgement.Reason`.
        let reason: String
        /// `notChecked`, `outdated`, `good` or `revoked`.
        let revocation: String
        /// With `revoked`: when. ISO 8601, UTC, like all times here.
        let revokedAt: String?
        /// With `good` and `outdated`: the date of the oldest list or answer used.
        let revocationAsOf: String?
        /// The cards of IGC-Santé that the certificate claims to be for: `production` or `test`.
        let branch: String?
        /// `intact`, or what is wrong with the signature itself.
        let integrity: String
        /// `trusted`, or why no known authority vouches for the certificate today.
        let chain: String?
        /// The authorities of the chain, the issuer first.
        let authorities: [String]
        /// The signing time that the signer claims.
        let time: String?
        let hash: String
        let timeStamp: TimeStampDetails?
        let namesCertificate: Bool
        let certificate: CertificateDetails?
        /// The counter-signers of this signature.
        let counterSignatures: [Signer]?
        /// The number of counter-signatures that cannot be parsed.
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
