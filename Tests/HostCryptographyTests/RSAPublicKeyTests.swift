// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport
import Testing

@Suite("RSA public keys")
struct RSAPublicKeyTests {
    static let exponent: [UInt8] = [0x01, 0x00, 0x01]

    /// 2^(8 · length) - 1: odd, and good enough for what is no signature.
    static func ones(_ length: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: length) }

    @Test("a zero, empty, short or long modulus is refused")
    func modulusSize() {
        for modulus in [
            [], [0], [UInt8](repeating: 0, count: 256), [1], [3], Self.ones(63),
            [0x7F] + Self.ones(63), Self.ones(513), [0x01] + Self.ones(512),
        ] {
            #expect(throws: RSAError.modulusSizeNotSupported) {
                try RSAPublicKey(modulus: modulus, publicExponent: Self.exponent)
            }
        }
    }

    @Test("an even modulus is refused")
    func evenModulus() {
        #expect(throws: RSAError.modulusEven) {
            try RSAPublicKey(modulus: Self.ones(255) + [0xFE], publicExponent: Self.exponent)
        }
    }

    @Test("an exponent that is zero, one, even, or not below the modulus is refused")
    func exponents() {
        let modulus = Self.ones(64)
        for exponent in [[], [0], [1], [0, 0, 1], [2], [1, 0, 0], modulus, [1] + modulus] {
            #expect(throws: RSAError.publicExponentNotUsable) {
                try RSAPublicKey(modulus: modulus, publicExponent: exponent)
            }
        }
    }

    @Test("leading zeros do not count, and the sizes of the rest do")
    func sizes() throws {
        let key = try RSAPublicKey(modulus: [0, 0, 0x01] + Self.ones(128), publicExponent: [0, 0, 3])
        #expect(key.modulusLength == 129)
        #expect(key.modulusBitCount == 1025)
        #expect(key.publicExponent == [3])
        #expect(try RSAPublicKey(modulus: Self.ones(64), publicExponent: [3]).modulusBitCount == 512)
        #expect(try RSAPublicKey(modulus: Self.ones(512), publicExponent: [3]).modulusBitCount == 4096)
    }

    @Test("the raw operation takes blocks below the modulus, of its length, and no other")
    func rawOperation() throws {
        let key = try RSAPublicKey(modulus: Self.ones(64), publicExponent: [3])
        #expect(key.apply([]) == nil)
        #expect(key.apply([UInt8](repeating: 0, count: 63)) == nil)
        #expect(key.apply([UInt8](repeating: 0, count: 65)) == nil)
        #expect(key.apply(Self.ones(64)) == nil)
        let zero = [UInt8](repeating: 0, count: 64)
        #expect(key.apply(zero) == zero)
        #expect(key.apply(zero.dropLast() + [5]) == zero.dropLast() + [125])
        // (n - 1)³ = -1 = n - 1
        #expect(key.apply(Self.ones(63) + [0xFE]) == Self.ones(63) + [0xFE])
    }

    @Test("the largest exponent of the largest key ends")
    func largestExponent() throws {
        let key = try RSAPublicKey(modulus: Self.ones(512), publicExponent: Self.ones(511) + [0xFD])
        #expect(key.apply([UInt8](repeating: 0, count: 511) + [2])?.count == 512)
    }

    @Test("a PKCS #1 signature is valid for its data, and for nothing else")
    func signature() throws {
        let key = try TestKey.bits2048
        let digest = HashContext.digest(of: Array("abc".utf8), with: .sha256)
        let data = try #require(DigestInfo.encode(algorithm: .sha256, digest: digest))
        let block = try #require(PKCS1Padding.signatureBlock(data, length: 256))
        let signature = try #require(key.privateKey.apply(block))
        let publicKey = key.publicKey
        #expect(publicKey.isValidSignature(signature, ofPKCS1: data))
        #expect(!publicKey.isValidSignature(signature, ofPKCS1: digest))
        #expect(!publicKey.isValidSignature(signature, ofPKCS1: []))
        #expect(!publicKey.isValidSignature(signature, ofPKCS1: data + [0]))
        #expect(!publicKey.isValidSignature(signature, ofPKCS1: [UInt8](repeating: 0, count: 1000)))
        #expect(!publicKey.isValidSignature([], ofPKCS1: data))
        #expect(!publicKey.isValidSignature(Array(signature.dropLast()), ofPKCS1: data))
        #expect(!publicKey.isValidSignature([0] + signature, ofPKCS1: data))
        #expect(!publicKey.isValidSignature(publicKey.modulus, ofPKCS1: data))
        for index in [0, 100, 255] {
            var changed = signature
            changed[index] ^= 1
            #expect(!publicKey.isValidSignature(changed, ofPKCS1: data))
        }
    }

    @Test("a block with less padding and something after the data is no signature")
    func shortPadding() throws {
        let key = try TestKey.bits2048
        let data: [UInt8] = [1, 2, 3]
        let forged =
            [0, 1] + [UInt8](repeating: 0xFF, count: 8) + [0] + data
            + [UInt8](repeating: 0, count: 256 - 11 - data.count)
        let signature = try #require(key.privateKey.apply(forged))
        #expect(!key.publicKey.isValidSignature(signature, ofPKCS1: data))
    }

    @Test("a signature by openssl is valid", arguments: [HashAlgorithm.sha1, .sha256, .sha512])
    func opensslSignature(algorithm: HashAlgorithm) throws {
        let key = try TestKey.bits2048
        let signature = try OpenSSL.run(
            ["dgst", "-\(algorithm)", "-sign", "key.pem", "message"],
            files: ["key.pem": Array(key.pem.utf8), "message": Array("abc".utf8)])
        let digest = HashContext.digest(of: Array("abc".utf8), with: algorithm)
        let data = try #require(DigestInfo.encode(algorithm: algorithm, digest: digest))
        #expect(key.publicKey.isValidSignature(signature, ofPKCS1: data))
    }

    @Test("what is encrypted can be decrypted, and never looks the same twice")
    func encryption() throws {
        let key = try TestKey.bits2048
        for length in [0, 1, 48, 245] {
            let message = [UInt8](repeating: 0, count: length)
            let cryptogram = try #require(key.publicKey.encryptPKCS1(message))
            let block = try #require(key.privateKey.apply(cryptogram))
            #expect(block.prefix(2) == [0, 2])
            #expect(block[2..<(255 - length)].allSatisfy { $0 != 0 })
            #expect(PKCS1Padding.removeEncryptionPadding(block) == message)
            #expect(key.publicKey.encryptPKCS1(message) != cryptogram)
        }
        #expect(key.publicKey.encryptPKCS1([UInt8](repeating: 0, count: 246)) == nil)
    }
}
