import CNettle
import HostCryptography

/// The card's half of last-round hashing (cards.md §4.4 a): SHA-1 or SHA-256
/// taken up where the host left it.
struct ResumedHash {
    /// The digest of a message whose first blocks were hashed elsewhere.
    /// - Parameters:
    ///   - chainingValue: the state after these blocks, 20 or 32 bytes.
    ///   - blockCount: how many blocks of 64 bytes there were.
    ///   - last: the rest of the message.
    /// - Returns: nil for another function, or a state of another length.
    static func digest(
        _ algorithm: HashAlgorithm, chainingValue: [UInt8], blockCount: UInt64, last: [UInt8]
    ) -> [UInt8]? {
        guard chainingValue.count == algorithm.digestLength else { return nil }
        let words = stride(from: 0, to: chainingValue.count, by: 4).map { index in
            chainingValue[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        var digest = [UInt8](repeating: 0, count: chainingValue.count)
        switch algorithm {
        case .sha1:
            var context = sha1_ctx()
            unsafe nettle_sha1_init(&context)
            context.state = (words[0], words[1], words[2], words[3], words[4])
            context.count = blockCount
            unsafe nettle_sha1_update(&context, last.count, last)
            unsafe nettle_sha1_digest(&context, digest.count, &digest)
        case .sha256:
            var context = sha256_ctx()
            unsafe nettle_sha256_init(&context)
            context.state = (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7])
            context.count = blockCount
            unsafe nettle_sha256_update(&context, last.count, last)
            unsafe nettle_sha256_digest(&context, digest.count, &digest)
        default: return nil
        }
        return digest
    }
}
