// SPDX-License-Identifier: Apache-2.0

/// A hash whose last block the card computes, as IAS-ECC requires for a signature key (cards.md §4.4 a). The host
/// hashes all other blocks. The card gets the resulting state and the last block, and pads it itself.
public struct LastRoundHash: Sendable {
    private var hashed: HashContext
    /// The bytes that are not hashed yet: the last 1 to 64 bytes of the message, also if they are a whole block.
    /// Empty only for the empty message.
    public private(set) var lastBlock: [UInt8] = []

    /// The hash function: SHA-1 or SHA-256.
    public var algorithm: HashAlgorithm { hashed.algorithm }

    /// The length of the message so far, in bytes.
    public var byteCount: UInt64 { hashed.byteCount &+ UInt64(lastBlock.count) }

    /// Starts with an empty message. Nil unless SHA-1 or SHA-256, the only hashes the cards support.
    public init?(_ algorithm: HashAlgorithm) {
        guard algorithm == .sha1 || algorithm == .sha256 else { return nil }
        hashed = HashContext(algorithm)
    }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: Span<UInt8>) {
        // At most one block is held back. More bytes show that it is not the last.
        let blockLength = algorithm.blockLength
        let room = blockLength - lastBlock.count
        guard bytes.count > room else {
            append(bytes)
            return
        }
        // Whole blocks that are followed by at least one byte.
        let whole = (bytes.count - room - 1) / blockLength * blockLength  // checked: 64, a constant
        hashed.update(lastBlock)
        hashed.update(bytes.extracting(first: room + whole))
        lastBlock.removeAll(keepingCapacity: true)
        append(bytes.extracting(droppingFirst: room + whole))
    }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Adds the next bytes of the message.
    public mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }

    /// The value of data object 90 in PSO HASH: the chaining value (20 or 32 bytes) and the number of bits hashed (8
    /// bytes, big-endian); empty if nothing was hashed.
    public var state: [UInt8] {
        guard hashed.byteCount > 0, let chainingValue = hashed.chainingValue else { return [] }
        return chainingValue + BigEndian.bytes(of: hashed.byteCount &* 8)
    }

    /// The digest of the message so far. Used for the empty message, which has no last block, and to verify a card's
    /// signature.
    public func digest() -> [UInt8] {
        var context = hashed
        context.update(lastBlock)
        return context.finalize()
    }

    private mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { lastBlock.append(bytes[index]) }  // checked: its own indices
    }
}
