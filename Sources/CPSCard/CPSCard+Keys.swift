// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// Signing and decrypting with the card's keys (cards.md §4).
extension CPSCard {
    /// The mechanisms of a private key on a card of this model.
    public static func signatureMechanisms(of key: KeyObject, on model: CardModel) -> [SignatureMechanism] {
        SigningRules.mechanisms(for: key, on: model)
    }

    /// Signs. The signature is verified before it is returned, so it is always correct. Its length is that of the
    /// modulus.
    /// - Parameter publicKeys: the public keys of the certificates that belong to the key. One of them must verify
    ///   the signature.
    /// - Throws: `.operationNotSupported`, `.dataTooLong` and `.dataNotUsable` before anything is sent;
    ///   `.notLoggedIn` if this program is not logged in; `.signatureNotConfirmed` for a wrong signature.
    public func sign(
        _ input: SignatureInput, by mechanism: SignatureMechanism, with key: KeyObject,
        checkedBy publicKeys: [RSAPublicKey]
    ) throws(CardError) -> [UInt8] {
        let operation = try SigningRules.operation(for: mechanism, of: input, with: key, on: model)
        let signature = try use(key, for: operation)
        guard signature.count == (key.modulusLength + 7) / 8 else { throw .malformed(.truncated) }
        let isConfirmed = publicKeys.contains {
            isCorrect(signature, of: input, by: mechanism, with: key, publicKey: $0)
        }
        if !isConfirmed {
            // The cached certificate or directory may be out of date.
            dropMemory()
            throw .signatureNotConfirmed
        }
        return signature
    }

    /// Decrypts a PKCS#1 v1.5 cryptogram as long as the modulus.
    /// - Throws: `.operationNotSupported` and `.dataNotUsable` before anything is sent; `.notLoggedIn` if this
    ///   program is not logged in; `.decryptionFailed` if the padding is wrong.
    public func decrypt(_ cryptogram: [UInt8], with key: KeyObject) throws(CardError) -> [UInt8] {
        guard key.usage.decrypt, key.role == .authentication else { throw .operationNotSupported }
        guard cryptogram.count == (key.modulusLength + 7) / 8 else {
            throw .dataNotUsable
        }
        var result: [UInt8]
        do throws(CardError) {
            result = try use(key, for: .decrypt(cryptogram))
        } catch  where error == .status(.incorrectData) {
            throw .decryptionFailed
        }
        // A CPS3 removes the padding itself; a CPS4 returns the whole block.
        guard model == .cps4 else { return result }
        defer { result.wipe() }
        guard result.count == cryptogram.count else { throw .malformed(.truncated) }
        guard let message = PKCS1Padding.removeEncryptionPadding(result) else { throw .decryptionFailed }
        return message
    }

    private func use(_ key: KeyObject, for operation: KeyOperation) throws(CardError) -> [UInt8] {
        try transaction { () throws(CardError) in
            if key.isPrivate { try requireLogin() }
            try enterApplication()
            if case .file(let path, _, _) = key.value { try commands.selectSilently(path) }
            return try commands.perform(operation, with: key)
        }
    }

    private func isCorrect(
        _ signature: [UInt8], of input: SignatureInput, by mechanism: SignatureMechanism, with key: KeyObject,
        publicKey: RSAPublicKey
    ) -> Bool {
        if let data = SigningRules.paddedData(for: mechanism, of: input, with: key) {
            return publicKey.isValidSignature(signature, ofPKCS1: data)
        }
        guard case .pss(let algorithm) = mechanism else { return false }
        return publicKey.isValidPSSSignature(
            signature, digest: input.digest, algorithm: algorithm, maskAlgorithm: algorithm,
            saltLength: algorithm.digestLength)
    }
}
