// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// Paddings that the card adds and removes itself (cards.md §4.4, §4.5).
extension CardEnvironment {
    /// PKCS#1 v1.5 over a digest, with its DigestInfo.
    mutating func signPKCS1(
        _ digest: [UInt8], _ algorithm: HashAlgorithm, with key: CardKey
    ) throws(Refusal) -> [UInt8] {
        guard let info = DigestInfo.encode(algorithm: algorithm, digest: digest) else {
            throw Refusal(.wrongLength, "the hash has \(digest.count) bytes")
        }
        return try signPKCS1(info, with: key)
    }

    /// PKCS#1 v1.5 over data without a DigestInfo.
    mutating func signPKCS1(_ data: [UInt8], with key: CardKey) throws(Refusal) -> [UInt8] {
        try apply(key, to: PKCS1Padding.signatureBlock(data, length: modulusLength(key)))
    }

    /// PSS: the salt is as long as the hash, MGF1 uses the same hash.
    mutating func signPSS(_ digest: [UInt8], _ algorithm: HashAlgorithm, with key: CardKey) throws(Refusal) -> [UInt8] {
        guard let salt = SystemRandom.bytes(count: algorithm.digestLength) else {
            throw Refusal(.noPreciseDiagnosis, "the system gives no random bytes")
        }
        guard
            let block = PKCS1Padding.pssBlock(
                digest: digest, algorithm: algorithm, maskAlgorithm: algorithm, salt: salt,
                modulusBitCount: modulusBitCount(key))
        else { throw Refusal(.wrongLength, "the hash has \(digest.count) bytes") }
        return try apply(key, to: block)
    }

    /// PKCS#1 v1.5 decryption; removes the padding.
    mutating func decryptPKCS1(_ cryptogram: [UInt8], with key: CardKey) throws(Refusal) -> [UInt8] {
        guard let message = PKCS1Padding.removeEncryptionPadding(try apply(key, to: cryptogram)) else {
            throw Refusal(.incorrectData, "the cryptogram has no PKCS#1 padding inside")
        }
        return message
    }
}
