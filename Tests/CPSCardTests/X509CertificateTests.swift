// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

@Suite struct X509CertificateTests {
    /// The certificates of all cards, with their keys.
    private static let all: [(certificate: [UInt8], key: RSAPublicKey)] = {
        CardKind.allCases.flatMap { kind -> [(certificate: [UInt8], key: RSAPublicKey)] in
            guard let credentials = try? TestReader(kind).credentials else { return [] }
            return credentials.certificates.compactMap { key, certificate in
                credentials.keys[key].map { (certificate, $0.publicKey) }
            }
        }
    }()

    @Test("the fields of the cards' certificates")
    func fields() throws {
        #expect(Self.all.count == 5)
        for (bytes, key) in Self.all {
            let certificate = try X509Certificate(parsing: bytes + [0, 0, 0])
            #expect(certificate.publicKey == key)
            #expect(certificate.issuer == certificate.subject && certificate.issuer.first == 0x30)
            #expect(certificate.serialNumber.first == 0x02)
            #expect(bytes.count > certificate.publicKeyInfo.count && certificate.publicKeyInfo.count > 270)
            #expect(
                Array(certificate.publicKeyInfo.suffix(certificate.rsaPublicKeyEncoding.count))
                    == certificate.rsaPublicKeyEncoding)
            let (first, last) = (try #require(certificate.firstDay), try #require(certificate.lastDay))
            #expect(first.count == 8 && first.hasPrefix("20") && first < last)
        }
    }

    @Test("a certificate cut off before its public key ends throws, behind it has all its fields, and never traps")
    func truncation() throws {
        for (bytes, key) in Self.all {
            let end = try #require(
                (0..<bytes.count).first { X509Certificate.missingBytes(after: Array(bytes.prefix($0))) == 0 })
            #expect(end < bytes.count * 2 / 3)
            for count in 0..<end {
                let start = Array(bytes.prefix(count))
                #expect(throws: MalformedBytes.self) { try X509Certificate(parsing: start) }
                let missing = X509Certificate.missingBytes(after: start)
                #expect(missing == nil || missing == end - count)
            }
            for count in end...bytes.count {
                let start = Array(bytes.prefix(count))
                #expect(try X509Certificate(parsing: start).publicKey == key)
                #expect(X509Certificate.missingBytes(after: start) == 0)
            }
        }
    }

    @Test("of what is no certificate nothing is missing")
    func noCertificate() {
        for text in ["04 03 02 01 00", "30 05 04 03 02 01 00", "30 05 30 03 04 01 00"] {
            #expect(X509Certificate.missingBytes(after: hex(text)) == 0)
        }
    }

    @Test("a byte changed anywhere never traps")
    func corruption() throws {
        let (bytes, _) = try #require(Self.all.first)
        for index in bytes.indices {
            for value in [0x00, 0x80, 0x84, 0xFF, bytes[index] &+ 1] as [UInt8] {
                var other = bytes
                other[index] = value
                _ = try? X509Certificate(parsing: other)
            }
        }
    }

    /// A certificate of the smallest parts.
    private func certificate(validity: String, key: String = "30 00 03 01 00", version: String = "") throws
        -> X509Certificate
    {
        let fields =
            hex(version) + hex("02 01 05 30 00 30 00") + BERTLV.encode(tag: 0x30, hex(validity)) + hex("30 00")
            + BERTLV.encode(tag: 0x30, hex(key))
        return try X509Certificate(
            parsing: BERTLV.encode(tag: 0x30, parts: [BERTLV.encode(tag: 0x30, fields), hex("30 00 03 01 00")]))
    }

    private func time(_ tag: UInt32, _ text: String) -> String {
        Hexadecimal.encode(BERTLV.encode(tag: tag, Array(text.utf8)))
    }

    @Test(
        "days of both kinds of time; what is no day is none",
        arguments: [
            (DER.utcTime, "240131120000Z", "20240131"), (DER.utcTime, "491231235959Z", "20491231"),
            (DER.utcTime, "500101000000Z", "19500101"), (DER.generalizedTime, "20500101000000Z", "20500101"),
            (DER.utcTime, "2401", nil), (DER.utcTime, "", nil), (DER.generalizedTime, "2050010", nil),
            (DER.generalizedTime, "2050-1-1", nil), (DER.utcTime, "２４0131", nil), (DER.octetString, "20500101", nil),
        ] as [(UInt32, String, String?)])
    func days(tag: UInt32, text: String, day: String?) throws {
        let parsed = try certificate(validity: time(tag, text) + time(DER.utcTime, "300101000000Z"))
        #expect(parsed.firstDay == day && parsed.lastDay == "20300101")
    }

    @Test("a certificate without dates, with a version, with a key that is not RSA")
    func oddOnes() throws {
        let bare = try certificate(validity: "")
        #expect(
            bare.firstDay == nil && bare.lastDay == nil && bare.publicKey == nil && bare.rsaPublicKeyEncoding.isEmpty)
        #expect(try certificate(validity: "", version: "A0 03 02 01 02").serialNumber == [0x02, 0x01, 0x05])
        for key in [
            "30 00 03 00", "30 00 03 03 00 30 00", "30 00 03 09 00 30 06 02 01 01 02 01 03", "30 00 03 02 00 FF",
        ] {
            #expect(try certificate(validity: "", key: key).publicKey == nil)
        }
        #expect(throws: MalformedBytes.self) { try certificate(validity: "", key: "30 00") }
        #expect(throws: MalformedBytes.self) { try certificate(validity: "", key: "") }
    }
}
