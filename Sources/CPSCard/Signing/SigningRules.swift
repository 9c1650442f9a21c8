// SPDX-License-Identifier: Apache-2.0

import HostCryptography

/// What each key of each card can sign, and how it is asked to (cards.md §4.4,
/// §4.5). Everything here is decided before a command is sent.
enum SigningRules {
    /// INTERNAL AUTHENTICATE of a CPS3 takes 40 % of the modulus (cards.md §4.4 c).
    static func authenticationDataLimit(modulusLength: Int) -> Int { modulusLength * 2 / 5 }

    /// What a key signs with, in the order in which it is announced.
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

    /// The most bytes that a key pads and signs as they are.
    static func dataLimit(for key: KeyObject, on model: CardModel) -> Int {
        let modulusLength = (key.modulusLength + 7) / 8
        return model == .cps4
            ? modulusLength - PKCS1Padding.overhead : authenticationDataLimit(modulusLength: modulusLength)
    }

    /// The operation that makes a signature.
    /// - Throws: `CardError.operationNotSupported` for a mechanism or hash that
    ///   the key does not have, `.dataTooLong` and `.dataNotUsable`
    ///   for data that it does not take.
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

    /// The data field that the verifier of a v1.5 signature finds within the
    /// padding; nil for PSS.
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

    /// The signature key signs a ready SHA-1 or SHA-256 hash, bare or in its
    /// DigestInfo, and nothing else.
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

    /// On a CPS3 the card hashes the last block itself. It has no form for an
    /// empty message; that one is hashed here (cards.md §4.4 a).
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
    /// What a private key is for, as its usage bits tell (cards.md §2.10).
    public enum Role: Sendable, Hashable {
        case signature
        /// Authentication and, where its usage says so, decryption.
        case authentication
        case other
    }

    /// The role that the key's usage bits give it: a key for non-repudiation is a signature key, whatever else it
    /// may do.
    public var role: Role {
        if usage.nonRepudiation { return .signature }
        return usage.sign || usage.decrypt ? .authentication : .other
    }
}
