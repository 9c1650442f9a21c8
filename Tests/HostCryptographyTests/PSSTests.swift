// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport
import Testing

@Suite("RSA-PSS")
struct PSSTests {
    @Test(
        "a signature is valid with its own hash, mask and salt length only",
        arguments: HashAlgorithm.allCases, HashAlgorithm.allCases)
    func roundTrip(algorithm: HashAlgorithm, maskAlgorithm: HashAlgorithm) throws {
        // SHA-512 and a salt of its length need 1034 bits or more.
        let key = try TestKey.bits2048
        let digest = HashContext.digest(of: Array("abc".utf8), with: algorithm)
        let salt = try #require(SystemRandom.bytes(count: algorithm.digestLength))
        let block = try #require(
            PKCS1Padding.pssBlock(
                digest: digest, algorithm: algorithm, maskAlgorithm: maskAlgorithm, salt: salt,
                modulusBitCount: key.publicKey.modulusBitCount))
        let signature = try #require(key.privateKey.apply(block))
        for otherMask in HashAlgorithm.allCases {
            for saltLength in [0, salt.count - 1, salt.count, salt.count + 1] {
                #expect(
                    key.publicKey.isValidPSSSignature(
                        signature, digest: digest, algorithm: algorithm, maskAlgorithm: otherMask,
                        saltLength: saltLength) == (otherMask == maskAlgorithm && saltLength == salt.count))
            }
        }
        var otherDigest = digest
        otherDigest[0] ^= 1
        #expect(
            !key.publicKey.isValidPSSSignature(
                signature, digest: otherDigest, algorithm: algorithm, maskAlgorithm: maskAlgorithm,
                saltLength: salt.count))
    }

    @Test(
        "openssl's signatures are valid",
        arguments: [
            (HashAlgorithm.sha1, HashAlgorithm.sha1, 20), (.sha256, .sha256, 32), (.sha256, .sha1, 20),
            (.sha256, .sha256, 0), (.sha384, .sha512, 7), (.sha224, .sha224, 28),
        ])
    func opensslSigns(algorithm: HashAlgorithm, maskAlgorithm: HashAlgorithm, saltLength: Int) throws {
        let digest = HashContext.digest(of: Array("abc".utf8), with: algorithm)
        for key in [try TestKey.bits2048, try TestKey.bits1025, try TestKey.bits1031] {
            let signature = try OpenSSL.run(
                [
                    "dgst", "-\(algorithm)", "-sign", "key.pem", "-sigopt", "rsa_padding_mode:pss",
                    "-sigopt", "rsa_mgf1_md:\(maskAlgorithm)", "-sigopt", "rsa_pss_saltlen:\(saltLength)", "message",
                ],
                files: ["key.pem": Array(key.pem.utf8), "message": Array("abc".utf8)])
            #expect(
                key.publicKey.isValidPSSSignature(
                    signature, digest: digest, algorithm: algorithm, maskAlgorithm: maskAlgorithm,
                    saltLength: saltLength))
        }
    }

    @Test("openssl accepts our signatures", arguments: [HashAlgorithm.sha1, .sha256])
    func opensslVerifies(algorithm: HashAlgorithm) throws {
        let digest = HashContext.digest(of: Array("abc".utf8), with: algorithm)
        for key in [try TestKey.bits2048, try TestKey.bits1025, try TestKey.bits1031] {
            let block = try #require(
                PKCS1Padding.pssBlock(
                    digest: digest, algorithm: algorithm, maskAlgorithm: algorithm,
                    salt: [UInt8](repeating: 0x5A, count: algorithm.digestLength),
                    modulusBitCount: key.publicKey.modulusBitCount))
            let signature = try #require(key.privateKey.apply(block))
            _ = try OpenSSL.run(
                [
                    "dgst", "-\(algorithm)", "-prverify", "key.pem", "-sigopt", "rsa_padding_mode:pss",
                    "-sigopt", "rsa_pss_saltlen:\(algorithm.digestLength)", "-signature", "signature", "message",
                ],
                files: ["key.pem": Array(key.pem.utf8), "message": Array("abc".utf8), "signature": signature])
        }
    }

    @Test("a changed block is no signature, wherever the change is")
    func changedBlocks() throws {
        let key = try TestKey.bits1025
        let digest = HashContext.digest(of: [], with: .sha256)
        let block = try #require(
            PKCS1Padding.pssBlock(
                digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, salt: [1, 2, 3], modulusBitCount: 1025))
        #expect(block.count == 129)
        #expect(block.first == 0)
        for index in block.indices {
            var changed = block
            changed[index] ^= 0x01
            guard let signature = key.privateKey.apply(changed) else { continue }
            #expect(
                !key.publicKey.isValidPSSSignature(
                    signature, digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, saltLength: 3))
        }
    }

    @Test("impossible sizes are refused")
    func impossibleSizes() throws {
        let key = try RSAPublicKey(modulus: [UInt8](repeating: 0xFF, count: 64), publicExponent: [3])
        let digest = HashContext.digest(of: [], with: .sha256)
        let signature = [UInt8](repeating: 0, count: 64)
        for saltLength in [Int.min, -1, 0, 30, 31, 64, Int.max] {
            #expect(
                !key.isValidPSSSignature(
                    signature, digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, saltLength: saltLength))
        }
        for wrong in [[], digest.dropLast(), digest + [0]] as [[UInt8]] {
            #expect(
                !key.isValidPSSSignature(
                    signature, digest: wrong, algorithm: .sha256, maskAlgorithm: .sha1, saltLength: 0))
            #expect(
                PKCS1Padding.pssBlock(
                    digest: wrong, algorithm: .sha256, maskAlgorithm: .sha1, salt: [], modulusBitCount: 2048) == nil)
        }
        // SHA-512 and its salt do not fit into 512 or 1024 bits.
        let long = HashContext.digest(of: [], with: .sha512)
        for bitCount in [Int.min, -1, 0, 1, 511, 512, 1024, 4097, Int.max] {
            #expect(
                PKCS1Padding.pssBlock(
                    digest: long, algorithm: .sha512, maskAlgorithm: .sha512, salt: long, modulusBitCount: bitCount)
                    == nil)
        }
        let full = [UInt8](repeating: 1, count: 30)
        #expect(
            PKCS1Padding.pssBlock(
                digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, salt: full, modulusBitCount: 512)?.count
                == 64)
        #expect(
            PKCS1Padding.pssBlock(
                digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, salt: full + [1], modulusBitCount: 512)
                == nil)
    }
}
