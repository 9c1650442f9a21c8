// SPDX-License-Identifier: Apache-2.0

import CNettle

/// An RSA public key (RFC 8017 §3.1) and its operations on the host. It stores bytes only; big numbers exist during a
/// call.
public struct RSAPublicKey: Sendable, Hashable {
    /// The accepted sizes of the modulus, in bits.
    public static let supportedBitCounts = 512...4096

    /// The modulus: big-endian, without leading zeros, 64 to 512 bytes.
    public let modulus: [UInt8]
    /// The public exponent: big-endian, without leading zeros.
    public let publicExponent: [UInt8]
    /// The size of the modulus in bits, 512 to 4096.
    public let modulusBitCount: Int

    /// The size of the modulus, a block and a signature, in bytes.
    public var modulusLength: Int { modulus.count }

    /// Makes a key from big-endian numbers. Leading zeros are allowed.
    /// - Throws: `RSAError` if the modulus is even or not 512 to 4096 bits long, or if the exponent is even, less
    ///   than 3, or not less than the modulus.
    public init(modulus: [UInt8], publicExponent: [UInt8]) throws(RSAError) {
        let modulus = BigEndian.withoutLeadingZeros(modulus)
        let exponent = BigEndian.withoutLeadingZeros(publicExponent)
        guard let first = modulus.first, let last = modulus.last else { throw .modulusSizeNotSupported }
        let bitCount = modulus.count * 8 - first.leadingZeroBitCount
        guard RSAPublicKey.supportedBitCounts.contains(bitCount) else { throw .modulusSizeNotSupported }
        guard last & 1 == 1 else { throw .modulusEven }
        guard let lastOfExponent = exponent.last, lastOfExponent & 1 == 1, exponent != [1],
            RSAPublicKey.isLess(exponent, than: modulus)
        else { throw .publicExponentNotUsable }
        self.modulus = modulus
        self.publicExponent = exponent
        modulusBitCount = bitCount
    }

    /// The raw operation: the block, as a number, to the power of the public exponent (RSAEP, RSAVP1).
    /// - Parameter block: exactly `modulusLength` bytes.
    /// - Returns: `modulusLength` bytes; nil if the block has another length, or is not less than the modulus.
    public func apply(_ block: [UInt8]) -> [UInt8]? {
        guard block.count == modulusLength else { return nil }
        var result = [UInt8](repeating: 0, count: modulusLength)
        let done = unsafe cps_rsa_public_apply(
            modulus, modulus.count, publicExponent, publicExponent.count, block, &result)
        return done == 1 ? result : nil
    }

    /// Whether this is the RSASSA-PKCS1-v1_5 signature of these bytes, usually a `DigestInfo`. The padded block is
    /// built again and compared as a whole, so that no lenient parser can be deceived (RFC 8017 §8.2.2).
    public func isValidSignature(_ signature: [UInt8], ofPKCS1 data: [UInt8]) -> Bool {
        guard let block = apply(signature),
            let expected = PKCS1Padding.signatureBlock(data, length: modulusLength)
        else { return false }
        return block == expected
    }

    /// Whether this is the RSASSA-PSS signature of a digest (RFC 8017 §8.1.2).
    /// - Parameters:
    ///   - digest: the hash of the message by `algorithm`.
    ///   - maskAlgorithm: the hash in MGF1.
    ///   - saltLength: the exact length of the salt in bytes.
    public func isValidPSSSignature(
        _ signature: [UInt8], digest: [UInt8], algorithm: HashAlgorithm,
        maskAlgorithm: HashAlgorithm, saltLength: Int
    ) -> Bool {
        guard let block = apply(signature) else { return false }
        return PKCS1Padding.isValidPSSBlock(
            block, digest: digest, algorithm: algorithm, maskAlgorithm: maskAlgorithm,
            saltLength: saltLength, modulusBitCount: modulusBitCount)
    }

    /// RSAES-PKCS1-v1_5 encryption (RFC 8017 §7.2.1).
    /// - Parameter message: at most `modulusLength` - 11 bytes.
    /// - Returns: `modulusLength` bytes; nil if the message is longer, or if the system returns no random bytes.
    public func encryptPKCS1(_ message: [UInt8]) -> [UInt8]? {
        guard let block = PKCS1Padding.encryptionBlock(message, length: modulusLength) else { return nil }
        return apply(block)
    }

    /// Compares two numbers without leading zeros.
    private static func isLess(_ left: [UInt8], than right: [UInt8]) -> Bool {
        if left.count != right.count { return left.count < right.count }
        return left.lexicographicallyPrecedes(right)
    }
}

/// Why an RSA key is not accepted.
public enum RSAError: Error, Equatable, Sendable {
    /// The modulus has fewer than 512 bits, or more than 4096.
    case modulusSizeNotSupported
    /// The modulus is even, so it is not a product of two odd primes.
    case modulusEven
    /// The public exponent is even, less than 3, or not less than the modulus.
    case publicExponentNotUsable
    /// The PEM text or DER of a private key is malformed.
    case malformedPrivateKey
    /// The numbers of a private key do not match each other.
    case inconsistentPrivateKey
}
