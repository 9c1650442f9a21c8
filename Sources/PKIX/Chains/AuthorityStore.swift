// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file in which `cps authorities import` keeps authorities: root's is the machine's,
/// any other user's is that user's own.
///
/// The user's own file is trusted no more than the file that was imported: what it holds is
/// compared with the pinned roots at each reading, so nobody gains anything by writing to it.
public struct AuthorityStore: Sendable {
    /// Where the file is, or will be.
    public let path: String

    /// The store that this user's imports go to.
    /// - Returns: nil for a user without a home.
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

    /// What the file holds that is pinned, or leads to what is pinned; empty where there is no
    /// file.
    public func read(pins: PinnedRoots = .igcSante) -> [Certificate] {
        AuthorityImport(of: (try? CertificateFiles.read(path, trust: .anyone)) ?? [], pins: pins).accepted
    }
}
