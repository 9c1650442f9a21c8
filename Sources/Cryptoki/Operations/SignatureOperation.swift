// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// The data of a signature or verification, hashed or stored unchanged.
struct DataToSign {
    /// The most bytes that are stored (cards.md §7.7: beyond that, CKR_DATA_LEN_RANGE).
    private static let limit = 512

    private enum Content {
        case data([UInt8])
        case message(MessageHash)
    }

    private var content: Content
    private(set) var isMultipart = false

    init(_ mechanism: SignatureMechanism, hashesMessage: Bool) {
        switch mechanism {
        case .pkcs1Hash(let hash): content = .message(MessageHash(hash))
        case .pss(let hash) where hashesMessage: content = .message(MessageHash(hash))
        case .pkcs1, .pss: content = .data([])
        }
    }

    /// - Throws: `.dataLengthRange` if there is too much unhashed data.
    mutating func append(_ bytes: Span<UInt8>) throws(CryptokiError) {
        switch content {
        case .data(var data):
            guard bytes.count <= DataToSign.limit - data.count else { throw .dataLengthRange }
            for index in bytes.indices { data.append(bytes[index]) }  // checked: its own indices
            content = .data(data)
        case .message(var message):
            content = .data([])
            message.update(bytes)
            content = .message(message)
        }
    }

    mutating func update(_ bytes: Span<UInt8>) throws(CryptokiError) {
        isMultipart = true
        try append(bytes)
    }

    var input: SignatureInput {
        switch content {
        case .data(let data): .data(data)
        case .message(let message): .message(message)
        }
    }
}

/// An active signature (PKCS#11 3.1 §5.13).
struct SignatureOperation: MultipartOperation {
    let key: KeyObject
    /// The certificates with the key's identifier: one, or more on a card with a renewed certificate.
    let certificates: [CertificateValue]
    let mechanism: SignatureMechanism
    var data: DataToSign

    var isMultipart: Bool { data.isMultipart }
    var isAskedInOnePiece = false

    mutating func update(_ part: Span<UInt8>) throws(CryptokiError) { try data.update(part) }

    /// The length of the signature in bytes.
    var length: Int { (key.modulusLength + 7) / 8 }

    /// Signs on the card. The certificate is read if needed: a signature that it does not verify is not returned.
    func sign(on token: Token) throws(CryptokiError) -> [UInt8] {
        do throws(CardError) {
            do throws(CardError) {
                return try signOnce(on: token)
            } catch .signatureNotConfirmed {
                // The cached certificate may be outdated, or was garbled. This time it is read from the card.
                for certificate in certificates { certificate.forget() }
                return try signOnce(on: token)
            }
        } catch {
            throw CryptokiError(error)
        }
    }

    private func signOnce(on token: Token) throws(CardError) -> [UInt8] {
        let publicKeys = try publicKeys(from: token)
        return try token.withCard { (state) throws(CardError) in
            try state.card.sign(data.input, by: mechanism, with: key, checkedBy: publicKeys)
        }
    }

    /// The public keys for the check of a signature. A key whose certificate is missing or damaged does not sign:
    /// otherwise an attacker could disable the check by corrupting the certificate.
    private func publicKeys(from token: Token) throws(CardError) -> [RSAPublicKey] {
        var publicKeys: [RSAPublicKey] = []
        for certificate in certificates {
            do throws(CardError) {
                if let publicKey = try certificate.fields(from: token).publicKey { publicKeys.append(publicKey) }
            } catch {
                if case .channel = error { throw error }
            }
        }
        if !publicKeys.isEmpty { return publicKeys }
        // Thrown within the token, which drops the cache: a cached directory may lack the key's certificate.
        return try token.withCard { (_) throws(CardError) in throw .signatureNotConfirmed }
    }
}

/// An active verification, on the host (PKCS#11 3.1 §5.15).
struct VerificationOperation: MultipartOperation {
    let publicKey: RSAPublicKey
    let mechanism: SignatureMechanism
    /// The parameters of a `.pss` mechanism; nil for all others.
    let pss: PSSParameters?
    /// Whether the private key signs only complete hashes, and adds the DigestInfo to a bare one. The signature of a
    /// bare hash is then that of its DigestInfo.
    let completesHashes: Bool
    var data: DataToSign

    var isMultipart: Bool { data.isMultipart }
    var isAskedInOnePiece = false

    mutating func update(_ part: Span<UInt8>) throws(CryptokiError) { try data.update(part) }

    /// - Throws: `.signatureLengthRange` or `.signatureInvalid`.
    func verify(_ signature: [UInt8]) throws(CryptokiError) {
        guard signature.count == publicKey.modulusLength else { throw .signatureLengthRange }
        guard isValid(signature) else { throw .signatureInvalid }
    }

    private func isValid(_ signature: [UInt8]) -> Bool {
        switch (mechanism, data.input) {
        case (.pkcs1, .data(let data)):
            if publicKey.isValidSignature(signature, ofPKCS1: data) { return true }
            let hash = HashAlgorithm.allCases.first { $0.digestLength == data.count }
            guard completesHashes, let hash, hash == .sha1 || hash == .sha256,
                let info = DigestInfo.encode(algorithm: hash, digest: data)
            else { return false }
            return publicKey.isValidSignature(signature, ofPKCS1: info)
        case (.pkcs1Hash(let algorithm), .message(let message)):
            guard let info = DigestInfo.encode(algorithm: algorithm, digest: message.digest()) else { return false }
            return publicKey.isValidSignature(signature, ofPKCS1: info)
        case (.pss, let input):
            guard let pss else { return false }
            return publicKey.isValidPSSSignature(
                signature, digest: input.digest, algorithm: pss.hash, maskAlgorithm: pss.maskHash,
                saltLength: pss.saltLength)
        default:
            return false
        }
    }
}
