// SPDX-License-Identifier: Apache-2.0

/// A digest with the identifier of its hash function, as in PKCS #1 v1.5 signatures (RFC 8017 §9.2).
public struct DigestInfo: Sendable, Equatable {
    /// The hash functions that are recognised. MD5 and RIPEMD-160 are among them so that a caller can distinguish a
    /// hash that no card supports from data that is not a `DigestInfo`.
    public enum Algorithm: Sendable, Hashable {
        /// SHA-1 or SHA-2.
        case secureHash(HashAlgorithm)
        /// MD5, 16 bytes; recognised only.
        case md5
        /// RIPEMD-160, 20 bytes; recognised only.
        case ripemd160

        /// The hash function; nil if this library does not implement it.
        public var hashAlgorithm: HashAlgorithm? {
            if case .secureHash(let algorithm) = self { algorithm } else { nil }
        }
    }

    /// The hash function of the identifier.
    public let algorithm: Algorithm
    /// The digest, as long as the algorithm requires.
    public let digest: [UInt8]

    /// The DER of a `DigestInfo` with NULL parameters; nil if the digest has the wrong length.
    public static func encode(algorithm: HashAlgorithm, digest: [UInt8]) -> [UInt8]? {
        guard digest.count == algorithm.digestLength else { return nil }
        return algorithm.digestInfoPrefix + digest
    }

    /// Parses the DER of a `DigestInfo`; nil for anything else. The parameters may be NULL or absent (RFC 8017
    /// appendix B.1). Any other deviation from DER and any extra byte are refused.
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

    /// All bytes before the digest. All lengths are below 128, hence one byte each.
    static func prefix(objectIdentifier: [UInt8], parameters: [UInt8], digestLength: Int) -> [UInt8] {
        let identifier = objectIdentifier + parameters
        let length = 2 + identifier.count + 2 + digestLength
        return [0x30, UInt8(truncatingIfNeeded: length), 0x30, UInt8(truncatingIfNeeded: identifier.count)]
            + identifier + [0x04, UInt8(truncatingIfNeeded: digestLength)]
    }
}
