// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing

@Suite("DigestInfo")
struct DigestInfoTests {
    @Test(
        "the prefixes are those of RFC 8017",
        arguments: [
            (HashAlgorithm.sha1, "3021300906052B0E03021A05000414"),
            (.sha224, "302D300D06096086480165030402040500041C"),
            (.sha256, "3031300D060960864801650304020105000420"),
            (.sha384, "3041300D060960864801650304020205000430"),
            (.sha512, "3051300D060960864801650304020305000440"),
        ])
    func prefixes(algorithm: HashAlgorithm, prefix: String) {
        #expect(Hexadecimal.encode(algorithm.digestInfoPrefix) == prefix)
    }

    @Test("the DigestInfo of the worked example comes out")
    func workedExample() {
        let digest = HashContext.digest(of: Array("document_to_sign".utf8), with: .sha1)
        let encoding = DigestInfo.encode(algorithm: .sha1, digest: digest)
        #expect(
            encoding
                == Hexadecimal.decode(
                    "3021300906052B0E03021A050004147D4DD05AF9FCADAC2ABDF70EE2B051D8299964D6"))
    }

    @Test(
        "what is encoded is parsed again, and a digest of another length is refused",
        arguments: HashAlgorithm.allCases)
    func roundTrip(algorithm: HashAlgorithm) throws {
        let digest = HashContext.digest(of: [1], with: algorithm)
        let encoding = try #require(DigestInfo.encode(algorithm: algorithm, digest: digest))
        let parsed = try #require(DigestInfo.parse(encoding))
        #expect(parsed.algorithm == .secureHash(algorithm))
        #expect(parsed.algorithm.hashAlgorithm == algorithm)
        #expect(parsed.digest == digest)
        #expect(DigestInfo.encode(algorithm: algorithm, digest: digest + [0]) == nil)
        #expect(DigestInfo.encode(algorithm: algorithm, digest: []) == nil)
    }

    @Test(
        "MD5 and RIPEMD-160 are recognised as what no card signs",
        arguments: [
            ("3020300C06082A864886F70D020505000410", 16, DigestInfo.Algorithm.md5),
            ("3021300906052B2403020105000414", 20, .ripemd160),
        ])
    func foreignFunctions(prefix: String, length: Int, algorithm: DigestInfo.Algorithm) throws {
        let digest = [UInt8](repeating: 7, count: length)
        let prefixBytes = try #require(Hexadecimal.decode(prefix))
        let parsed = try #require(DigestInfo.parse(prefixBytes + digest))
        #expect(parsed.algorithm == algorithm)
        #expect(parsed.algorithm.hashAlgorithm == nil)
        #expect(parsed.digest == digest)
    }

    @Test("absent parameters are accepted")
    func absentParameters() throws {
        let prefix = try #require(Hexadecimal.decode("301F300706052B0E03021A0414"))
        let parsed = try #require(DigestInfo.parse(prefix + [UInt8](repeating: 9, count: 20)))
        #expect(parsed.algorithm == .secureHash(.sha1))
    }

    @Test(
        "anything else is no DigestInfo: cut off, too long, or one byte changed before the digest",
        arguments: HashAlgorithm.allCases)
    func deviations(algorithm: HashAlgorithm) throws {
        let digest = [UInt8](repeating: 0, count: algorithm.digestLength)
        let encoding = algorithm.digestInfoPrefix + digest
        for length in 0..<encoding.count { #expect(DigestInfo.parse(Array(encoding.prefix(length))) == nil) }
        #expect(DigestInfo.parse(encoding + [0]) == nil)
        for index in algorithm.digestInfoPrefix.indices {
            for bit in 0..<8 {
                var changed = encoding
                changed[index] ^= 1 << UInt8(bit)
                #expect(DigestInfo.parse(changed)?.algorithm != .secureHash(algorithm))
            }
        }
        // A length in the long form is BER, not DER.
        var long = encoding
        long.insert(0x81, at: 1)
        #expect(DigestInfo.parse(long) == nil)
    }
}
