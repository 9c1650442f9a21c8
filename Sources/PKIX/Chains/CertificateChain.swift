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
        /// Something else is wrong, in OpenSSL's English words.
        case refused(String)
    }

    /// Whether the first certificate can be trusted.
    public let verdict: Verdict
    /// The certificate itself, then its issuer and so on, as far as they are known.
    public let certificates: [Certificate]
}
