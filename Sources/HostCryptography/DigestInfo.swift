// SPDX-License-Identifier: Apache-2.0

/// A digest with the name of its function, as PKCS #1 v1.5 signatures carry it
/// (RFC 8017 §9.2).
public struct DigestInfo: Sendable, Equatable {
    /// The functions that are recognised, so that a caller can tell those that
    /// a card cannot sign with from data that is no `DigestInfo` at all.
    public enum Algorithm: Sendable, Hashable {
        case secureHash(HashAlgorithm)
        case md5
        case ripemd160

        /// The function, if this library can compute it.
        public var hashAlgorithm: HashAlgorithm? {
            if case .secureHash(let algorithm) = self { algorithm } else { nil }
        }
    }

    /// The hash function that the identifier names.
    public let algorithm: Algorithm
    /// The digest, of the length that the algorithm has.
    public let digest: [UInt8]

    /// The DER of a `DigestInfo` with NULL parameters; nil when the digest has
    /// not the algorithm's length.
    public static func encode(algorithm: HashAlgorithm, digest: [UInt8]) -> [UInt8]? {
        guard digest.count == algorithm.digestLength else { return nil }
        return algorithm.digestInfoPrefix + digest
    }

    /// The `DigestInfo` that these bytes are; nil when they are anything else.
    /// Parameters may be NULL or absent (RFC 8017 appendix B.1); any other
    /// deviation from DER, and any byte too many, is refused.
    public static func parse(_ bytes: [UInt8]) -> DigestInfo? {
        for (algorithm, objectIdentifier, length) in known {
            for parameters in [[0x05, 0x00], []] as [[UInt8]] {
                let prefix = prefix(
                    objectIdentifier: objectIdentifier, parameters: parameters, digestLength: length)
                if bytes.count == prefix.count + length, bytes.starts(with: prefix) {
                    return DigestInfo(algorithm: algorithm, digest: Array(bytes.suffix(length)))
                }
            }
        }
        return nil
    }

    private static let known: [(algorithm: Algorithm, objectIdentifier: [UInt8], digestLength: Int)] =
        HashAlgorithm.allCases.map { (.secureHash($0), $0.objectIdentifier, $0.digestLength) } + [
            (.md5, [0x06, 0x08, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05], 16),
            (.ripemd160, [0x06, 0x05, 0x2B, 0x24, 0x03, 0x02, 0x01], 20),
        ]

    /// Everything before the digest. All lengths are below 128, one byte each.
    static func prefix(objectIdentifier: [UInt8], parameters: [UInt8], digestLength: Int) -> [UInt8] {
        let identifier = objectIdentifier + parameters
        let length = 2 + identifier.count + 2 + digestLength
        return [0x30, UInt8(truncatingIfNeeded: length), 0x30, UInt8(truncatingIfNeeded: identifier.count)]
            + identifier + [0x04, UInt8(truncatingIfNeeded: digestLength)]
    }
}
