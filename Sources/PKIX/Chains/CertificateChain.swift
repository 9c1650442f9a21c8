// SPDX-License-Identifier: Apache-2.0

/// The chain from a certificate to a known authority, and its verdict.
public struct CertificateChain: Sendable, Equatable {
    /// Whether a certificate can be trusted, and if not the first reason.
    public enum Verdict: Sendable, Equatable {
        /// It leads to a known authority, and every certificate of the chain is valid.
        case trusted
        /// No known authority has issued it, or its issuer.
        case unknownAuthority
        /// A certificate of the chain has expired: the first one found.
        case expired(Certificate)
        /// A certificate of the chain is not valid yet.
        case notYetValid(Certificate)
        /// Something else is wrong.
        case refused(Refusal)
    }

    /// Why a chain is invalid, other than dates and an unknown authority.
    public enum Refusal: Sendable, Equatable {
        /// A key of fewer than 2048 bits, or a hash that can be forged.
        case weakAlgorithm
        /// A certificate was not signed by the issuer that it names.
        case wrongSignature
        /// An issuer is not allowed to issue certificates.
        case issuerIsNoAuthority
        /// Any other error: OpenSSL's number (X509_V_ERR_...).
        case other(Int)
    }

    /// Whether the first certificate can be trusted.
    public let verdict: Verdict
    /// The certificate, its issuer, and so on, as far as known.
    public let certificates: [Certificate]
}
