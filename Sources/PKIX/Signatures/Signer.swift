// SPDX-License-Identifier: Apache-2.0

/// One signer of a CMS signature, and the result of verifying it. `Authorities`
/// decides whether the certificate can be trusted.
public struct Signer: Sendable, Equatable {
    /// Whether the signature belongs to the document and to the certificate.
    public enum Integrity: Sendable, Equatable {
        /// The certificate's key has signed this document.
        case intact
        /// The signature is right, but for another document, or this one was changed.
        case otherDocument
        /// The signature was not made by the certificate's key, or was changed.
        case wrongSignature
        /// The signature does not include the signer's certificate.
        case certificateMissing
        /// It is made with an algorithm, or a kind of key, that OpenSSL does not have.
        case unknownAlgorithm
        /// It is made with a hash that can be forged (MD5, SHA-1) or is not known.
        case weakHash
        /// It names another certificate than the included one.
        case otherCertificate
        /// The certificate is not for signatures.
        case wrongKeyUsage
    }

    /// Whether the signature is right; check this first.
    public let integrity: Integrity
    /// nil if the signature does not include it.
    public let certificate: Certificate?
    /// The time claimed by the signer, not confirmed; nil if the signature has none.
    public let time: UniversalTime?
    /// Whether the signature names its certificate, as CAdES requires
    /// (signing-certificate, signing-certificate-v2; RFC 5035).
    public let namesCertificate: Bool
    /// OpenSSL's name of the hash, for example `SHA256`.
    public let hash: String
    /// The time stamp of the signature, if it has one: the first one.
    public var timeStamp: TimeStampToken?
    /// Who has signed this signature (RFC 5652 §11.4). Anybody can add or take away such
    /// counter-signatures: they do not make this signature better or worse.
    public var counterSignatures: [Signer] = []
    /// How many more counter-signatures there are that cannot be read.
    public var unreadCounterSignatures = 0
}
