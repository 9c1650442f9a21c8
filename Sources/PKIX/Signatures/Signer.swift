// SPDX-License-Identifier: Apache-2.0

/// One signer of a CMS signature, and the result of verifying it. Whether the certificate
/// can be trusted, `Authorities` tells.
public struct Signer: Sendable, Equatable {
    /// Whether the signature belongs to the document and to the certificate.
    public enum Integrity: Sendable, Equatable {
        /// The certificate's key has signed this document.
        case intact
        /// The signature is right, but of another document, or this one was changed.
        case otherDocument
        /// The signature is not that of the certificate's key, or was changed.
        case wrongSignature
        /// The signer's certificate does not come with the signature.
        case certificateMissing
        /// It is made with an algorithm, or a kind of key, that OpenSSL does not have.
        case unknownAlgorithm
        /// It is made with a hash that can be forged (MD5, SHA-1) or is not known.
        case weakHash
        /// It names another certificate than the one that comes with it.
        case otherCertificate
        /// The certificate is not for signatures.
        case wrongKeyUsage
    }

    /// Whether the signature is right; to be asked before all else.
    public let integrity: Integrity
    /// nil when it does not come with the signature.
    public let certificate: Certificate?
    /// When the signer says that this was. Nobody confirms it.
    public let time: UniversalTime?
    /// Whether the signature itself names its certificate, as CAdES asks
    /// (signing-certificate, signing-certificate-v2; RFC 5035).
    public let namesCertificate: Bool
    /// `SHA256`, as OpenSSL calls it.
    public let hash: String
    /// The time stamp of the signature, if it has one: the first one.
    public var timeStamp: TimeStampToken?
    /// Who has signed this signature (RFC 5652 §11.4). Anybody can add or take away such
    /// counter-signatures: they do not make this signature better or worse.
    public var counterSignatures: [Signer] = []
    /// How many more counter-signatures there are that cannot be read.
    public var unreadCounterSignatures = 0
}
