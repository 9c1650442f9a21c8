// SPDX-License-Identifier: Apache-2.0

/// What a file with authorities of IGC-Santé holds that can be trusted: pinned roots, and
/// the authorities below them.
public struct AuthorityImport: Sendable {
    /// Why a certificate is not taken.
    public enum Refusal: Sendable, Equatable {
        /// A root that is not pinned. What it says of itself does not count.
        case unknownRoot
        /// An authority that leads to no pinned root.
        case unknownIssuer
        /// No authority: a certificate of a person or a server.
        case noAuthority
        /// It has expired, has not begun, or does not hold otherwise.
        case notValid
    }

    /// Roots first, then the others; none of them twice.
    public let accepted: [Certificate]
    /// Those that are not taken, and why.
    public let refused: [(certificate: Certificate, refusal: Refusal)]

    /// - Parameters:
    ///   - certificates: what the file holds.
    ///   - known: authorities that are pinned or lead to pinned ones, from elsewhere.
    ///   - pins: which roots are the real ones.
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
