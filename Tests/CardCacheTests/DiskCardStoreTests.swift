// SPDX-License-Identifier: Apache-2.0

import Foundation
import SmartCardBytes
import Testing

@testable import CPSCard
@testable import CardCache

/// Files that are kept of cards, and what may be wrong with them.
@Suite("The cache on disk")
struct DiskCardStoreTests {
    /// A folder of a test's own.
    final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("cps-cache-\(UUID().uuidString)")
        var store: DiskCardStore { DiskCardStore(folder: path) }
        var path: String { url.path }
        var cardFile: String { path + "/cps3-01.card" }

        func mode(of path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        }
        func setMode(_ mode: Int, of path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: cardFile))) }
        func write(_ bytes: [UInt8]) throws {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: cardFile))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: Data(bytes))
        }
        deinit { try? FileManager.default.removeItem(at: url) }
    }

    let folder = Folder()
    let card = CardFingerprint(name: "cps3-01", state: [1, 2, 3])
    let record = CardRecord(
        files: [FilePath(0x0001, 0x7002): [0x30, 0x00], FilePath(0x0001, 0xA001): [UInt8](repeating: 7, count: 1500)],
        givesLongResponses: true)

    @Test("gives back what was kept, in another process too")
    func keeps() {
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == record)
    }

    @Test("is its owner's alone")
    func modes() throws {
        folder.store.add(record, of: card)
        #expect(try folder.mode(of: folder.path) == 0o700)
        #expect(try folder.mode(of: folder.cardFile) == 0o600)
    }

    @Test("adds to what is there")
    func adds() {
        folder.store.add(CardRecord(files: [FilePath(0x0001): [1]]), of: card)
        folder.store.add(CardRecord(files: [FilePath(0x0002): [2]]), of: card)
        #expect(folder.store.record(of: card)?.files == [FilePath(0x0001): [1], FilePath(0x0002): [2]])
    }

    @Test("knows nothing of a card that was updated since, and forgets what was")
    func stale() {
        folder.store.add(record, of: card)
        let updated = CardFingerprint(name: card.name, state: [1, 2, 4])
        #expect(folder.store.record(of: updated) == nil)
        folder.store.add(CardRecord(files: [FilePath(0x0001): [1]]), of: updated)
        #expect(folder.store.record(of: updated)?.files == [FilePath(0x0001): [1]])
        #expect(folder.store.record(of: card) == nil)
    }

    @Test("knows nothing of a card from the file of another")
    func otherCard() throws {
        folder.store.add(record, of: card)
        let other = CardFingerprint(name: "cps3-02", state: [9, 9, 9])
        try FileManager.default.copyItem(atPath: folder.cardFile, toPath: folder.path + "/cps3-02.card")
        #expect(folder.store.record(of: other) == nil)
    }

    @Test("ignores a damaged file wherever the damage is, and replaces it")
    func damaged() throws {
        folder.store.add(CardRecord(files: [FilePath(0x0001): [1, 2, 3]]), of: card)
        let good = try folder.bytes()
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 0x20
            try folder.write(bytes)
            #expect(folder.store.record(of: card) == nil, "byte \(index)")
        }
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == record)
    }

    @Test("ignores a truncated file, an empty one, and one with something behind it")
    func truncated() throws {
        folder.store.add(CardRecord(files: [FilePath(0x0001): [1, 2, 3]]), of: card)
        let good = try folder.bytes()
        for length in 0..<good.count {
            try folder.write(Array(good.prefix(length)))
            #expect(folder.store.record(of: card) == nil, "\(length) bytes")
        }
        try folder.write(good + [0])
        #expect(folder.store.record(of: card) == nil)
        try folder.write([UInt8](repeating: 0x30, count: 1_000_000))
        #expect(folder.store.record(of: card) == nil)
    }

    @Test("ignores a file that others can read or write", arguments: [0o644, 0o620, 0o602, 0o604])
    func fileMode(mode: Int) throws {
        folder.store.add(record, of: card)
        try folder.setMode(mode, of: folder.cardFile)
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == record)
        #expect(try folder.mode(of: folder.cardFile) == 0o600)
    }

    @Test("does not use a folder that others can use", arguments: [0o755, 0o777, 0o710])
    func folderMode(mode: Int) throws {
        folder.store.add(record, of: card)
        try folder.setMode(mode, of: folder.path)
        #expect(folder.store.record(of: card) == nil)
        try FileManager.default.removeItem(atPath: folder.cardFile)
        folder.store.add(record, of: card)
        #expect(!FileManager.default.fileExists(atPath: folder.cardFile))
    }

    @Test("ignores files and folders of another owner", .enabled(if: getuid() == 0))
    func owner() throws {
        folder.store.add(record, of: card)
        #expect(unsafe chown(folder.cardFile, 65534, 65534) == 0)
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == record)
        #expect(unsafe chown(folder.path, 65534, 65534) == 0)
        #expect(folder.store.record(of: card) == nil)
    }

    @Test("follows no symbolic link: what it points to is neither read nor changed")
    func links() throws {
        folder.store.add(record, of: card)
        let elsewhere = Folder()
        elsewhere.store.add(record, of: card)
        let before = try elsewhere.bytes()

        try FileManager.default.removeItem(atPath: folder.cardFile)
        try FileManager.default.createSymbolicLink(atPath: folder.cardFile, withDestinationPath: elsewhere.cardFile)
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(CardRecord(files: [FilePath(0x0001): [1]]), of: card)
        #expect(try elsewhere.bytes() == before)
        #expect(folder.store.record(of: card)?.files == [FilePath(0x0001): [1]])

        let linked = Folder()
        try FileManager.default.createSymbolicLink(atPath: linked.path, withDestinationPath: elsewhere.path)
        #expect(linked.store.record(of: card) == nil)
        linked.store.forget(card)
        #expect(try elsewhere.bytes() == before)
    }

    @Test("ignores a second name of a file, a folder and a pipe in the place of one, and goes on")
    func planted() throws {
        folder.store.add(record, of: card)
        try FileManager.default.linkItem(atPath: folder.cardFile, toPath: folder.path + "/second")
        #expect(folder.store.record(of: card) == nil)
        try FileManager.default.removeItem(atPath: folder.cardFile)
        #expect(unsafe mkfifo(folder.cardFile, 0o600) == 0)
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == record)
        folder.store.forget(card)
        try FileManager.default.createDirectory(atPath: folder.cardFile, withIntermediateDirectories: false)
        #expect(folder.store.record(of: card) == nil)
        folder.store.add(record, of: card)
        #expect(folder.store.record(of: card) == nil)
    }

    @Test("lives without its folder")
    func nowhere() {
        let store = DiskCardStore(folder: folder.path + "/missing/cps-pkcs11")
        store.add(record, of: card)
        #expect(store.record(of: card) == nil)
        store.forget(card)
    }

    @Test("reads a card anew after a month, and nothing from the future")
    func age() throws {
        let bytes = try #require(CacheFile.encode(record, of: card, at: 1_000_000_000))
        #expect(CacheFile.decode(bytes, of: card, at: 1_000_000_000) == record)
        #expect(CacheFile.decode(bytes, of: card, at: 1_000_000_000 + CacheFile.lifetime - 1) == record)
        #expect(CacheFile.decode(bytes, of: card, at: 1_000_000_000 + CacheFile.lifetime) == nil)
        #expect(CacheFile.decode(bytes, of: card, at: 999_999_999) == nil)
    }

    @Test("keeps at most 64 KiB of a card, and sixteen cards")
    func bounds() throws {
        folder.store.add(CardRecord(files: [FilePath(0x0001): [UInt8](repeating: 0, count: 0xFFFF)]), of: card)
        #expect(folder.store.record(of: card) == nil)
        for number in 10..<40 {
            folder.store.add(record, of: CardFingerprint(name: "cps3-\(number)", state: [1]))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 16)
    }

    @Test("keeps a card of 64 KiB, and none that is one byte longer", arguments: [(0, true), (1, false)])
    func longest(more: Int, isStored: Bool) {
        // What stands in the file beside the content: the length of an empty one.
        let path = FilePath(0x0001)
        let empty = CacheFile.encode(CardRecord(files: [path: []]), of: card, at: 0)?.count ?? 0
        let content = [UInt8](repeating: 7, count: 64 * 1024 - empty + more)
        folder.store.add(CardRecord(files: [path: content]), of: card)
        #expect(folder.store.record(of: card)?.files[path]?.count == (isStored ? content.count : nil))
    }

    @Test("keeps cards that are used, and lets go of the one that was used longest ago")
    func used() throws {
        let cards = (10..<10 + DiskCardStore.capacity).map { CardFingerprint(name: "cps3-\($0)", state: [1]) }
        for (age, card) in cards.enumerated() {
            folder.store.add(record, of: card)
            let day = Date(timeIntervalSinceNow: Double(age - 20) * 24 * 3600)
            try FileManager.default.setAttributes(
                [.modificationDate: day], ofItemAtPath: "\(folder.path)/\(card.name).card")
        }
        #expect(folder.store.record(of: cards[0]) == record)
        folder.store.add(record, of: CardFingerprint(name: "cps4-01", state: [1]))
        #expect(folder.store.record(of: cards[0]) == record)
        #expect(folder.store.record(of: cards[1]) == nil)
    }

    @Test("forgets a card, and that one only")
    func forgets() {
        let other = CardFingerprint(name: "cps4-02", state: [5])
        folder.store.add(record, of: card)
        folder.store.add(record, of: other)
        folder.store.forget(card)
        #expect(folder.store.record(of: card) == nil)
        #expect(folder.store.record(of: other) == record)
    }

    @Test("is whole at every moment while processes write to it")
    func manyProcesses() async throws {
        folder.store.add(record, of: card)
        let (path, card, record) = (folder.path, card, record)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    // A store has no state of its own: each is as one of another process.
                    var missing = 0
                    for _ in 0..<100 {
                        DiskCardStore(folder: path).add(record, of: card)
                        if DiskCardStore(folder: path).record(of: card)?.givesLongResponses != true { missing += 1 }
                    }
                    return missing
                }
            }
            for await missing in group { #expect(missing == 0) }
        }
        #expect(folder.store.record(of: card) == record)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["cps3-01.card"])
    }

    /// The store of a program with these variables.
    private func userStore(_ variables: [String: String]) -> DiskCardStore? {
        DiskCardStore.ofUser { variables[$0] }
    }

    @Test("a home has its folders made when there is something to keep, not before")
    func home() throws {
        let home = folder.path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let store = try #require(userStore(["HOME": home]))
        #expect(store.record(of: card) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home).isEmpty)
        store.add(record, of: card)
        #expect(store.record(of: card) == record)
        #expect(try mode(home + "/.cache") == 0o700)
    }

    private func mode(_ path: String) throws -> Int { try folder.mode(of: path) }

    @Test("in another user's home nothing is made", .enabled(if: geteuid() == 0))
    func otherHome() throws {
        let home = folder.path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.ownerAccountID: 12_345], ofItemAtPath: home)
        #expect(userStore(["HOME": home]) == nil)
        #expect(userStore(["XDG_CACHE_HOME": home]) == nil && userStore(["XDG_CACHE_HOME": home + "/caches"]) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home).isEmpty)
    }
}
