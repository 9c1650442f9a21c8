// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenSSLTestSupport
import Testing

@testable import PKIX

/// What lists say of a certificate, and how words of several sources go together.
@Suite struct RevocationTests {
    private static let hierarchy = Result { try TestHierarchy.shared }
    private static let early = UniversalTime(secondsSince1970: 1_000_000)
    private static let late = UniversalTime(secondsSince1970: 2_000_000)

    @Test("of a chain the worst word counts, of one certificate the best informed")
    func order() throws {
        let person = try Self.hierarchy.get().person
        let (early, late) = (Self.early, Self.late)
        let words: [Revocation] = [.notChecked, .outdated(early), .good(asOf: early), .revoked(person, at: early)]
        for word in words {
            #expect(word.joined(with: .revoked(person, at: late)).isRevoked)
            #expect(word.or(.revoked(person, at: late)).isRevoked)
            #expect(word.or(.notChecked) == word && Revocation.notChecked.or(word) == word)
            #expect(word == .revoked(person, at: early) || word.joined(with: .notChecked) == .notChecked)
        }
        #expect(Revocation.good(asOf: early).joined(with: .good(asOf: late)) == .good(asOf: early))
        #expect(Revocation.good(asOf: early).or(.good(asOf: late)) == .good(asOf: late))
        #expect(Revocation.good(asOf: late).joined(with: .outdated(early)) == .outdated(early))
        #expect(Revocation.outdated(late).or(.good(asOf: early)) == .good(asOf: early))
        #expect(Revocation.revoked(person, at: late).or(.revoked(person, at: early)) == .revoked(person, at: early))
    }

    /// A list of the hierarchy's intermediate authority, on which nobody is.
    private static func list(by key: String, _ certificate: Certificate, _ options: [String]) throws -> RevocationList {
        let configuration = "[ca]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\n"
        let files = [
            "ca.conf": Array(configuration.utf8), "index": [], "number": Array("01\n".utf8),
            "certificate": Array(certificate.pem.utf8), "key": Array(key.utf8),
        ]
        let text = try OpenSSL.run(
            ["ca", "-gencrl", "-config", "ca.conf", "-name", "ca", "-cert", "certificate", "-keyfile", "key"] + options,
            files: files)
        let bytes = try #require(PEM.decode(text).first?.bytes)
        return try #require(RevocationList(bytes))
    }

    @Test("a list counts for its time, and not for what has expired before it was made")
    func times() throws {
        let hierarchy = try Self.hierarchy.get()
        let list = try Self.list(by: hierarchy.intermediateKey, hierarchy.intermediate, ["-crldays", "2"])
        let chain = [hierarchy.person, hierarchy.intermediate]
        let made = list.thisUpdate.secondsSince1970
        let word = { (seconds: Int) in
            RevocationLists([list]).revocation(of: chain, at: UniversalTime(secondsSince1970: made + seconds))
        }
        #expect(word(0) == .good(asOf: list.thisUpdate))
        #expect(word(3 * 86400) == .outdated(list.thisUpdate))
        // Of a list from the future nothing is believed.
        #expect(word(-3600) == .notChecked)
        #expect(RevocationLists().revocation(of: chain) == .notChecked)
        #expect(RevocationLists([list]).revocation(of: [hierarchy.person]) == .notChecked)
        // The authority above has said nothing.
        #expect(RevocationLists([list]).revocation(of: chain + [hierarchy.root]) == .notChecked)
        #expect(RevocationLists([list]).lists(about: chain + [hierarchy.root]) == [list])
    }

    @Test("a list of a namesake, with a weak hash, or with one byte changed, says nothing")
    func forged() throws {
        let (hierarchy, namesake) = (try Self.hierarchy.get(), try TestHierarchy())
        let chain = [hierarchy.person, hierarchy.intermediate]
        let days = ["-crldays", "2"]
        let other = try Self.list(by: namesake.intermediateKey, namesake.intermediate, days)
        let weak = try Self.list(by: hierarchy.intermediateKey, hierarchy.intermediate, days + ["-md", "sha1"])
        #expect(RevocationLists([other, weak]).revocation(of: chain) == .notChecked)
        #expect(RevocationLists([other, weak]).lists(about: chain).isEmpty)
        let list = try Self.list(by: hierarchy.intermediateKey, hierarchy.intermediate, days)
        for index in list.encoding.indices {
            var bytes = list.encoding
            bytes[index] ^= 0x01
            guard let changed = RevocationList(bytes) else { continue }
            #expect(RevocationLists([changed]).revocation(of: chain) == .notChecked, "byte \(index)")
        }
    }

    @Test("the cache keeps the newest list of each authority, for its owner alone")
    func cache() throws {
        let hierarchy = try Self.hierarchy.get()
        let folder = NSTemporaryDirectory() + "/revocation-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let cache = RevocationCache(folder: folder + "/there/crl")
        #expect(cache.read().lists.isEmpty)
        let old = try Self.list(
            by: hierarchy.intermediateKey, hierarchy.intermediate,
            ["-crl_lastupdate", "20260101000000Z", "-crl_nextupdate", "20260102000000Z"])
        let new = try Self.list(by: hierarchy.intermediateKey, hierarchy.intermediate, ["-crldays", "2"])
        cache.add([old])
        #expect(cache.read().lists == [old])
        cache.add([new])
        cache.add([old])
        #expect(cache.read().lists == [new])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/there/crl")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        // Nothing but lists.
        try Data("text".utf8).write(to: URL(fileURLWithPath: folder + "/there/crl/other"))
        #expect(cache.read().lists == [new])
        RevocationCache(folder: "/dev/null/x").add([new])
    }

    @Test("a revocation before the time that the signature gives is another thing than one after it")
    func judgement() throws {
        let hierarchy = try Self.hierarchy.get()
        let begin = hierarchy.person.notBefore.secondsSince1970
        let at = { UniversalTime(secondsSince1970: begin + $0) }
        let judge = Judge(Authorities([hierarchy.root, hierarchy.intermediate])) { chain in
            .revoked(chain[0], at: at(2000))
        }
        let judged = { (claimed: Int?, now: Int, integrity: Signer.Integrity) in
            judge.judge(
                Signer(
                    integrity: integrity, certificate: hierarchy.person, time: claimed.map(at), namesCertificate: true,
                    hash: "SHA256"),
                with: [], at: at(now)
            ).reason
        }
        let after = 366 * 86400
        let since = Judgement.Reason.revokedSince(hierarchy.person, at: at(2000))
        let before = Judgement.Reason.revokedBefore(hierarchy.person, at: at(2000))
        #expect(judged(1000, 5000, .intact) == since && judged(nil, 5000, .intact) == since)
        #expect(judged(2000, 5000, .intact) == before && judged(3000, 5000, .intact) == before)
        // Expired as well.
        #expect(judged(1000, after, .intact) == since && judged(3000, after, .intact) == before)
        #expect(judged(1000, 5000, .otherDocument) == .wrong(.otherDocument))
        // Nobody is asked about a chain that leads nowhere.
        let lost = Judge(Authorities([])) { _ in .revoked(hierarchy.person, at: at(0)) }
        let signer = Signer(
            integrity: .intact, certificate: hierarchy.person, time: nil, namesCertificate: true, hash: "SHA256")
        #expect(lost.judge(signer, with: [], at: at(5000)).reason == .unknownAuthority)
    }
}

extension Revocation {
    fileprivate var isRevoked: Bool { if case .revoked = self { true } else { false } }
}
