// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport
import SmartCardBytes
import Testing
import VirtualCPS

@Suite("RSA private keys of virtual cards")
struct RSAPrivateKeyTests {
    /// The PKCS #1 DER of the test key, by openssl.
    static func der(of key: TestKey) throws -> [UInt8] {
        try OpenSSL.run(
            ["rsa", "-in", "key.pem", "-traditional", "-outform", "DER"],
            files: ["key.pem": Array(key.pem.utf8)])
    }

    /// The nine numbers of a PKCS #1 key as they stand in the DER.
    static func numbers(of key: TestKey) throws -> [[UInt8]] {
        var outer = BERTLVReader(try der(of: key))
        var fields = try outer.next(tag: DER.sequence).children
        var numbers: [[UInt8]] = []
        while let field = try fields.next() { numbers.append(Array(field.value)) }
        return numbers
    }

    static func encode(_ numbers: [[UInt8]]) -> [UInt8] {
        BERTLV.encode(tag: DER.sequence, parts: numbers.map { BERTLV.encode(tag: DER.integer, $0) })
    }

    @Test("PKCS #8 and PKCS #1 text give the same key, with any line ends and text around")
    func textForms() throws {
        let key = try TestKey.bits2048
        let traditional = String(
            decoding: try OpenSSL.run(
                ["rsa", "-in", "key.pem", "-traditional"], files: ["key.pem": Array(key.pem.utf8)]),
            as: UTF8.self)
        #expect(traditional.hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
        #expect(try RSAPrivateKey(pem: traditional).publicKey == key.publicKey)
        let elsewhere = "a comment\r\n" + key.pem.split(separator: "\n").joined(separator: "  \r\n") + "\r\nmore"
        #expect(try RSAPrivateKey(pem: elsewhere).publicKey == key.publicKey)
        #expect(try RSAPrivateKey(pkcs1: try Self.der(of: key)).publicKey == key.publicKey)
        #expect(key.publicKey.modulusBitCount == 2048)
        #expect(key.publicKey.publicExponent == [1, 0, 1])
    }

    @Test("the private operation undoes the public one, and takes no other blocks")
    func rawOperation() throws {
        for key in [try TestKey.bits2048, try TestKey.bits1025, try TestKey.bits1031] {
            let length = key.publicKey.modulusLength
            let zero = [UInt8](repeating: 0, count: length)
            #expect(key.privateKey.apply(zero) == zero)
            let block = [0, 1] + (try #require(SystemRandom.bytes(count: length - 2)))
            let result = try #require(key.privateKey.apply(block))
            #expect(key.publicKey.apply(result) == block)
            let cryptogram = try #require(key.publicKey.apply(block))
            #expect(key.privateKey.apply(cryptogram) == block)
            #expect(key.privateKey.apply([]) == nil)
            #expect(key.privateKey.apply(Array(block.dropLast())) == nil)
            #expect(key.privateKey.apply([0] + block) == nil)
            #expect(key.privateKey.apply(key.publicKey.modulus) == nil)
            #expect(key.privateKey.apply([UInt8](repeating: 0xFF, count: length)) == nil)
        }
    }

    @Test(
        "text that holds no key is refused",
        arguments: [
            "", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
            "-----END PRIVATE KEY-----\nAAAA\n-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nA===\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n====\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAB==\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAA==AAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nA-_A\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----",
        ])
    func noKey(text: String) {
        #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pem: text) }
    }

    @Test("a key that is cut off anywhere is refused")
    func cutOff() throws {
        let bytes = try Self.der(of: try TestKey.bits1025)
        for length in 0..<bytes.count {
            #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Array(bytes.prefix(length))) }
        }
        let algorithm = BERTLV.encode(
            tag: DER.sequence,
            BERTLV.encode(
                tag: DER.objectIdentifier, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]))
        let version = BERTLV.encode(tag: DER.integer, [0])
        let wrapped = BERTLV.encode(
            tag: DER.sequence, parts: [version, algorithm, BERTLV.encode(tag: DER.octetString, bytes)])
        #expect(throws: Never.self) { try RSAPrivateKey(pkcs8: wrapped) }
        for length in 0..<wrapped.count {
            #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs8: Array(wrapped.prefix(length))) }
        }
    }

    @Test("a key of another algorithm is refused")
    func otherAlgorithm() throws {
        let pem = try OpenSSL.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pem: String(decoding: pem, as: UTF8.self)) }
    }

    @Test("numbers that do not belong together are refused")
    func inconsistentNumbers() throws {
        let good = try Self.numbers(of: try TestKey.bits1025)
        #expect(good.count == 9)
        #expect(throws: Never.self) { try RSAPrivateKey(pkcs1: Self.encode(good)) }
        // p, q, dP, dQ, qInv; the private exponent itself is not used.
        for index in 4..<9 {
            for wrong in [[0], [1], [2], [3], good[1], good[index] + [0], [1] + good[1] + [0]] as [[UInt8]] {
                var numbers = good
                numbers[index] = wrong
                #expect(throws: RSAError.inconsistentPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
            }
            var numbers = good
            numbers[index][numbers[index].count - 1] ^= 2
            #expect(throws: RSAError.inconsistentPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
            numbers[index] = [0xFF]
            #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
            numbers[index] = []
            #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
        }
        // One times the modulus is the modulus.
        var trivial = good
        trivial[4] = [1]
        trivial[5] = good[1]
        #expect(throws: RSAError.inconsistentPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(trivial)) }
    }

    @Test("keys whose public part is unusable, of more primes, or with a number too many are refused")
    func unusableKeys() throws {
        let good = try Self.numbers(of: try TestKey.bits1025)
        var numbers = good
        numbers[1] = [0]
        #expect(throws: RSAError.modulusSizeNotSupported) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
        numbers = good
        numbers[1][numbers[1].count - 1] ^= 1
        #expect(throws: RSAError.modulusEven) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
        numbers = good
        numbers[2] = [1]
        #expect(throws: RSAError.publicExponentNotUsable) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
        numbers = good
        numbers[0] = [1]
        #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(numbers)) }
        #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(good + [[1]])) }
        #expect(throws: RSAError.malformedPrivateKey) { try RSAPrivateKey(pkcs1: Self.encode(good.dropLast())) }
    }
}
