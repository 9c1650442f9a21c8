// SPDX-License-Identifier: Apache-2.0

import HostCryptography

/// What each key of each card can sign, and with which commands (cards.md §4.4, §4.5). All rules apply before a
/// command is sent.
enum SigningRules {
    /// The longest data for INTERNAL AUTHENTICATE on a CPS3: 40 % of the modulus, in bytes (cards.md §4.4 c).
    static func authenticationDataLimit(modulusLength: Int) -> Int { modulusLength * 2 / 5 }

    /// The mechanisms of a key, in the order of the mechanism list.
    static func mechanisms(for key: KeyObject, on model: CardModel) -> [SignatureMechanism] {
        let cardHashes: [HashAlgorithm] = [.sha1, .sha256]
        switch (model, key.role) {
        case (_, .other):
            return []
        case (.cps3Contactless, _):
            return [.pkcs1]
        case (.cps3, .signature):
            return [.pkcs1] + cardHashes.map(SignatureMechanism.pkcs1Hash)
        case (.cps3, .authentication):
            return [.pkcs1] + HashAlgorithm.allCases.map(SignatureMechanism.pkcs1Hash)
        case (.cps4, .signature):
            return [.pkcs1] + cardHashes.map(SignatureMechanism.pkcs1Hash) + cardHashes.map(SignatureMechanism.pss)
        case (.cps4, .authentication):
            return [.pkcs1] + HashAlgorithm.allCases.map(SignatureMechanism.pkcs1Hash)
                + cardHashes.map(SignatureMechanism.pss)
        }
    }

    /// The most bytes that a key pads and signs unchanged.
    static func dataLimit(for key: KeyObject, on model: CardModel) -> Int {
        let modulusLength = (key.modulusLength + 7) / 8
        return model == .cps4
            ? modulusLength - PKCS1Padding.overhead : authenticationDataLimit(modulusLength: modulusLength)
    }

    /// The card operation for a signature.
    /// - Throws: `CardError.operationNotSupported` if the key does not support the mechanism or hash, `.dataTooLong`
    ///   and `.dataNotUsable` for data that it does not accept.
    static func operation(
        for mechanism: SignatureMechanism, of input: SignatureInput, with key: KeyObject, on model: CardModel
    ) throws(CardError) -> KeyOperation {
        guard mechanisms(for: key, on: model).contains(mechanism) else { throw .operationNotSupported }
        switch (mechanism, input) {
        case (.pkcs1, .data(let data)):
            guard key.role == .signature else { return try authentication(of: data, with: key, on: model) }
            return try digestSignature(of: data)
        case (.pkcs1Hash(let algorithm), .message(let message)) where message.algorithm == algorithm:
            guard key.role == .signature else {
                return try authentication(of: encodedDigestInfo(of: message), with: key, on: model)
            }
            return try messageSignature(of: message, on: model)
        case (.pss(let algorithm), .data(let digest)):
            guard let hash = CardHash(algorithm), digest.count == algorithm.digestLength else {
                throw .dataNotUsable
            }
            return .signPSS(hash, digest)
        case (.pss(let algorithm), .message(let message)) where message.algorithm == algorithm:
            guard let hash = CardHash(algorithm) else { throw .operationNotSupported }
            return .signPSS(hash, message.digest())
        default:
            throw .operationNotSupported
        }
    }

    /// The data inside the padding of a v1.5 signature, for the verification; nil for PSS.
    static func paddedData(
        for mechanism: SignatureMechanism, of input: SignatureInput, with key: KeyObject
    ) -> [UInt8]? {
        switch (mechanism, input) {
        case (.pkcs1, .data(let data)):
            guard key.role == .signature else { return data }
            return readyDigest(in: data).flatMap { DigestInfo.encode(algorithm: $0.algorithm, digest: $0.digest) }
        case (.pkcs1Hash, .message(let message)):
            return DigestInfo.encode(algorithm: message.algorithm, digest: message.digest())
        default:
            return nil
        }
    }

    private static func authentication(
        of data: [UInt8], with key: KeyObject, on model: CardModel
    ) throws(CardError) -> KeyOperation {
        guard data.count <= dataLimit(for: key, on: model) else { throw .dataTooLong }
        guard !data.isEmpty else { throw .dataNotUsable }
        guard model == .cps4 else { return .authenticate(data) }
        guard let block = PKCS1Padding.signatureBlock(data, length: (key.modulusLength + 7) / 8) else {
            throw .dataNotUsable
        }
        return .raw(block)
    }

    /// The signature key signs only a SHA-1 or SHA-256 hash, bare or in its DigestInfo.
    private static func digestSignature(of data: [UInt8]) throws(CardError) -> KeyOperation {
        if let (algorithm, digest) = readyDigest(in: data), let hash = CardHash(algorithm) {
            return .signDigest(hash, digest)
        }
        if DigestInfo.parse(data) != nil { throw .operationNotSupported }
        throw data.count > HashAlgorithm.sha512.digestInfoPrefix.count + HashAlgorithm.sha512.digestLength
            ? .dataTooLong : .dataNotUsable
    }

    private static func readyDigest(in data: [UInt8]) -> (algorithm: HashAlgorithm, digest: [UInt8])? {
        if data.count == HashAlgorithm.sha1.digestLength { return (.sha1, data) }
        if data.count == HashAlgorithm.sha256.digestLength { return (.sha256, data) }
        guard let info = DigestInfo.parse(data), let algorithm = info.algorithm.hashAlgorithm,
            CardHash(algorithm) != nil
        else { return nil }
        return (algorithm, info.digest)
    }

    /// On a CPS3 the card hashes the last block itself. It has no command for an empty message, so that one is hashed
    /// here (cards.md §4.4 a).
    private static func messageSignature(
        of message: MessageHash, on model: CardModel
    ) throws(CardError) -> KeyOperation {
        guard let hash = CardHash(message.algorithm) else { throw .operationNotSupported }
        guard model == .cps3, case .lastRoundPending(let pending) = message, !pending.lastBlock.isEmpty else {
            return .signDigest(hash, message.digest())
        }
        return .signLastRound(hash, state: pending.state, lastBlock: pending.lastBlock)
    }

    private static func encodedDigestInfo(of message: MessageHash) throws(CardError) -> [UInt8] {
        guard let info = DigestInfo.encode(algorithm: message.algorithm, digest: message.digest()) else {
            throw .dataNotUsable
        }
        return info
    }
}

extension CardHash {
    init?(_ algorithm: HashAlgorithm) {
        switch algorithm {
        case .sha1: self = .sha1
        case .sha256: self = .sha256
        default: return nil
        }
    }
}

extension KeyObject {
    /// The purpose of a private key according to its usage bits (cards.md §2.10).
    public enum Role: Sendable, Hashable {
        /// Signatures that bind the holder.
        case signature
        /// Authentication, and decryption if the usage bits allow it.
        case authentication
        /// Neither signs nor decrypts.
        case other
    }

    /// The key's role according to its usage bits. A key with the non-repudiation bit is a signature key, whatever
    /// its other bits.
    public var role: Role {
        if usage.nonRepudiation { return .signature }
        return usage.sign || usage.decrypt ? .authentication : .other
    }
}
