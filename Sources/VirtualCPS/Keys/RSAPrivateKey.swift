// SPDX-License-Identifier: Apache-2.0

import CNettle
import HostCryptography
import SmartCardBytes

/// An RSA private key of two primes (RFC 8017 §3.2) in memory: for virtual
/// cards and tests only. Its bytes are not wiped and its operation is not
/// blinded; a real card never lets its keys out.
public struct RSAPrivateKey: Sendable {
    /// The key that verifies what this one signs.
    public let publicKey: RSAPublicKey
    /// p, q, dP, dQ and qInv one after the other, `partLength` bytes each.
    private let parts: [UInt8]
    private let partLength: Int

    /// A key from PEM text: "PRIVATE KEY" (PKCS #8, RFC 5958) or "RSA PRIVATE
    /// KEY" (PKCS #1, RFC 8017 appendix A.1.2), not encrypted.
    /// - Throws: `RSAError`.
    public init(pem: String) throws(RSAError) {
        if let bytes = PrivateKeyPEM.decode(pem, label: "PRIVATE KEY") {
            try self.init(pkcs8: bytes)
        } else if let bytes = PrivateKeyPEM.decode(pem, label: "RSA PRIVATE KEY") {
            try self.init(pkcs1: bytes)
        } else {
            throw .malformedPrivateKey
        }
    }

    /// A key from the DER of a PKCS #8 `PrivateKeyInfo`.
    /// - Throws: `RSAError`.
    public init(pkcs8 bytes: [UInt8]) throws(RSAError) {
        guard let key = RSAPrivateKey.privateKeyField(pkcs8: bytes) else { throw .malformedPrivateKey }
        try self.init(pkcs1: key)
    }

    /// A key from the DER of a PKCS #1 `RSAPrivateKey`.
    /// - Throws: `RSAError`.
    public init(pkcs1 bytes: [UInt8]) throws(RSAError) {
        // version, n, e, d, p, q, dP, dQ, qInv
        // checked: nine numbers, counted by integers(pkcs1:)
        guard let numbers = RSAPrivateKey.integers(pkcs1: bytes), numbers[0].isEmpty else {
            throw .malformedPrivateKey
        }
        // checked: nine numbers, counted by integers(pkcs1:)
        publicKey = try RSAPublicKey(modulus: numbers[1], publicExponent: numbers[2])
        var length = 0
        // checked: nine numbers, counted by integers(pkcs1:)
        for number in numbers[4...] { length = max(length, number.count) }
        guard length > 0, length <= publicKey.modulusLength else { throw .inconsistentPrivateKey }
        partLength = length
        // checked: nine numbers, counted by integers(pkcs1:)
        parts = numbers[4...].flatMap { BigEndian.padded($0, to: length) ?? [] }
        // One operation, whose result is checked, shows that all belongs together.
        guard let probe = BigEndian.padded([2], to: publicKey.modulusLength), apply(probe) != nil else {
            throw .inconsistentPrivateKey
        }
    }

    /// The raw operation: the block, as a number, to the power of the private
    /// exponent (RSADP, RSASP1).
    /// - Parameter block: exactly `publicKey.modulusLength` bytes.
    /// - Returns: as many bytes; nil when the block has another length, or is
    ///   not below the modulus.
    public func apply(_ block: [UInt8]) -> [UInt8]? {
        let modulus = publicKey.modulus
        let exponent = publicKey.publicExponent
        guard block.count == modulus.count, parts.count == 5 * partLength else { return nil }
        var result = [UInt8](repeating: 0, count: modulus.count)
        let done = unsafe cps_rsa_private_apply(
            modulus, modulus.count, exponent, exponent.count, parts, partLength, block, &result)
        return done == 1 ? result : nil
    }

    /// rsaEncryption, 1.2.840.113549.1.1.1, as the value of an object identifier.
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]

    private static func privateKeyField(pkcs8 bytes: [UInt8]) -> [UInt8]? {
        do throws(MalformedBytes) {
            var outer = BERTLVReader(bytes)
            var fields = try outer.next(tag: DER.sequence).children
            _ = try fields.next(tag: DER.integer)
            var algorithm = try fields.next(tag: DER.sequence).children
            guard try algorithm.next(tag: DER.objectIdentifier).value.elementsEqual(rsaEncryption) else {
                return nil
            }
            return Array(try fields.next(tag: DER.octetString).value)
        } catch {
            return nil
        }
    }

    /// The nine numbers, without leading zeros; nil when one is negative,
    /// missing, or too many.
    private static func integers(pkcs1 bytes: [UInt8]) -> [[UInt8]]? {
        do throws(MalformedBytes) {
            var outer = BERTLVReader(bytes)
            var fields = try outer.next(tag: DER.sequence).children
            var numbers: [[UInt8]] = []
            while !fields.isAtEnd {
                let value = try fields.next(tag: DER.integer).value
                guard let first = value.first, first & 0x80 == 0 else { return nil }
                numbers.append(BigEndian.withoutLeadingZeros(value))
            }
            return numbers.count == 9 ? numbers : nil
        } catch {
            return nil
        }
    }
}
