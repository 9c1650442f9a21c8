// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

@testable import CPSCard
@testable import HostCryptography

/// Certificates, and what is done with the keys in them.
extension FuzzTarget {
    static let certificate = FuzzTarget("Certificate", seeds: { $0.certificates }) { bytes in
        _ = X509Certificate.missingBytes(after: bytes)
        let certificate = try X509Certificate(parsing: bytes)
        guard let key = certificate.publicKey else { return }
        use(key, on: Array(bytes.suffix(key.modulusLength)), digest: [UInt8](repeating: 1, count: 32))
    }

    /// Numbers that are no certificate's.
    static let verification = FuzzTarget(
        name: "Verification",
        run: { input in
            let modulus = input.block()
            let exponent = input.block()
            guard let key = try? RSAPublicKey(modulus: modulus, publicExponent: exponent) else { return }
            let signature = input.block()
            use(key, on: signature, digest: input.all())
        },
        seeds: { card in
            card.publicKeys.map { key in
                block(key.modulus) + block(key.publicExponent) + block(Array(key.modulus.reversed()))
                    + [UInt8](repeating: 1, count: 32)
            }
        })

    private static func use(_ key: RSAPublicKey, on signature: [UInt8], digest: [UInt8]) {
        expect(key.modulus.last.map { $0 & 1 } == 1, "a modulus is odd")
        expect((512...4096).contains(key.modulusBitCount), "a modulus has 512 to 4096 bits")
        expect(key.publicExponent.last.map { $0 & 1 } == 1 && key.publicExponent != [1], "an exponent is odd and not 1")
        // A long exponent takes as long as a private key's: not what is looked for.
        guard key.publicExponent.count <= 8 else { return }
        if let result = key.apply(signature) { expect(result.count == key.modulusLength, "a result has its length") }
        _ = key.isValidSignature(signature, ofPKCS1: digest)
        for algorithm in [HashAlgorithm.sha1, .sha512] {
            for saltLength in [0, digest.count] {
                _ = key.isValidPSSSignature(
                    signature, digest: HashContext.digest(of: digest, with: algorithm), algorithm: algorithm,
                    maskAlgorithm: .sha256, saltLength: saltLength)
            }
        }
        _ = key.encryptPKCS1(digest)
    }

    /// Both paddings, on the block that the private or public operation gives.
    static let padding = FuzzTarget("Padding", seeds: { $0.paddedBlocks }) { block in
        let expected = messageByTheBook(block)
        expect(
            PKCS1Padding.removeEncryptionPadding(block) == expected, "the padding is removed as RFC 8017 §7.2.2 says")
        _ = DigestInfo.parse(block)
        let bitCount = block.count * 8 - Int(block.last ?? 0) % 16
        for algorithm in HashAlgorithm.allCases {
            let digest = [UInt8](repeating: 3, count: algorithm.digestLength)
            for saltLength in [0, algorithm.digestLength, bitCount / 8] {
                _ = PKCS1Padding.isValidPSSBlock(
                    block, digest: digest, algorithm: algorithm, maskAlgorithm: algorithm, saltLength: saltLength,
                    modulusBitCount: bitCount)
            }
        }
    }

    /// RFC 8017 §7.2.2 step 3, as one would write it without secrets.
    private static func messageByTheBook(_ block: [UInt8]) -> [UInt8]? {
        guard (64...512).contains(block.count), block.starts(with: [0x00, 0x02]) else { return nil }
        let rest = block.dropFirst(2)
        guard let separator = rest.firstIndex(of: 0), separator >= 10 else { return nil }
        return Array(rest[(separator + 1)...])
    }
}
