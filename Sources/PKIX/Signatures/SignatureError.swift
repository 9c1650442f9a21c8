// SPDX-License-Identifier: Apache-2.0

/// Why a signature could not be made or read.
public enum SignatureError: Error, Equatable {
    /// OpenSSL cannot sign for this certificate's kind of key.
    case notPossible
    /// What the card made is no signature of the document by the certificate.
    case notConfirmed
    /// The bytes are no CMS signature.
    case malformed
    /// They are CMS that is encrypted: whether it is signed inside cannot be seen.
    case encrypted
    /// They are a collection of certificates, without a signature.
    case noSigner
    /// More signers or hashes than any signature needs.
    case tooMuch
    /// No time stamp was to be had for it.
    case noTimeStamp
    /// It was made with a hash that OpenSSL does not have.
    case unknownAlgorithm
}
