// SPDX-License-Identifier: Apache-2.0

import OpenSSLTestSupport
import Testing

@testable import PKIX

@Suite struct CertificateTests {
    @Test("what a certificate says")
    func fields() throws {
        let person = try TestHierarchy.shared.person
        #expect(person.subject["title"] == "Médecin")
        #expect(person.subject["SN"] == "DOC0073574")
        #expect(person.subject["CN"] == "899700735741")
        #expect(person.subject["OU"] == nil)
        #expect(Set(person.subject.attributes.map(\.name)) == ["C", "title", "CN", "SN", "GN"])
        #expect(person.issuer.text == "C=FR, O=TEST, CN=PERSONNES")
        #expect(person.serialNumber == "0A1B2C")
        #expect(person.keyUsage == [.digitalSignature, .nonRepudiation])
        #expect(person.extendedKeyUsage == ["clientAuth", "emailProtection", "1.2.250.1.71.9"])
        #expect(!person.isAuthority && !person.isExpired && !person.isNotYetValid)
        #expect((364...365).contains(person.daysLeft))
        let root = try TestHierarchy.shared.root
        #expect(root.isAuthority && root.keyUsage == [.keyCertSign, .cRLSign] && root.extendedKeyUsage == nil)
    }

    @Test("the days left count whole days, down to the last one and beyond")
    func days() throws {
        let person = try TestHierarchy.shared.person
        let end = person.notAfter.secondsSince1970
        for (seconds, days) in [(0, 0), (-1, 0), (-86399, 0), (-86400, 1), (1, -1), (86400, -1), (86401, -2)] {
            #expect(person.daysLeft(at: UniversalTime(secondsSince1970: end + seconds)) == days)
        }
    }

    @Test("OpenSSL's command says the same of dates and fingerprint")
    func agreement() throws {
        let person = try TestHierarchy.shared.person
        let printed = String(
            decoding: try OpenSSL.run(
                ["x509", "-in", "pem", "-noout", "-enddate", "-dateopt", "iso_8601", "-fingerprint", "-sha256"],
                files: ["pem": Array(person.pem.utf8)]), as: UTF8.self)
        #expect(printed.contains("notAfter=" + person.notAfter.iso8601.replacing("T", with: " ")))
        let fingerprint = person.fingerprint().map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }
        #expect(printed.contains(fingerprint.joined(separator: ":")))
    }

    @Test("names are as in RFC 2253, and as OpenSSL writes them", arguments: [nil, #"/CN=#a, b\+c\\ /O= d"<e>;é"#])
    func rfc2253(name: String?) throws {
        let certificate =
            if let name {
                try TestHierarchy.certificate(of: TestHierarchy.shared.key, named: name, by: nil, extensions: "")
            } else { try TestHierarchy.shared.person }
        let printed = String(
            decoding: try OpenSSL.run(
                ["x509", "-in", "pem", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"],
                files: ["pem": Array(certificate.pem.utf8)]), as: UTF8.self)
        #expect(printed == "subject=\(certificate.subject.rfc2253)\n")
    }

    @Test("characters that control a terminal do not come out of a name")
    func controlCharacters() throws {
        let key = try TestHierarchy.shared.key
        let certificate = try TestHierarchy.certificate(
            of: key, named: "/CN=a\u{1B}[2Jb\u{202E}c/O=d\u{7}", by: nil, extensions: "")
        #expect(certificate.subject.text == "CN=a\u{FFFD}[2Jb\u{FFFD}c, O=d\u{FFFD}")
        #expect(certificate.keyUsage == nil)
    }

    @Test("a certificate that is cut short, followed by something, or changed anywhere is refused or read, and no more")
    func hostileBytes() throws {
        let bytes = try TestHierarchy.shared.person.encoding
        for count in 0..<bytes.count {
            #expect(throws: CertificateError.malformed) { try Certificate(encoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: CertificateError.malformed) { try Certificate(encoding: bytes + [0]) }
        #expect(throws: CertificateError.malformed) { try Certificate(encoding: bytes + bytes) }
        let hierarchy = try TestHierarchy.shared
        let authorities = Authorities([hierarchy.root, hierarchy.intermediate])
        for index in bytes.indices {
            for value in [0xFF, bytes[index] ^ 1] as [UInt8] where value != bytes[index] {
                var changed = bytes
                changed[index] = value
                guard let certificate = try? Certificate(encoding: changed) else { continue }
                #expect(authorities.chain(of: certificate).verdict != .trusted)
            }
        }
    }

    @Test("certificates in PEM, with text around them")
    func pem() throws {
        let hierarchy = try TestHierarchy.shared
        let text = "first\n\(hierarchy.root.pem)between\n\(hierarchy.person.pem)last\n"
        let parts = PEM.decode(Array(text.utf8))
        #expect(parts.map(\.label) == ["CERTIFICATE", "CERTIFICATE"])
        #expect(parts.map(\.bytes) == [hierarchy.root.encoding, hierarchy.person.encoding])
        #expect(PEM.decode([]).isEmpty)
        #expect(PEM.decode(Array("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".utf8)).isEmpty)
    }
}
