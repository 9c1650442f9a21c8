// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenSSLTestSupport
import Testing

@testable import PKIX

@Suite struct AuthoritiesTests {
    @Test("a chain leads to a known authority, and is told in order")
    func trusted() throws {
        let hierarchy = try TestHierarchy.shared
        let chain = Authorities([hierarchy.root, hierarchy.intermediate]).chain(of: hierarchy.person)
        #expect(chain.verdict == .trusted)
        #expect(chain.certificates == [hierarchy.person, hierarchy.intermediate, hierarchy.root])
    }

    @Test("an authority that is known is trusted, though its own issuer is not known")
    func intermediateAlone() throws {
        let hierarchy = try TestHierarchy.shared
        let chain = Authorities([hierarchy.intermediate]).chain(of: hierarchy.person)
        #expect(chain.verdict == .trusted)
        #expect(chain.certificates == [hierarchy.person, hierarchy.intermediate])
    }

    @Test("certificates on the way may come from anyone, the end must not")
    func untrustedIntermediate() throws {
        let hierarchy = try TestHierarchy.shared
        let others = [hierarchy.intermediate, hierarchy.root]
        #expect(Authorities([hierarchy.root]).chain(of: hierarchy.person, with: others).verdict == .trusted)
        #expect(Authorities([]).chain(of: hierarchy.person, with: others).verdict == .unknownAuthority)
        #expect(Authorities([hierarchy.root]).chain(of: hierarchy.person).verdict == .unknownAuthority)
    }

    @Test("a namesake of the authority with another key does not pass")
    func namesake() throws {
        let (hierarchy, other) = (try TestHierarchy.shared, try TestHierarchy())
        let chain = Authorities([other.root, other.intermediate]).chain(of: hierarchy.person)
        #expect(chain.verdict != .trusted)
    }

    @Test("a person is no authority")
    func personAsIssuer() throws {
        let hierarchy = try TestHierarchy.shared
        let forged = try TestHierarchy.certificate(
            of: hierarchy.key, named: "/CN=forged", by: (hierarchy.person, hierarchy.key), extensions: "")
        let chain = Authorities([hierarchy.root]).chain(of: forged, with: [hierarchy.person, hierarchy.intermediate])
        #expect(chain.verdict != .trusted && chain.verdict != .unknownAuthority)
    }

    @Test("a certificate with a hash or a key that can be forged does not pass")
    func weakness() throws {
        let hierarchy = try TestHierarchy.shared
        let issuer = (hierarchy.intermediate, hierarchy.intermediateKey)
        let weakHash = try TestHierarchy.certificate(
            of: hierarchy.key, named: "/CN=weak", by: issuer, extensions: "", hash: "sha1")
        let weakKey = try TestHierarchy.certificate(
            of: OpenSSL.newKey(bitCount: 1024), named: "/CN=weak", by: issuer, extensions: "")
        for certificate in [weakHash, weakKey] {
            guard case .refused = Authorities([hierarchy.root, hierarchy.intermediate]).chain(of: certificate).verdict
            else {
                Issue.record("\(certificate) passes")
                continue
            }
        }
    }

    @Test("certificates are valid from their first to their last second")
    func validity() throws {
        let hierarchy = try TestHierarchy.shared
        let authorities = Authorities([hierarchy.root, hierarchy.intermediate])
        let after = UniversalTime(secondsSince1970: hierarchy.person.notAfter.secondsSince1970 + 60)
        let before = UniversalTime(secondsSince1970: hierarchy.root.notBefore.secondsSince1970 - 60)
        #expect(isExpired(authorities.chain(of: hierarchy.person, at: after).verdict))
        #expect(isNotYetValid(authorities.chain(of: hierarchy.person, at: before).verdict))
        #expect(authorities.chain(of: hierarchy.person, at: hierarchy.person.notBefore).verdict == .trusted)
    }

    private func isExpired(_ verdict: CertificateChain.Verdict) -> Bool {
        if case .expired = verdict { true } else { false }
    }

    private func isNotYetValid(_ verdict: CertificateChain.Verdict) -> Bool {
        if case .notYetValid = verdict { true } else { false }
    }

    @Test("authorities lie in a file or a folder, in PEM or DER, among other things")
    func files() throws {
        let hierarchy = try TestHierarchy.shared
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("authorities-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("folder"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let write = { (bytes: [UInt8], name: String) in try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        #expect(throws: CertificateError.noCertificate(path: folder.path)) { try Authorities(path: folder.path) }
        try write(hierarchy.root.encoding, "a.cer")
        try write(Array((hierarchy.intermediate.pem + hierarchy.person.pem).utf8), "b.pem")
        try write([0x30, 0x82], "c.txt")
        try write(hierarchy.root.encoding, "folder/d.cer")
        #expect(
            try Authorities(path: folder.path).certificates
                == [hierarchy.root, hierarchy.intermediate, hierarchy.person])
        #expect(try Authorities(path: folder.path + "/a.cer").certificates == [hierarchy.root])
        #expect(throws: CertificateError.unreadable(path: "/nowhere", errno: ENOENT)) {
            try Authorities(path: "/nowhere")
        }
        #expect(throws: CertificateError.noCertificate(path: "/dev/null")) { try Authorities(path: "/dev/null") }
    }

    @Test("what others than root may write is no authority of the machine")
    func ownership() throws {
        guard getuid() == 0 else { return }
        let hierarchy = try TestHierarchy.shared
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("authorities-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.path + "/root.cer"
        try Data(hierarchy.root.encoding).write(to: URL(fileURLWithPath: file))
        let trusted = { (fileMode: Int, folderMode: Int, owner: Int) in
            let manager = FileManager.default
            try manager.setAttributes([.posixPermissions: fileMode, .ownerAccountID: owner], ofItemAtPath: file)
            try manager.setAttributes([.posixPermissions: folderMode], ofItemAtPath: folder.path)
            return try CertificateFiles.read(folder.path, trust: .rootOnly).count == 1
        }
        #expect(try trusted(0o644, 0o755, 0))
        #expect(try !trusted(0o664, 0o755, 0))
        #expect(try !trusted(0o644, 0o757, 0))
        #expect(try !trusted(0o644, 0o755, 1))
    }
}
