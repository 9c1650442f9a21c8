// SPDX-License-Identifier: Apache-2.0

/// What the known authorities say about a certificate.
public struct CertificateChain: Sendable, Equatable {
    /// Whether a certificate can be trusted, and if not the first reason.
    public enum Verdict: Sendable, Equatable {
        /// It leads to a known authority, and every certificate on the way is valid.
        case trusted
        /// No known authority has issued it, or its issuer.
        case unknownAuthority
        /// A certificate of the chain has ended: the first one found.
        case expired(Certificate)
        /// A certificate of the chain has not begun.
        case notYetValid(Certificate)
        /// Something else is wrong.
        case refused(Refusal)
    }

    /// Why a chain does not hold, apart from its dates and its end.
    public enum Refusal: Sendable, Equatable {
        /// A key of fewer than 2048 bits, or a hash that can be forged.
        case weakAlgorithm
        /// A certificate was not signed by the issuer that it names.
        case wrongSignature
        /// A certificate was issued by one that may not issue any.
        case issuerIsNoAuthority
        /// What has no words here: OpenSSL's number of the error (X509_V_ERR_...).
        case other(Int)
    }

    /// Whether the first certificate can be trusted.
    public let verdict: Verdict
    /// The certificate itself, then its issuer and so on, as far as they are known.
    public let certificates: [Certificate]
}
