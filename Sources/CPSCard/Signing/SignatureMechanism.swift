// SPDX-License-Identifier: Apache-2.0

import HostCryptography

/// How a key of a card signs.
public enum SignatureMechanism: Hashable, Sendable {
    /// PKCS#1 v1.5 around the caller's data, usually a DigestInfo (CKM_RSA_PKCS).
    case pkcs1
    /// PKCS#1 v1.5 around the hash of a message (CKM_SHA256_RSA_PKCS and similar).
    case pkcs1Hash(HashAlgorithm)
    /// PSS with this hash, MGF1 with the same hash, and a salt as long as the hash.
    case pss(HashAlgorithm)
}

/// The input of a signature.
public enum SignatureInput: Sendable {
    /// The caller's data (`.pkcs1`), or a complete hash (`.pss`).
    case data([UInt8])
    /// A message, which is hashed piece by piece.
    case message(MessageHash)

    /// The hash for a `.pss` signature.
    public var digest: [UInt8] {
        switch self {
        case .data(let digest): digest
        case .message(let message): message.digest()
        }
    }
}

/// The hash of a message that comes in pieces. For hashes that the card can complete, the last block is held back
/// (cards.md §4.4 a).
public enum MessageHash: Sendable {
    /// SHA-1 or SHA-256, with the last block held back.
    case lastRoundPending(LastRoundHash)
    /// Any other hash.
    case complete(HashContext)

    /// Starts with an empty message. SHA-1 and SHA-256 hold the last block back; other hashes are computed
    /// completely.
    public init(_ algorithm: HashAlgorithm) {
        if let hash = LastRoundHash(algorithm) {
            self = .lastRoundPending(hash)
        } else {
            self = .complete(HashContext(algorithm))
        }
    }

    /// Adds the next piece of the message, of any length.
    public mutating func update(_ bytes: Span<UInt8>) {
        switch self {
        case .lastRoundPending(var hash):
            hash.update(bytes)
            self = .lastRoundPending(hash)
        case .complete(var hash):
            hash.update(bytes)
            self = .complete(hash)
        }
    }

    /// The hash function.
    public var algorithm: HashAlgorithm {
        switch self {
        case .lastRoundPending(let hash): hash.algorithm
        case .complete(let hash): hash.algorithm
        }
    }

    /// The hash of the message so far.
    public func digest() -> [UInt8] {
        switch self {
        case .lastRoundPending(let hash):
            return hash.digest()
        case .complete(var hash):
            return hash.finalize()
        }
    }
}
