// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostCryptography
import HostSystem
import SmartCardBytes

/// The cached revocation lists of this user, one for each authority, in
/// `$XDG_CACHE_HOME/cps-pkcs11/crl` or `~/.cache/cps-pkcs11/crl`. Lists are signed: a file
/// that the authority did not sign is ignored.
public struct RevocationCache {
    private let folder: String

    /// nil if the user has no home folder, or switched the cache off (CPS_PKCS11_CACHE=off).
    public static var ofThisUser: RevocationCache? {
        let variable = { (name: String) in unsafe getenv(name).map { unsafe String(cString: $0) } }
        let path = { (name: String) in variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if variable("CPS_PKCS11_CACHE") == "off" { return nil }
        guard let caches = path("XDG_CACHE_HOME") ?? path("HOME").map({ $0 + "/.cache" }) else { return nil }
        return RevocationCache(folder: caches + "/cps-pkcs11/crl")
    }

    init(folder: String) { self.folder = folder }

    /// All cached lists, including outdated ones: a revocation is permanent.
    public func read() -> RevocationLists { (try? RevocationLists(path: folder)) ?? RevocationLists() }

    /// Caches lists, unless there are newer ones of the same authority. Errors are ignored.
    /// - Parameter lists: verified lists.
    public func add(_ lists: [RevocationList]) {
        let there = Set(read().lists)
        for list in lists where !there.contains(list) {
            if there.contains(where: { $0.issuer == list.issuer && $0.thisUpdate >= list.thisUpdate }) { continue }
            write(list)
        }
    }

    private func write(_ list: RevocationList) {
        guard let parent = RevocationCache.parent(of: folder), isMade(parent),
            let folder = PrivateFolder(path: folder, makingIt: true)
        else { return }
        let name = Hexadecimal.encode(HashContext.digest(of: Array(list.issuer.text.utf8), with: .sha256))
        folder.replace(name + ".crl", with: list.encoding)
    }

    /// Creates a folder and its parents, unless the existing parent belongs to another user:
    /// root leaves nothing in another user's home.
    private func isMade(_ folder: String) -> Bool {
        var information = stat()
        if unsafe stat(folder, &information) == 0 { return information.st_uid == geteuid() }
        guard errno == ENOENT, let parent = RevocationCache.parent(of: folder), isMade(parent) else { return false }
        return unsafe mkdir(folder, 0o700) == 0
    }

    /// - Returns: nil for the root folder.
    private static func parent(of folder: String) -> String? {
        guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { return nil }
        return String(folder[..<slash])
    }
}
