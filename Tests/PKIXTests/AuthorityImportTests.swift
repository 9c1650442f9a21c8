// SPDX-License-Identifier: Apache-2.0

import Foundation
import OpenSSLTestSupport
import SmartCardBytes
import Testing

@testable import PKIX

/// Which certificates are taken for authorities of IGC-Santé. The root of the tests is pinned
/// here and nowhere else.
@Suite struct AuthorityImportTests {
    private static func pins(_ root: Certificate) -> PinnedRoots {
        PinnedRoots([Hexadecimal.encode(root.fingerprint()): .production])
    }

    @Test("a pinned root and what it has issued are taken, roots first, none twice")
    func accepted() throws {
        let hierarchy = try TestHierarchy.shared
        let found = [hierarchy.intermediate, hierarchy.root, hierarchy.intermediate]
        let result = AuthorityImport(of: found, pins: Self.pins(hierarchy.root))
        #expect(result.accepted == [hierarchy.root, hierarchy.intermediate])
        #expect(result.refused.isEmpty)
    }

    @Test("an authority counts with a root that is known from elsewhere, not without")
    func rootFromElsewhere() throws {
        let hierarchy = try TestHierarchy.shared
        let pins = Self.pins(hierarchy.root)
        let alone = AuthorityImport(of: [hierarchy.intermediate], pins: pins)
        #expect(alone.accepted.isEmpty && alone.refused.map(\.refusal) == [.unknownIssuer])
        let known = AuthorityImport(of: [hierarchy.intermediate], with: [hierarchy.root], pins: pins)
        #expect(known.accepted == [hierarchy.intermediate])
    }

    @Test("a root that is not pinned is refused, with all below it, whatever its name")
    func unknownRoot() throws {
        let (hierarchy, namesake) = (try TestHierarchy.shared, try TestHierarchy())
        let pins = Self.pins(hierarchy.root)
        let result = AuthorityImport(of: [namesake.root, namesake.intermediate], pins: pins)
        #expect(result.accepted.isEmpty)
        #expect(result.refused.map(\.refusal) == [.unknownRoot, .unknownIssuer])
        // Beside the real ones as well.
        let mixed = AuthorityImport(
            of: [namesake.root, namesake.intermediate, hierarchy.root, hierarchy.intermediate], pins: pins)
        #expect(mixed.accepted == [hierarchy.root, hierarchy.intermediate])
        #expect(AuthorityImport(of: [hierarchy.root, hierarchy.intermediate]).accepted.isEmpty)
    }

    @Test("a root that differs in one byte is refused, whichever byte it is")
    func oneByte() throws {
        let hierarchy = try TestHierarchy.shared
        let pins = Self.pins(hierarchy.root)
        for index in hierarchy.root.encoding.indices {
            var bytes = hierarchy.root.encoding
            bytes[index] ^= 0x01
            guard let changed = try? Certificate(encoding: bytes) else { continue }
            #expect(pins.branch(of: changed) == nil)
            #expect(AuthorityImport(of: [changed], pins: pins).accepted.isEmpty, "byte \(index)")
        }
    }

    @Test("persons, and authorities that are out of date, are refused")
    func others() throws {
        let hierarchy = try TestHierarchy.shared
        let all = [hierarchy.root, hierarchy.intermediate, hierarchy.person]
        let result = AuthorityImport(of: all, pins: Self.pins(hierarchy.root))
        #expect(result.accepted == [hierarchy.root, hierarchy.intermediate])
        #expect(result.refused.map(\.refusal) == [.noAuthority])
        let late = UniversalTime(secondsSince1970: hierarchy.root.notAfter.secondsSince1970 + 86400)
        let expired = AuthorityImport(of: all, pins: Self.pins(hierarchy.root), at: late)
        #expect(expired.accepted.isEmpty)
        #expect(expired.refused.map(\.refusal) == [.notValid, .notValid, .noAuthority])
    }

    @Test("a user's own file is compared with the pins whenever it is read")
    func userFile() throws {
        let (hierarchy, namesake) = (try TestHierarchy.shared, try TestHierarchy())
        let path = NSTemporaryDirectory() + "/authorities-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let all = [hierarchy.root, hierarchy.intermediate, namesake.root, namesake.intermediate]
        try Data(all.map(\.pem).joined().utf8).write(to: URL(fileURLWithPath: path))
        let store = AuthorityStore(path: path)
        #expect(store.read(pins: Self.pins(hierarchy.root)) == [hierarchy.root, hierarchy.intermediate])
        #expect(store.read().isEmpty)
        #expect(AuthorityStore(path: "/nowhere").read().isEmpty)
    }

    @Test("root imports for the machine, a user below the settings")
    func places() {
        let path = { (isRoot: Bool, variables: [String: String]) in
            AuthorityStore(isRoot: isRoot) { variables[$0] }?.path
        }
        #expect(path(true, ["HOME": "/root"]) == "/etc/cps-pkcs11/authorities/igc-sante.pem")
        #expect(path(false, ["HOME": "/home/u"]) == "/home/u/.config/cps-pkcs11/authorities.pem")
        #expect(path(false, ["HOME": "/home/u", "XDG_CONFIG_HOME": "/c"]) == "/c/cps-pkcs11/authorities.pem")
        let relative = ["HOME": "/home/u", "XDG_CONFIG_HOME": "relative"]
        #expect(path(false, relative) == "/home/u/.config/cps-pkcs11/authorities.pem")
        #expect(path(false, [:]) == nil)
    }

    @Test("certificates in PKCS #7, binary and as text")
    func collections() throws {
        let hierarchy = try TestHierarchy.shared
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("authorities-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let both = [hierarchy.root, hierarchy.intermediate]
        for form in ["DER", "PEM"] {
            let bytes = try OpenSSL.run(
                ["crl2pkcs7", "-nocrl", "-certfile", "certificates", "-outform", form],
                files: ["certificates": Array(both.map(\.pem).joined().utf8)])
            let file = folder.appendingPathComponent("chain.p7b")
            try Data(bytes).write(to: file)
            #expect(try Authorities(path: file.path).certificates == both)
        }
    }
}
