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
    public func keep(_ lists: [RevocationList]) {
        let there = Set(read().lists)
        for list in lists where !there.contains(list) {
            if there.contains(where: { $0.issuer == list.issuer && $0.thisUpdate >= list.thisUpdate }) { continue }
            write(list)
        }
    }

    private func write(_ list: RevocationList) {
        guard isMade(folder) else { return }
        let name = Hexadecimal.encode(HashContext.digest(of: Array(list.issuer.text.utf8), with: .sha256))
        let (place, new) = ("\(folder)/\(name).crl", "\(folder)/.\(name).\(getpid())")
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { return }
        let isWritten = WholeWrite.write(list.encoding, to: descriptor)
        close(descriptor)
        if isWritten, unsafe rename(new, place) == 0 { return }
        _ = unsafe unlink(new)
    }

    /// Creates a folder and its parents, unless the existing parent belongs to another user:
    /// root leaves nothing in another user's home.
    private func isMade(_ folder: String) -> Bool {
        var information = stat()
        if unsafe stat(folder, &information) == 0 { return information.st_uid == geteuid() }
        guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash != folder.startIndex,
            isMade(String(folder[..<slash]))
        else { return false }
        return unsafe mkdir(folder, 0o700) == 0
    }
}
