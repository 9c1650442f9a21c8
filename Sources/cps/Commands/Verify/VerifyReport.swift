// SPDX-License-Identifier: Apache-2.0

import PKIX

/// Who has signed a document, for programs.
struct VerifyReport: Report {
    static let schema = "cps-verify/1"

    let file: String
    let signature: String
    let valid: Bool
    let signers: [Signer]

    struct Signer: Encodable {
        let valid: Bool
        /// `intact`, or what is wrong with the signature itself.
        let integrity: String
        /// `trusted`, or why no known authority vouches for the certificate today.
        let chain: String?
        /// The authorities on the way, the issuer first.
        let authorities: [String]
        /// When the signer says that this was.
        let time: String?
        let hash: String
        let namesCertificate: Bool
        let certificate: CertificateDetails?

        init(_ statement: SignerStatement) {
            let signer = statement.signer
            valid = statement.isValid
            integrity = "\(signer.integrity)"
            chain = statement.chain.map { Signer.name(of: $0.verdict) }
            authorities = (statement.chain?.certificates ?? []).dropFirst().map(\.subject.text)
            time = signer.time?.iso8601
            hash = signer.hash
            namesCertificate = signer.namesCertificate
            certificate = signer.certificate.map(CertificateDetails.init)
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
