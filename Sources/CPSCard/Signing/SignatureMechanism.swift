// SPDX-License-Identifier: Apache-2.0

import HostCryptography

/// The ways in which a key of a card signs.
public enum SignatureMechanism: Hashable, Sendable {
    /// PKCS#1 v1.5 around the caller's own data, usually a DigestInfo (CKM_RSA_PKCS).
    case pkcs1
    /// PKCS#1 v1.5 around the hash of a message (CKM_SHA256_RSA_PKCS and its kin).
    case pkcs1Hash(HashAlgorithm)
    /// PSS with this hash, MGF1 over the same hash, and a salt as long as the hash.
    case pss(HashAlgorithm)
}

/// What is signed.
public enum SignatureInput: Sendable {
    /// The caller's data as it is (`.pkcs1`), or a ready hash (`.pss`).
    case data([UInt8])
    /// A message that was hashed as it came in.
    case message(MessageHash)

    /// The hash that a `.pss` signature is made of.
    public var digest: [UInt8] {
        switch self {
        case .data(let digest): digest
        case .message(let message): message.digest()
        }
    }
}

/// A message as it comes in, piece by piece: hashed, and for the hashes that the
/// card can finish itself, with the last block kept back (cards.md §4.4 a).
public enum MessageHash: Sendable {
    case lastRoundPending(LastRoundHash)
    case complete(HashContext)

    /// Begins with an empty message. SHA-1 and SHA-256 keep the last block back, the other hashes are computed
    /// whole.
    public init(_ algorithm: HashAlgorithm) {
        if let hash = LastRoundHash(algorithm) {
            self = .lastRoundPending(hash)
        } else {
            self = .complete(HashContext(algorithm))
        }
    }

    /// Hashes the next piece of the message, of any length.
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

    /// The hash that the message is put through.
    public var algorithm: HashAlgorithm {
        switch self {
        case .lastRoundPending(let hash): hash.algorithm
        case .complete(let hash): hash.algorithm
        }
    }

    /// The hash of all that came in.
    public func digest() -> [UInt8] {
        switch self {
        case .lastRoundPending(let hash):
            return hash.digest()
        case .complete(var hash):
            return hash.finalize()
        }
    }
}
