// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc
import HostSystem

/// Caches cards' files on disk: one file per card, in a folder of the user's cache directory with access for the user
/// only. Any number of processes may use it, since a file is replaced as a whole. A file that is damaged, too old, of
/// another card, or not the user's own is ignored and replaced. If the folder cannot be made or is not safe, nothing
/// is cached.
public final class DiskCardStore: CardFileStore {
    private let folder: String
    /// The folder's parent, if it may be made too.
    private let parent: String?

    /// The most cards in the cache. The least recently used one is removed first.
    static let capacity = 16
    private static let suffix = ".card"

    /// - Parameters:
    ///   - folder: the cache's folder; made when there is something to cache.
    ///   - parent: the folder's parent, to be made with it; nil not to make it.
    public init(folder: String, parent: String? = nil) {
        self.folder = folder
        self.parent = parent
    }

    /// The cache in `$XDG_CACHE_HOME` or `~/.cache`. Nil if the user has turned it off (`CPS_PKCS11_CACHE=off`), in a
    /// set-user-ID program, and in another user's home (`sudo -E`): that user could not use a folder made by root.
    /// - Parameter environment: returns a variable's value; always nil in a set-user-ID program.
    public static func ofUser(environment: (String) -> String?) -> DiskCardStore? {
        guard getuid() == geteuid(), environment("CPS_PKCS11_CACHE") != "off" else { return nil }
        if let caches = environment("XDG_CACHE_HOME"), caches.utf8.first == UInt8(ascii: "/") {
            guard isOwn(caches) ?? isOwn(parent(of: caches)) ?? false else { return nil }
            return DiskCardStore(folder: caches + "/cps-pkcs11", parent: caches)
        }
        guard let home = environment("HOME"), home.utf8.first == UInt8(ascii: "/"), isOwn(home) == true else {
            return nil
        }
        return DiskCardStore(folder: home + "/.cache/cps-pkcs11", parent: home + "/.cache")
    }

    /// Whether a folder is the user's own or root's (/tmp, for example); nil if it does not exist.
    private static func isOwn(_ folder: String) -> Bool? {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { return nil }
        return status.st_uid == geteuid() || status.st_uid == 0
    }

    private static func parent(of folder: String) -> String {
        let parts = folder.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }

    // MARK: CardFileStore

    /// Reads the card's file; nil if there is none, or if it is not trusted (see the class).
    public func record(of card: CardFingerprint) -> CardRecord? {
        guard let folder = PrivateFolder(path: folder, makingIt: false), let bytes = read(card, in: folder) else {
            return nil
        }
        guard let record = CacheFile.decode(bytes, of: card, at: now) else { return nil }
        // The card counts as used now, so others are removed first.
        folder.touch(fileName(of: card))
        return record
    }

    /// Writes the card's file. Its earlier content for the same state is included. Errors are ignored.
    public func add(_ record: CardRecord, of card: CardFingerprint) {
        if let parent { _ = unsafe mkdir(parent, 0o700) }
        guard let folder = PrivateFolder(path: folder, makingIt: true) else { return }
        var all = CardRecord()
        var time = now
        if let bytes = read(card, in: folder), let known = CacheFile.decode(bytes, of: card, at: now) {
            all = known
            // The earlier time stays: the oldest content decides when the file expires.
            time = CacheFile.time(of: bytes)
        }
        all.merge(record)
        guard let bytes = CacheFile.encode(all, of: card, at: time) ?? CacheFile.encode(record, of: card, at: now)
        else {
            return
        }
        removeLeftovers(in: folder)
        folder.replace(fileName(of: card), with: bytes)
        makeRoom(in: folder)
    }

    /// Removes the card's file, if there is one.
    public func forget(_ card: CardFingerprint) {
        PrivateFolder(path: folder, makingIt: false)?.remove(fileName(of: card))
    }

    private func read(_ card: CardFingerprint, in folder: borrowing PrivateFolder) -> [UInt8]? {
        folder.read(fileName(of: card), longest: CacheFile.longest)
    }

    private func fileName(of card: CardFingerprint) -> String { card.name + DiskCardStore.suffix }

    /// Removes temporary files of processes that ended while they wrote.
    private func removeLeftovers(in folder: borrowing PrivateFolder) {
        for file in folder.files(endingWith: PrivateFolder.temporarySuffix) where file.changed < Int(now) - 3600 {
            folder.remove(file.name)
        }
    }

    private func makeRoom(in folder: borrowing PrivateFolder) {
        let files = folder.files(endingWith: DiskCardStore.suffix)
        guard files.count > DiskCardStore.capacity else { return }
        for file in files.sorted(by: { $0.changed < $1.changed }).prefix(files.count - DiskCardStore.capacity) {
            folder.remove(file.name)
        }
    }

    private var now: UInt64 { UInt64(clamping: time(nil)) }
}
