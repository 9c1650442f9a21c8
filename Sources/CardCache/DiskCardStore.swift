// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc

/// Cards' files on disk, one file for each card, in a folder of the user's cache
/// directory that is the user's alone. Any number of processes may use it: a file
/// is replaced as a whole. What is damaged, too old, of another card, or not the
/// user's own file counts as not there, and is replaced; where the folder cannot be
/// made or is not safe, nothing is kept.
public final class DiskCardStore: CardFileStore {
    private let folder: String

    /// The most cards that are kept; the one used longest ago goes first.
    static let capacity = 16
    private static let suffix = ".card"

    /// - Parameter folder: is made when there is something to keep, not its parents.
    public init(folder: String) { self.folder = folder }

    /// The store in `$XDG_CACHE_HOME`, or `~/.cache`; nil if the user wants none
    /// (`CPS_PKCS11_CACHE=off`), and in a set-user-ID program.
    /// - Parameter environment: a variable's value; always nil in a set-user-ID program.
    public static func ofUser(environment: (String) -> String?) -> DiskCardStore? {
        guard getuid() == geteuid(), environment("CPS_PKCS11_CACHE") != "off" else { return nil }
        if let home = environment("XDG_CACHE_HOME"), home.utf8.first == UInt8(ascii: "/") {
            _ = unsafe mkdir(home, 0o700)
            return DiskCardStore(folder: home + "/cps-pkcs11")
        }
        guard let home = environment("HOME"), home.utf8.first == UInt8(ascii: "/") else { return nil }
        _ = unsafe mkdir(home + "/.cache", 0o700)
        return DiskCardStore(folder: home + "/.cache/cps-pkcs11")
    }

    // MARK: CardFileStore

    /// Reads the card's file. Nil when there is none that can be trusted: see the class for which these are.
    public func record(of card: CardFingerprint) -> CardRecord? {
        guard let folder = PrivateFolder(path: folder, makingIt: false), let bytes = read(card, in: folder) else {
            return nil
        }
        guard let record = CardFile.decode(bytes, of: card, at: now) else { return nil }
        // It was used: others go first.
        folder.touch(fileName(of: card))
        return record
    }

    /// Writes the card's file anew, with what it held before if that is of the same state. A file that cannot be
    /// written is passed over.
    public func add(_ record: CardRecord, of card: CardFingerprint) {
        guard let folder = PrivateFolder(path: folder, makingIt: true) else { return }
        var all = CardRecord()
        var time = now
        if let bytes = read(card, in: folder), let known = CardFile.decode(bytes, of: card, at: now) {
            all = known
            // What was read first is what grows too old first.
            time = CardFile.time(of: bytes)
        }
        all.merge(record)
        guard let bytes = CardFile.encode(all, of: card, at: time) ?? CardFile.encode(record, of: card, at: now) else {
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
        folder.read(fileName(of: card), longest: CardFile.longest)
    }

    private func fileName(of card: CardFingerprint) -> String { card.name + DiskCardStore.suffix }

    /// Removes what processes left that ended while they wrote.
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
