// SPDX-License-Identifier: Apache-2.0

/// The hash functions of FIPS 180-4 in signatures by CPS cards and in their certificates.
public enum HashAlgorithm: CaseIterable, Hashable, Sendable {
    /// SHA-1 and the four of SHA-2.
    case sha1, sha224, sha256, sha384, sha512

    /// The size of the digest in bytes, 20 to 64.
    public var digestLength: Int {
        switch self {
        case .sha1: 20
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The size of the function's blocks, 64 or 128 bytes.
    public var blockLength: Int {
        switch self {
        case .sha1, .sha224, .sha256: 64
        case .sha384, .sha512: 128
        }
    }

    /// The DER of the object identifier, tag and length included.
    public var objectIdentifier: [UInt8] {
        let arc: UInt8
        switch self {
        case .sha1: return [0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha256: arc = 1
        case .sha384: arc = 2
        case .sha512: arc = 3
        case .sha224: arc = 4
        }
        return [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc]
    }

    /// The bytes before the digest in a DER `DigestInfo` (RFC 8017 §9.2, note 1), 15 or 19 bytes.
    public var digestInfoPrefix: [UInt8] {
        DigestInfo.prefix(
            objectIdentifier: objectIdentifier, parameters: [0x05, 0x00], digestLength: digestLength)
    }
}
