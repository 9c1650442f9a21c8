// SPDX-License-Identifier: Apache-2.0

/// A hash whose last round is left to the card, as IAS-ECC asks of a signature
/// key (cards.md §4.4 a): the host hashes all blocks but the last, the card
/// gets the state that this leaves and the last block, and pads it itself.
public struct LastRoundHash: Sendable {
    private var hashed: HashContext
    /// What has not been hashed: the last 1 to 64 bytes of the message, a
    /// complete block included; empty only for the empty message.
    public private(set) var lastBlock: [UInt8] = []

    /// The function that is computed: SHA-1 or SHA-256.
    public var algorithm: HashAlgorithm { hashed.algorithm }

    /// How many bytes the message has so far.
    public var byteCount: UInt64 { hashed.byteCount &+ UInt64(lastBlock.count) }

    /// Nil unless SHA-1 or SHA-256, the only hashes the cards support.
    public init?(_ algorithm: HashAlgorithm) {
        guard algorithm == .sha1 || algorithm == .sha256 else { return nil }
        hashed = HashContext(algorithm)
    }

    /// Takes the next bytes of the message.
    public mutating func update(_ bytes: Span<UInt8>) {
        // What is held back is at most one block; more bytes make it due.
        let blockLength = algorithm.blockLength
        let room = blockLength - lastBlock.count
        guard bytes.count > room else {
            append(bytes)
            return
        }
        // Whole blocks, of which at least one byte more than them is known.
        let whole = (bytes.count - room - 1) / blockLength * blockLength  // checked: 64, a constant
        hashed.update(lastBlock)
        hashed.update(bytes.extracting(first: room + whole))
        lastBlock.removeAll(keepingCapacity: true)
        append(bytes.extracting(droppingFirst: room + whole))
    }

    /// Takes the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Takes the next bytes of the message.
    public mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }

    /// The value of data object 90 of PSO HASH: empty when nothing has been
    /// hashed; else the chaining value (20 or 32 bytes) and the number of bits
    /// hashed (8 bytes, big-endian).
    public var state: [UInt8] {
        guard hashed.byteCount > 0, let chainingValue = hashed.chainingValue else { return [] }
        return chainingValue + BigEndian.bytes(of: hashed.byteCount &* 8)
    }

    /// The digest of the whole message so far: for the empty message, which has
    /// no last block to send, and to check what a card has signed.
    public func digest() -> [UInt8] {
        var context = hashed
        context.update(lastBlock)
        return context.finalize()
    }

    private mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { lastBlock.append(bytes[index]) }  // checked: its own indices
    }
}
