// SPDX-License-Identifier: Apache-2.0

/// Whether one signer of a document can be believed, and why. The three verdicts are
/// those of ETSI EN 319 102-1 §5.1.3.
public struct Judgement: Sendable, Equatable {
    /// From bad to good.
    public enum Verdict: String, Sendable, Comparable, CaseIterable {
        /// TOTAL-FAILED: this is no signature of this document by this signer.
        case notValid
        /// INDETERMINATE: something is missing for a verdict. The signature may be right.
        case notEstablished
        /// TOTAL-PASSED: the signature is right, and a known authority vouches for the signer.
        case valid

        /// The worse one is less.
        public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

        private var rank: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What led to the verdict: the first reason found.
    public enum Reason: Sendable, Equatable {
        /// Valid: the document is as it was signed, and a known authority vouches for the signer.
        case trusted
        /// Not established: the signer's certificate does not come with the signature.
        case certificateMissing
        /// Not established: the signature is made with an algorithm that OpenSSL does not have.
        case unknownAlgorithm
        /// Not established: no known authority vouches for the certificate.
        case unknownAuthority
        /// Not established: a certificate has expired. It was valid at the time that the
        /// signature gives, which nobody confirms.
        case expiredSince(Certificate)
        /// Not established: a certificate has expired, and was not valid at the time that the
        /// signature gives, or the signature gives none.
        case expired(Certificate)
        /// Not established: a certificate of the chain has yet to begin.
        case notYetValid(Certificate)
        /// Not established: the certificate is valid, but was not at the time that the
        /// signature gives.
        case notValidThen
        /// Not established: whether a certificate was revoked is not known, and the person
        /// asked for it.
        case revocationUnknown
        /// Not established: a certificate of the chain was revoked at this time. The signature
        /// says that it is older, or gives no time; nobody confirms that.
        case revokedSince(Certificate, at: UniversalTime)
        /// Not established: the chain does not hold, for a reason without words.
        case chainNotUnderstood(error: Int)
        /// Not valid: the signature itself is wrong.
        case wrong(Signer.Integrity)
        /// Not valid: a certificate of the chain was revoked at this time, and the signature
        /// itself says that it was made later.
        case revokedBefore(Certificate, at: UniversalTime)
        /// Not valid: a certificate of the chain does not hold.
        case refused(CertificateChain.Refusal)
    }

    /// Why.
    public let reason: Reason
    /// The way from the signer's certificate to a known authority, today; nil without a
    /// certificate.
    public let chain: CertificateChain?
    /// What is known of a revocation of the signer's certificate or of its authorities'.
    public let revocation: Revocation

    /// What the time stamp says; nil without one.
    public let timeStamp: TimeStamp?

    /// The verdict that the reason stands for.
    public var verdict: Verdict {
        switch reason {
        case .trusted: .valid
        case .certificateMissing, .unknownAlgorithm, .unknownAuthority, .expiredSince, .expired, .notYetValid,
            .notValidThen, .revocationUnknown, .revokedSince, .chainNotUnderstood:
            .notEstablished
        case .wrong, .refused, .revokedBefore: .notValid
        }
    }
}

/// Judges signers by the authorities that are known.
public struct Judge {
    private let authorities: Authorities
    private let timeStampAuthorities: Authorities
    private let requiresRevocation: Bool
    private let revocation: ([Certificate]) -> Revocation

    /// - Parameters:
    ///   - authorities: who can vouch for a signer.
    ///   - timeStampAuthorities: who can vouch for a time stamp.
    ///   - requiresRevocation: whether a signature is valid only when it is known that no
    ///     certificate of the chain was revoked.
    ///   - revocation: tells what is known of a chain that leads to a known authority.
    public init(
        _ authorities: Authorities, timeStamps timeStampAuthorities: Authorities = Authorities([]),
        requiresRevocation: Bool = false,
        revocation: @escaping ([Certificate]) -> Revocation = { _ in .notChecked }
    ) {
        self.authorities = authorities
        self.timeStampAuthorities = timeStampAuthorities
        self.requiresRevocation = requiresRevocation
        self.revocation = revocation
    }

    /// - Parameters:
    ///   - certificates: those that come with the signature; they may lie on the way.
    ///   - now: this moment.
    public func judge(_ signer: Signer, with certificates: [Certificate], at now: UniversalTime = .now) -> Judgement {
        let chain = signer.certificate.map { authorities.chain(of: $0, at: now, with: certificates) }
        let timeStamp = signer.timeStamp.map { $0.verified(by: timeStampAuthorities, at: now) }
        let confirmed = timeStamp.flatMap { $0.standing == .trusted ? $0.time : nil }
        let then = signer.certificate.flatMap { certificate in
            (confirmed ?? signer.time).map { authorities.chain(of: certificate, at: $0, with: certificates).verdict }
        }
        let reason = reason(signer.integrity, chain?.verdict, then: then, isConfirmed: confirmed != nil)
        // Of a certificate that anybody can have made, nobody is asked.
        guard let chain, reason.leadsToAnAuthority else {
            return Judgement(reason: reason, chain: chain, revocation: .notChecked, timeStamp: timeStamp)
        }
        let known = revocation(chain.certificates)
        return Judgement(
            reason: self.reason(reason, known, confirmed: confirmed, claimed: signer.time), chain: chain,
            revocation: known, timeStamp: timeStamp)
    }

    /// The reason, with what is known of a revocation.
    private func reason(
        _ reason: Judgement.Reason, _ revocation: Revocation, confirmed: UniversalTime?, claimed: UniversalTime?
    ) -> Judgement.Reason {
        switch revocation {
        case .revoked(let certificate, let date):
            if let time = confirmed ?? claimed, date <= time { return .revokedBefore(certificate, at: date) }
            if confirmed != nil { return reason }
            return .revokedSince(certificate, at: date)
        case .good: return reason
        case .notChecked, .outdated: return reason == .trusted && requiresRevocation ? .revocationUnknown : reason
        }
    }

    private func reason(
        _ integrity: Signer.Integrity, _ chain: CertificateChain.Verdict?, then: CertificateChain.Verdict?,
        isConfirmed: Bool
    ) -> Judgement.Reason {
        if integrity == .certificateMissing { return .certificateMissing }
        if integrity == .unknownAlgorithm { return .unknownAlgorithm }
        guard integrity == .intact, let chain else { return .wrong(integrity) }
        switch chain {
        case .trusted: return then ?? .trusted == .trusted ? .trusted : .notValidThen
        case .unknownAuthority: return .unknownAuthority
        case .expired(let certificate):
            guard then == .trusted else { return .expired(certificate) }
            return isConfirmed ? .trusted : .expiredSince(certificate)
        case .notYetValid(let certificate): return .notYetValid(certificate)
        case .refused(.other(let error)): return .chainNotUnderstood(error: error)
        case .refused(let refusal): return .refused(refusal)
        }
    }
}

extension Judgement.Reason {
    /// Whether the signature is right and its chain leads to a known authority.
    fileprivate var leadsToAnAuthority: Bool {
        switch self {
        case .trusted, .expiredSince, .expired, .notValidThen: true
        case .certificateMissing, .unknownAlgorithm, .unknownAuthority, .notYetValid, .revocationUnknown,
            .revokedSince, .revokedBefore, .chainNotUnderstood, .wrong, .refused:
            false
        }
    }
}
