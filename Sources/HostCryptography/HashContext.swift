// SPDX-License-Identifier: Apache-2.0

import CNettle

/// A hash over a message that comes in pieces (FIPS 180-4), computed by nettle. A copy is independent of the
/// original.
public struct HashContext: Sendable {
    /// nettle's contexts; SHA-224 uses the SHA-256 context, SHA-384 the SHA-512 context.
    private enum State {
        case sha1(sha1_ctx)
        case sha256(sha256_ctx)
        case sha512(sha512_ctx)
    }

    /// The hash function.
    public let algorithm: HashAlgorithm
    /// The number of bytes hashed since the start, or since the last `finalize()`.
    public private(set) var byteCount: UInt64 = 0
    private var state: State

    /// Starts with an empty message.
    public init(_ algorithm: HashAlgorithm) {
        self.algorithm = algorithm
        state = HashContext.initialState(algorithm)
    }

    /// Continues from the state of another implementation, as a card does with the state that the host sends
    /// (cards.md §4.4 a).
    /// - Parameters:
    ///   - chainingValue: the state after whole blocks, 20 bytes for SHA-1, 32 for SHA-256. Other lengths and
    ///     functions return nil.
    ///   - blockCount: the number of 64-byte blocks before.
    public init?(_ algorithm: HashAlgorithm, resumingFrom chainingValue: [UInt8], blockCount: UInt64) {
        self.init(algorithm)
        let (byteCount, tooLong) = blockCount.multipliedReportingOverflow(by: UInt64(algorithm.blockLength))
        guard chainingValue.count == algorithm.digestLength, !tooLong else { return nil }
        let words = stride(from: 0, to: chainingValue.count, by: 4).map { index in
            // checked: whole words of the digest length; a byte
            chainingValue[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        switch (algorithm, state) {
        case (.sha1, .sha1(var context)):
            // checked: as many words as the digest length makes
            context.state = (words[0], words[1], words[2], words[3], words[4])
            context.count = blockCount
            state = .sha1(context)
        case (.sha256, .sha256(var context)):
            // checked: as many words as the digest length makes
            context.state = (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7])
            context.count = blockCount
            state = .sha256(context)
        default:
            return nil
        }
        self.byteCount = byteCount
    }

    /// Hashes the next bytes of the message.
    public mutating func update(_ bytes: Span<UInt8>) {
        byteCount &+= UInt64(bytes.count)
        switch state {
        case .sha1(var context):
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe nettle_sha1_update(&context, buffer.count, buffer.baseAddress)
            }
            state = .sha1(context)
        case .sha256(var context):
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe nettle_sha256_update(&context, buffer.count, buffer.baseAddress)
            }
            state = .sha256(context)
        case .sha512(var context):
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe nettle_sha512_update(&context, buffer.count, buffer.baseAddress)
            }
            state = .sha512(context)
        }
    }

    /// Hashes the next bytes of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Hashes the next bytes of the message.
    public mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }

    /// The digest of the message, `algorithm.digestLength` bytes. The context then starts again with an empty
    /// message.
    public mutating func finalize() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: algorithm.digestLength)
        let length = digest.count
        switch (algorithm, state) {
        case (_, .sha1(var context)):
            unsafe nettle_sha1_digest(&context, length, &digest)
        case (.sha224, .sha256(var context)):
            unsafe nettle_sha224_digest(&context, length, &digest)
        case (_, .sha256(var context)):
            unsafe nettle_sha256_digest(&context, length, &digest)
        case (.sha384, .sha512(var context)):
            unsafe nettle_sha384_digest(&context, length, &digest)
        case (_, .sha512(var context)):
            unsafe nettle_sha512_digest(&context, length, &digest)
        }
        self = HashContext(algorithm)
        return digest
    }

    /// The digest of a whole message.
    public static func digest(of bytes: Span<UInt8>, with algorithm: HashAlgorithm) -> [UInt8] {
        var context = HashContext(algorithm)
        context.update(bytes)
        return context.finalize()
    }

    /// The digest of a whole message.
    public static func digest(of bytes: [UInt8], with algorithm: HashAlgorithm) -> [UInt8] {
        digest(of: bytes.span, with: algorithm)
    }

    /// The digest of a whole message.
    public static func digest(of bytes: ArraySlice<UInt8>, with algorithm: HashAlgorithm) -> [UInt8] {
        digest(of: bytes.span, with: algorithm)
    }

    /// The chaining value (FIPS 180-4 §6: H after the last whole block) as big-endian bytes, 20 for SHA-1 and 32 for
    /// SHA-256; nil for other functions, and in the middle of a block.
    public var chainingValue: [UInt8]? {
        guard byteCount.isMultiple(of: UInt64(algorithm.blockLength)) else { return nil }
        let words: [UInt32]
        switch (algorithm, state) {
        case (.sha1, .sha1(let context)):
            let value = context.state
            words = [value.0, value.1, value.2, value.3, value.4]
        case (.sha256, .sha256(let context)):
            let value = context.state
            words = [value.0, value.1, value.2, value.3, value.4, value.5, value.6, value.7]
        default: return nil
        }
        return words.flatMap { BigEndian.bytes(of: $0) }
    }

    private static func initialState(_ algorithm: HashAlgorithm) -> State {
        switch algorithm {
        case .sha1:
            var context = sha1_ctx()
            unsafe nettle_sha1_init(&context)
            return .sha1(context)
        case .sha224:
            var context = sha256_ctx()
            unsafe nettle_sha224_init(&context)
            return .sha256(context)
        case .sha256:
            var context = sha256_ctx()
            unsafe nettle_sha256_init(&context)
            return .sha256(context)
        case .sha384:
            var context = sha512_ctx()
            unsafe nettle_sha384_init(&context)
            return .sha512(context)
        case .sha512:
            var context = sha512_ctx()
            unsafe nettle_sha512_init(&context)
            return .sha512(context)
        }
    }
}
