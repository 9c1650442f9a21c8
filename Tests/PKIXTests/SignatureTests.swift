// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport
import Testing

@testable import PKIX

/// Signatures made as a card's are, with a key in a file, and OpenSSL's command as the
/// judge.
@Suite struct SignatureTests {
    static let document = Array("Ordonnance\n".utf8)
    static var digest: [UInt8] { HashContext.digest(of: document, with: .sha256) }

    /// What the card would do.
    private static func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        try OpenSSL.run(
            ["dgst", "-sha256", "-sign", "key", "attributes"],
            files: ["key": Array(TestHierarchy.shared.key.utf8), "attributes": bytes])
    }

    private static func signature(at time: UniversalTime = .now) throws -> [UInt8] {
        let hierarchy = try TestHierarchy.shared
        let unsigned = try DetachedSignature(
            ofDigest: digest, by: hierarchy.person, with: [hierarchy.person, hierarchy.intermediate], at: time)
        let value = try sign(unsigned.signedAttributes)
        return try unsigned.complete(with: value)
    }

    private static let made = Result { try signature() }

    private func signers(of signature: [UInt8], document: [UInt8] = document) throws -> [Signer] {
        let data = try SignedData(encoding: signature)
        // In pieces.
        for byte in document { data.update([byte].span) }
        return data.signers()
    }

    @Test("OpenSSL verifies the signature, with its chain and the CAdES attributes")
    func judge() throws {
        let hierarchy = try TestHierarchy.shared
        let files = [
            "signature": try Self.made.get(), "document": Self.document, "root": Array(hierarchy.root.pem.utf8),
        ]
        let arguments = [
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature", "-content", "document",
            "-CAfile", "root",
        ]
        #expect(try OpenSSL.run(arguments, files: files) == Self.document)
        let printed = String(
            decoding: try OpenSSL.run(
                ["cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature"], files: files),
            as: UTF8.self)
        for text in ["id-smime-aa-signingCertificateV2", "signingTime", "messageDigest", "eContent: <ABSENT>"] {
            #expect(printed.contains(text))
        }
    }

    @Test("without a time, as in a PDF, there is no signing-time, and the certificate is still named")
    func withoutTime() throws {
        let hierarchy = try TestHierarchy.shared
        let unsigned = try DetachedSignature(ofDigest: Self.digest, by: hierarchy.person, at: nil)
        let value = try Self.sign(unsigned.signedAttributes)
        let signature = try unsigned.complete(with: value)
        let printed = String(
            decoding: try OpenSSL.run(
                ["cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature"], files: ["signature": signature]),
            as: UTF8.self)
        #expect(!printed.contains("signingTime"))
        #expect(printed.contains("id-smime-aa-signingCertificateV2"))
        let signers = try signers(of: signature)
        #expect(signers.map(\.integrity) == [.intact])
        #expect(signers.map(\.time) == [nil])
    }

    @Test("what a signature says is read back")
    func reading() throws {
        let hierarchy = try TestHierarchy.shared
        for year in [2026, 2049, 2050, 2080] {
            let time = UniversalTime(secondsSince1970: (year - 1970) * 31_557_600)
            let signature = try Self.signature(at: time)
            #expect(
                try signers(of: signature)
                    == [
                        Signer(
                            integrity: .intact, certificate: hierarchy.person, time: time, namesCertificate: true,
                            hash: "SHA256")
                    ])
            let text = PEM.encode(signature, label: "CMS")
            #expect(try signers(of: Array(text.utf8)).first?.integrity == .intact)
            let certificates = try SignedData(encoding: signature).certificates
            #expect(Set(certificates) == [hierarchy.person, hierarchy.intermediate] && certificates.count == 2)
        }
    }

    @Test("another document does not pass")
    func otherDocument() throws {
        let signature = try Self.made.get()
        #expect(try signers(of: signature, document: Self.document + [0]).first?.integrity == .otherDocument)
        #expect(try signers(of: signature, document: []).first?.integrity == .otherDocument)
    }

    @Test("what the card signed wrongly does not come out")
    func wrongSignature() throws {
        let hierarchy = try TestHierarchy.shared
        for wrong in [[], [0], [UInt8](repeating: 0, count: 256), try Self.sign([1])] as [[UInt8]] {
            #expect(throws: SignatureError.notConfirmed) {
                try DetachedSignature(ofDigest: Self.digest, by: hierarchy.person).complete(with: wrong)
            }
        }
    }

    @Test("no byte of a signature can be changed, cut off or added so that another document or signer passes")
    func tampering() throws {
        let hierarchy = try TestHierarchy.shared
        let authorities = Authorities([hierarchy.root])
        let signature = try Self.made.get()
        for count in 0..<signature.count {
            #expect(throws: SignatureError.malformed) { try signers(of: Array(signature.prefix(count))) }
        }
        #expect(throws: SignatureError.malformed) { try signers(of: signature + [0]) }
        for index in signature.indices {
            var changed = signature
            changed[index] ^= index.isMultiple(of: 2) ? 0x01 : 0x80
            guard let signer = try? signers(of: changed).first, signer.integrity == .intact else { continue }
            // Then it is the same signature, however it is wrapped.
            let certificate = try #require(signer.certificate)
            if authorities.chain(of: certificate, with: [hierarchy.intermediate]).verdict == .trusted {
                #expect(certificate == hierarchy.person)
            }
            #expect(try signers(of: changed, document: [1]).first?.integrity != .intact)
        }
    }

    @Test("signatures of other programs are read: by OpenSSL, with and without attributes, attached, by two")
    func others() throws {
        let hierarchy = try TestHierarchy.shared
        let files = [
            "document": Self.document, "key": Array(hierarchy.key.utf8),
            "certificate": Array(hierarchy.person.pem.utf8),
            "other": Array(
                try TestHierarchy.certificate(of: hierarchy.key, named: "/CN=other", by: nil, extensions: "").pem.utf8),
        ]
        let sign = { (options: [String]) in
            try OpenSSL.run(
                [
                    "cms", "-sign", "-binary", "-in", "document", "-signer", "certificate", "-inkey", "key", "-outform",
                    "DER",
                ]
                    + options, files: files)
        }
        let plain = try #require(signers(of: sign([])).first)
        #expect(plain.integrity == .intact && plain.time != nil && !plain.namesCertificate)
        let bare = try #require(signers(of: sign(["-noattr"])).first)
        #expect(bare.integrity == .intact && bare.time == nil)
        #expect(try signers(of: sign(["-noattr"]), document: [1]).first?.integrity == .wrongSignature)
        #expect(try signers(of: sign(["-nodetach"])).first?.integrity == .intact)
        #expect(try signers(of: sign(["-cades"])).first?.namesCertificate == true)
        #expect(try signers(of: sign(["-keyopt", "rsa_padding_mode:pss"])).first?.integrity == .intact)
        #expect(try signers(of: sign(["-md", "sha1"])).first?.integrity == .weakHash)
        #expect(try signers(of: sign(["-md", "sha512"])).first?.hash == "SHA512")
        #expect(try signers(of: sign(["-nocerts"])).first?.integrity == .certificateMissing)
        let two = try signers(of: sign(["-signer", "other", "-inkey", "key"]))
        #expect(two.count == 2 && two.allSatisfy { $0.integrity == .intact })
    }

    @Test("a document in the signature is taken out, and is the one that was signed")
    func attached() throws {
        let hierarchy = try TestHierarchy.shared
        for (document, options) in [(Self.document, []), ([], []), (Self.document, ["-stream"])]
            as [([UInt8], [String])]
        {
            let signature = try OpenSSL.run(
                [
                    "cms", "-sign", "-binary", "-nodetach", "-in", "document", "-signer", "certificate", "-inkey",
                    "key",
                    "-outform", "DER",
                ] + options,
                files: [
                    "document": document, "key": Array(hierarchy.key.utf8),
                    "certificate": Array(hierarchy.person.pem.utf8),
                ])
            let content = try SignedData(encoding: signature).content
            #expect(content == document)
            #expect(try signers(of: signature, document: document).first?.integrity == .intact)
            #expect(try signers(of: signature, document: document + [0]).first?.integrity == .otherDocument)
        }
        let detached = try SignedData(encoding: Self.made.get()).content
        #expect(detached == nil)
    }

    @Test("what is no signature is malformed, encrypted, or certificates alone")
    func malformed() throws {
        let enveloped = try OpenSSL.run(
            ["cms", "-encrypt", "-in", "document", "-outform", "DER", "certificate"],
            files: ["document": Self.document, "certificate": Array(TestHierarchy.shared.person.pem.utf8)])
        let certificates = try OpenSSL.run(
            ["crl2pkcs7", "-nocrl", "-certfile", "certificate", "-outform", "DER"],
            files: ["certificate": Array(TestHierarchy.shared.person.pem.utf8)])
        for bytes in [[], [0x30], Self.document, Array(try TestHierarchy.shared.person.pem.utf8)] as [[UInt8]] {
            #expect(throws: SignatureError.malformed) { _ = try SignedData(encoding: bytes) }
        }
        #expect(throws: SignatureError.encrypted) { _ = try SignedData(encoding: enveloped) }
        #expect(throws: SignatureError.noSigner) { _ = try SignedData(encoding: certificates) }
    }
}
