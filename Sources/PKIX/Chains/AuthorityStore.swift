// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file in which `cps authorities import` stores authorities: root's is for the whole
/// machine, any other user's for that user.
///
/// The user's own file is not trusted as such: its certificates are checked against the
/// pinned roots at each reading, so an attacker gains nothing by writing to it.
public struct AuthorityStore: Sendable {
    /// The path of the file; it need not exist.
    public let path: String

    /// The store for this user's imports.
    /// - Returns: nil if the user has no home folder.
    public static var ofThisUser: AuthorityStore? {
        AuthorityStore(isRoot: geteuid() == 0) { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
    }

    init?(isRoot: Bool, environment: (String) -> String?) {
        if isRoot {
            path = Authorities.folders[0] + "/igc-sante.pem"  // checked: a constant with two elements
            return
        }
        func folder(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        guard let settings = folder("XDG_CONFIG_HOME") ?? folder("HOME").map({ $0 + "/.config" }) else { return nil }
        path = settings + "/cps-pkcs11/authorities.pem"
    }

    init(path: String) { self.path = path }

    /// The certificates of the file that are pinned or lead to a pinned root; empty if there is
    /// no file.
    public func read(pins: PinnedRoots = .igcSante) -> [Certificate] {
        AuthorityImport(of: (try? CertificateFiles.read(path, trust: .anyone)) ?? [], pins: pins).accepted
    }
}
