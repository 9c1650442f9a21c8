// SPDX-License-Identifier: Apache-2.0

/// The certificates of a file that can be trusted as authorities of IGC-Santé: pinned roots,
/// and the authorities below them.
public struct AuthorityImport: Sendable {
    /// Why a certificate is refused.
    public enum Refusal: Sendable, Equatable {
        /// A root that is not pinned, whatever its name.
        case unknownRoot
        /// An authority that does not lead to a pinned root.
        case unknownIssuer
        /// Not an authority: a certificate of a person or a server.
        case noAuthority
        /// Expired, not valid yet, or invalid for another reason.
        case notValid
    }

    /// Roots first, then the others, without duplicates.
    public let accepted: [Certificate]
    /// The refused certificates, and why.
    public let refused: [(certificate: Certificate, refusal: Refusal)]

    /// - Parameters:
    ///   - certificates: the certificates of the file.
    ///   - known: other authorities that are pinned or lead to pinned roots.
    ///   - pins: the pinned roots.
    public init(
        of certificates: [Certificate], with known: [Certificate] = [], pins: PinnedRoots = .igcSante,
        at time: UniversalTime = .now
    ) {
        var seen: Set<Certificate> = []
        let all = certificates.filter { seen.insert($0).inserted }
        let roots = (all + known).filter { pins.branch(of: $0) != nil }
        let authorities = Authorities(roots)
        var accepted: [Certificate] = []
        var refused: [(certificate: Certificate, refusal: Refusal)] = []
        for certificate in all {
            let verdict = authorities.chain(of: certificate, at: time, with: all + known).verdict
            if let refusal = AuthorityImport.refusal(certificate, verdict) {
                refused.append((certificate, refusal))
            } else {
                accepted.append(certificate)
            }
        }
        self.accepted = accepted.filter(\.isSelfIssued) + accepted.filter { !$0.isSelfIssued }
        self.refused = refused
    }

    private static func refusal(_ certificate: Certificate, _ verdict: CertificateChain.Verdict) -> Refusal? {
        guard certificate.isAuthority else { return .noAuthority }
        switch verdict {
        case .trusted: return nil
        case .unknownAuthority: return certificate.isSelfIssued ? .unknownRoot : .unknownIssuer
        case .expired, .notYetValid, .refused: return .notValid
        }
    }
}

extension Certificate {
    /// Whether it names itself as its issuer, as roots do.
    public var isSelfIssued: Bool { subject == issuer }
}
