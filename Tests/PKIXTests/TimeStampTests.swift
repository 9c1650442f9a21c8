// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport
import Testing

@testable import PKIX

/// Time stamps by OpenSSL's command, and what they change in a verdict.
@Suite struct TimeStampTests {
    private static let document = Array("Ordonnance\n".utf8)

    /// A maker of time stamps and its root, for ten years.
    private struct Maker {
        let root: Certificate
        let certificate: Certificate
        let key: String

        init() throws {
            let rootKey = try OpenSSL.newKey(bitCount: 2048)
            key = try OpenSSL.newKey(bitCount: 2048)
            root = try Maker.certificate(rootKey, "/CN=TIME ROOT", TestHierarchy.authority, by: nil)
            certificate = try Maker.certificate(
                key, "/CN=TIME", "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n",
                by: (root, rootKey))
        }

        private static func certificate(
            _ key: String, _ subject: String, _ extensions: String, by issuer: (certificate: Certificate, key: String)?
        ) throws -> Certificate {
            let request = try OpenSSL.run(
                ["req", "-new", "-key", "key", "-subj", subject], files: ["key": Array(key.utf8)])
            let signer =
                issuer == nil ? ["-signkey", "key"] : ["-CA", "authority", "-CAkey", "issuer", "-set_serial", "7"]
            return try Certificate(
                encoding: OpenSSL.run(
                    ["x509", "-req", "-in", "request", "-days", "3650", "-extfile", "extensions", "-outform", "DER"]
                        + signer,
                    files: [
                        "request": request, "extensions": Array(extensions.utf8), "key": Array(key.utf8),
                        "authority": Array((issuer?.certificate.pem ?? "").utf8),
                        "issuer": Array((issuer?.key ?? "").utf8),
                    ]))
        }

        /// A token about these bytes.
        func stamp(_ bytes: [UInt8], hash: String = "sha256") throws -> [UInt8] {
            let configuration = """
                [tsa]
                serial=serial
                default_policy=1.2.3.4
                digests=sha1,sha256,sha512
                signer_digest=sha256
                ess_cert_id_alg=sha256
                """
            let question = try OpenSSL.run(
                ["ts", "-query", "-data", "data", "-\(hash)", "-cert"], files: ["data": bytes])
            return try OpenSSL.run(
                [
                    "ts", "-reply", "-config", "configuration", "-section", "tsa", "-queryfile", "question", "-signer",
                    "signer", "-inkey", "key", "-chain", "chain", "-token_out",
                ],
                files: [
                    "configuration": Array((configuration + "\n").utf8), "question": question,
                    "serial": Array("01\n".utf8), "signer": Array(certificate.pem.utf8), "key": Array(key.utf8),
                    "chain": Array(root.pem.utf8),
                ])
        }
    }

    private static let maker = Result { try Maker() }
    private static let value: [UInt8] = Array(0..<64)

    @Test("a time stamp is of one signature, by one whom a known authority vouches for")
    func standing() throws {
        let maker = try Self.maker.get()
        for hash in ["sha256", "sha512"] {
            let token = TimeStampToken(encoding: try maker.stamp(Self.value, hash: hash), stamped: Self.value)
            let stamp = token.verified(by: Authorities([maker.root]))
            #expect(stamp.standing == .trusted && stamp.certificate == maker.certificate)
            let distance = try #require(stamp.time).secondsSince1970 - UniversalTime.now.secondsSince1970
            #expect((-600...600).contains(distance))
            #expect(token.verified(by: Authorities([])).standing == .unknownAuthority)
            #expect(token.verified(by: Authorities([try TestHierarchy.shared.root])).standing == .unknownAuthority)
            let ended = UniversalTime(secondsSince1970: maker.certificate.notAfter.secondsSince1970 + 86400)
            #expect(token.verified(by: Authorities([maker.root]), at: ended).standing == .unknownAuthority)
            let other = TimeStampToken(encoding: token.encoding, stamped: Self.value + [0])
            #expect(other.verified(by: Authorities([maker.root])) == .wrong)
        }
        let weak = TimeStampToken(encoding: try maker.stamp(Self.value, hash: "sha1"), stamped: Self.value)
        #expect(weak.verified(by: Authorities([maker.root])) == .wrong)
    }

    @Test("no byte of a time stamp can be changed so that it gives another time")
    func tampering() throws {
        let maker = try Self.maker.get()
        let bytes = try maker.stamp(Self.value)
        let authorities = Authorities([maker.root])
        let time = TimeStampToken(encoding: bytes, stamped: Self.value).verified(by: authorities).time
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            let stamp = TimeStampToken(encoding: changed, stamped: Self.value).verified(by: authorities)
            #expect(stamp.standing != .trusted || stamp.time == time, "byte \(index)")
        }
        for junk in [[], [0x30, 0x00], Array(bytes.prefix(100)), Self.document] as [[UInt8]] {
            #expect(TimeStampToken(encoding: junk, stamped: Self.value).verified(by: authorities) == .wrong)
        }
    }

    @Test("only who is for time stamps makes them")
    func purpose() throws {
        let maker = try Self.maker.get()
        let token = TimeStampToken(encoding: try maker.stamp(Self.value), stamped: Self.value)
        let found = try SignedData(encoding: token.encoding).content
        let content = try #require(found)
        let hierarchy = try TestHierarchy.shared
        let forged = try OpenSSL.run(
            [
                "cms", "-sign", "-binary", "-nodetach", "-cades", "-econtent_type", "id-smime-ct-TSTInfo", "-in",
                "content",
                "-signer", "signer", "-inkey", "key", "-outform", "DER",
            ],
            files: [
                "content": content, "signer": Array(hierarchy.person.pem.utf8), "key": Array(hierarchy.key.utf8),
            ])
        let stamp = TimeStampToken(encoding: forged, stamped: Self.value)
            .verified(by: Authorities([hierarchy.root, hierarchy.intermediate]))
        #expect(stamp == .wrong)
    }

    @Test("a confirmed time makes a signature valid whose certificate has expired or was revoked since")
    func verdicts() throws {
        let (maker, hierarchy) = (try Self.maker.get(), try TestHierarchy.shared)
        let token = TimeStampToken(encoding: try maker.stamp(Self.value), stamped: Self.value)
        let stamped = try #require(token.verified(by: Authorities([maker.root])).time).secondsSince1970
        let reason = { (revoked: Int?, now: Int, makers: [Certificate], token: TimeStampToken?) in
            var signer = Signer(
                integrity: .intact, certificate: hierarchy.person, time: UniversalTime(secondsSince1970: stamped),
                namesCertificate: true, hash: "SHA256")
            signer.timeStamp = token
            return Judge(
                Authorities([hierarchy.root, hierarchy.intermediate]), timeStamps: Authorities(makers)
            ) { chain in
                revoked.map { .revoked(chain[0], at: UniversalTime(secondsSince1970: $0)) } ?? .notChecked
            }.judge(signer, with: [], at: UniversalTime(secondsSince1970: stamped + now)).reason
        }
        let (soon, late) = (86400, 400 * 86400)
        #expect(reason(nil, soon, [maker.root], token) == .trusted)
        #expect(reason(nil, late, [maker.root], token) == .trusted)
        #expect(reason(stamped + 3600, soon, [maker.root], token) == .trusted)
        #expect(reason(stamped + 3600, late, [maker.root], token) == .trusted)
        // Revoked before.
        let before = UniversalTime(secondsSince1970: stamped - 3600)
        #expect(reason(stamped - 3600, soon, [maker.root], token) == .revokedBefore(hierarchy.person, at: before))
        // Without a stamp, with one by a maker whom nobody knows, and with another signature's.
        let other = TimeStampToken(encoding: token.encoding, stamped: [0])
        for (makers, token) in [([maker.root], nil), ([], token), ([maker.root], other)]
            as [([Certificate], TimeStampToken?)]
        {
            guard case .expiredSince = reason(nil, late, makers, token) else {
                Issue.record("the time counts")
                continue
            }
            let since = UniversalTime(secondsSince1970: stamped + 3600)
            #expect(reason(stamped + 3600, soon, makers, token) == .revokedSince(hierarchy.person, at: since))
        }
    }
}
