// SPDX-License-Identifier: Apache-2.0

/// Why a signature could not be made or parsed.
public enum SignatureError: Error, Equatable {
    /// OpenSSL cannot sign for this certificate's kind of key.
    case notPossible
    /// The card's signature does not match the document and the certificate.
    case notConfirmed
    /// The bytes are not a CMS signature.
    case malformed
    /// They are CMS that is encrypted: whether it is signed inside cannot be seen.
    case encrypted
    /// They are a collection of certificates, without a signature.
    case noSigner
    /// More signers or hashes than any signature needs.
    case tooMuch
    /// The server returned no valid time stamp.
    case noTimeStamp
    /// OpenSSL does not support its hash.
    case unknownAlgorithm
}
