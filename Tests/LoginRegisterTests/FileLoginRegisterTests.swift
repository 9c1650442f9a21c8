// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Foundation
import Testing

@testable import LoginRegister

/// The register in one process: whose folder and files it trusts.
@Suite("The register of logins")
struct FileLoginRegisterTests {
    let folder: RunFolder
    let register: FileLoginRegister
    let card = CardPlace(card: "cps3-01", reader: "Reader 0", eventCount: 5)

    init() throws {
        folder = try RunFolder()
        register = FileLoginRegister(in: folder.path)
    }

    var login: RegisteredLogin { RegisteredLogin(place: card, isUnblocking: false, rule: .last) }

    private func view(_ live: Int, _ orphans: Int = 0, urgent: Bool = false) -> LoginsOnCard {
        var view = LoginsOnCard()
        view.live = live
        view.orphans = orphans
        view.hasUrgentOrphan = urgent
        return view
    }

    @Test("counts the logins on a card, and none after they were removed")
    func counts() throws {
        #expect(register.logins(on: card) == view(0))
        let first = try #require(register.add(login))
        let second = try #require(register.add(login))
        #expect(register.logins(on: card) == view(2))
        #expect(first.isIntact && second.isIntact)
        first.remove()
        #expect(!first.isIntact && second.isIntact)
        #expect(register.logins(on: card) == view(1))
        second.remove()
        second.remove()
        #expect(register.logins(on: card) == view(0))
        #expect(folder.files.isEmpty)
    }

    @Test("tells cards, readers and insertions apart")
    func places() throws {
        let entry = try #require(register.add(login))
        defer { entry.remove() }
        var other = card
        other.card = "cps3-02"
        #expect(register.logins(on: other) == view(0))
        other.card = nil
        #expect(register.logins(on: other) == view(1))
        other.eventCount = 6
        #expect(register.logins(on: other) == view(0))
        other = card
        other.reader = "Reader 1"
        #expect(register.logins(on: other) == view(0))
        // Only who has ended is cleared away.
        #expect(entry.isIntact)
    }

    @Test("counts a login on a card that is not known as one on any card of its reader")
    func unknownCard() throws {
        var unknown = login
        unknown.place.card = nil
        let entry = try #require(register.add(unknown))
        defer { entry.remove() }
        #expect(register.logins(on: card) == view(1))
    }

    @Test("lets two copies of the library in one process see each other")
    func twoCopies() throws {
        let other = FileLoginRegister(in: folder.path)
        let entry = try #require(register.add(login))
        let otherEntry = try #require(other.add(login))
        #expect(other.logins(on: card) == view(2))
        entry.remove()
        #expect(other.logins(on: card) == view(1) && otherEntry.isIntact)
        otherEntry.remove()
    }

    @Test("forgets all logins on a card that is reset, of other programs too")
    func removesAll() throws {
        let entry = try #require(register.add(login))
        var elsewhere = login
        elsewhere.place.reader = "Reader 1"
        let other = try #require(register.add(elsewhere))
        FileLoginRegister(in: folder.path).removeAll(on: card)
        #expect(register.logins(on: card) == view(0))
        #expect(!entry.isIntact && other.isIntact)
        entry.remove()
        other.remove()
    }

    @Test("names the processes of the logins that stand, and no others")
    func owners() throws {
        #expect(register.owners(on: card).isEmpty)
        let entry = try #require(register.add(login))
        var elsewhere = login
        elsewhere.place.reader = "Reader 1"
        let other = try #require(register.add(elsewhere))
        #expect(register.owners(on: card) == [getpid()])
        entry.abandon()
        #expect(register.owners(on: card).isEmpty)
        other.remove()
    }

    @Test("is its user's alone")
    func modes() throws {
        let entry = try #require(register.add(login))
        defer { entry.remove() }
        #expect(try folder.mode(of: folder.register) == 0o700)
        #expect(try folder.files.map(folder.mode(of:)) == [0o600])
        #expect(try FileManager.default.attributesOfItem(atPath: folder.files[0])[.size] as? Int == 0)
    }

    @Test(
        "is not there in a folder that others may write to, or that is a link",
        arguments: [0o770, 0o707, 0o755])
    func unsafeParent(mode: Int) throws {
        try folder.setMode(mode, of: folder.path)
        #expect(register.add(login) == nil)
        try folder.setMode(0o700, of: folder.path)
        #expect(FileLoginRegister(in: folder.path + "/none").add(login) == nil)
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
        #expect(FileLoginRegister(in: link).add(login) == nil)
    }

    @Test("is not there if its own folder is a link, a file, or open to others")
    func unsafeFolder() throws {
        let target = folder.path + "/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
        try folder.setMode(0o700, of: target)
        try FileManager.default.createSymbolicLink(atPath: folder.register, withDestinationPath: target)
        #expect(register.add(login) == nil)
        try FileManager.default.removeItem(atPath: folder.register)
        #expect(FileManager.default.createFile(atPath: folder.register, contents: nil))
        #expect(register.add(login) == nil)
        try FileManager.default.removeItem(atPath: folder.register)
        try FileManager.default.createDirectory(atPath: folder.register, withIntermediateDirectories: false)
        try folder.setMode(0o750, of: folder.register)
        #expect(register.add(login) == nil)
        try folder.setMode(0o700, of: folder.register)
        let entry = try #require(register.add(login))
        entry.remove()
    }

    @Test("is not there if the folder is another user's", .enabled(if: geteuid() == 0))
    func otherOwner() throws {
        try folder.give(folder.path, to: 12345)
        #expect(register.add(login) == nil)
        try folder.give(folder.path, to: 0)
        try FileManager.default.createDirectory(atPath: folder.register, withIntermediateDirectories: false)
        try folder.setMode(0o700, of: folder.register)
        try folder.give(folder.register, to: 12345)
        #expect(register.add(login) == nil)
    }

    @Test("takes nothing for an entry that is a link, a pipe, a copy, or open to others")
    func unsafeEntries() throws {
        let entry = try #require(register.add(login))
        let path = folder.files[0]
        let name = String(path.split(separator: "/").last!)
        entry.remove()
        #expect(FileManager.default.createFile(atPath: folder.path + "/elsewhere", contents: nil))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path + "/elsewhere")
        // It is judged by its owner alone, which lives.
        #expect(register.logins(on: card) == view(1))
        register.removeAll(on: card)
        let pipe = unsafe mkfifo(path, 0o600)
        #expect(pipe == 0)
        #expect(register.logins(on: card) == view(1))
        register.removeAll(on: card)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/elsewhere"))
        for odd in [
            "1-2-3", "2" + name.dropFirst(), name + "-1", "hello", name.replacingOccurrences(of: "last", with: "x"),
        ] {
            #expect(FileManager.default.createFile(atPath: folder.register + "/" + odd, contents: nil))
        }
        #expect(register.logins(on: card) == view(0))
        // What is not understood is a later version's.
        #expect(folder.files.count == 5)
    }

    @Test("does not close a descriptor whose number the host has taken")
    func reusedNumber() throws {
        let entry = try #require(register.add(login) as? FileLoginEntry)
        let number = entry.descriptor
        close(number)
        #expect(!entry.isIntact)
        // A number in use by another thread is as good.
        let file = unsafe open("/dev/null", O_RDONLY)
        #expect(dup2(file, number) == number)
        #expect(!entry.isIntact)
        entry.remove()
        #expect(fcntl(number, F_GETFD) >= 0)
        #expect(folder.files.isEmpty)
        close(number)
        close(file)
    }

    @Test("leaves errno as it was")
    func errors() throws {
        errno = 77
        _ = FileLoginRegister(in: folder.path + "/none").add(login)
        #expect(errno == 77)
        register.removeAll(on: card)
        #expect(errno == 77)
    }

    @Test("says when a card is to be reset")
    func rules() {
        var login = login
        #expect(view(0).callsForReset(atEndOf: login) && !view(1).callsForReset(atEndOf: login))
        #expect(view(0, 1).callsForReset && !view(1, 1).callsForReset && view(1, 1, urgent: true).callsForReset)
        login.rule = .leave
        #expect(!view(0).callsForReset(atEndOf: login) && view(0, 1).callsForReset(atEndOf: login))
        login.isUnblocking = true
        #expect(view(1).callsForReset(atEndOf: login))
        login = self.login
        login.rule = .reset
        #expect(view(1).callsForReset(atEndOf: login))
    }
}

/// Names of entries.
@Suite("Names of entries")
struct EntryNameTests {
    let owner = ProcessIdentity(processID: 7, start: 8, namespace: 9, clock: 10)

    @Test("say all there is to say, in a file name's length")
    func roundTrip() throws {
        for rule in LogoutRule.allCases {
            for isUnblocking in [false, true] {
                let place = CardPlace(card: "c/1", reader: String(repeating: "é/-", count: 99), eventCount: .max)
                let name = EntryName(
                    RegisteredLogin(place: place, isUnblocking: isUnblocking, rule: rule), owner: owner, inode: .max)
                #expect(EntryName(parsing: name.text) == name)
                #expect(name.isOn(EntryName.PlaceHash(place)))
                #expect(name.text.utf8.count < 200 && !name.text.contains("/"))
            }
        }
    }

    @Test("do not crash whoever reads strange ones")
    func strange() {
        for text in [
            "", "-", "----------", "1-a-b-4294967296-user-last-1-1-1-1-1", "1-a-b-1-user-last-9999999999-1-1-1-1",
        ] {
            #expect(EntryName(parsing: text) == nil)
        }
    }

    @Test("judge an owner only within its own namespaces")
    func namespaces() {
        let observer = ProcessIdentity.current
        #expect(observer.processID == getpid() && observer.start > 0 && observer.namespace > 0)
        #expect(!observer.hasEnded(asSeenBy: observer))
        var other = observer
        other.start += 1
        #expect(other.hasEnded(asSeenBy: observer))
        other.namespace += 1
        #expect(!other.hasEnded(asSeenBy: observer))
        other.namespace = 0
        #expect(!other.hasEnded(asSeenBy: observer))
        other = observer
        other.start += 1
        other.clock += 1
        #expect(!other.hasEnded(asSeenBy: observer))
    }
}
