// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import Foundation
import LoginRegister
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// Several programs of one user, each with a login: the last of them closes the card
/// (docs/architecture.md, "The register of logins").
@Suite("Logins side by side")
struct SharedLoginTests {
    /// The folder that the register is in.
    final class RunFolder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("cps-run-\(UUID().uuidString)").path

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }

        var entries: Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: path + "/cps-pkcs11")) ?? []).count
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    let folder: RunFolder

    init() throws { folder = try RunFolder() }

    /// One more program on the card.
    private func program(_ reader: TestReader, _ rule: LogoutRule = .last) -> TestProvider {
        var configuration = Configuration()
        configuration.logout = rule
        return TestProvider(reader, configuration, register: FileLoginRegister(in: folder.path))
    }

    /// The user's PIN as another program sends it.
    private func presentation(_ kind: CardKind) -> [String] {
        kind == .cps3
            ? ["00A4090C043F000001", "002000010831323334FFFFFFFF"]
            : ["01A4040C088025000001FF0100", "01A40800020001", "012000010431323334"]
    }

    /// A login of a program that has ended without a logout.
    private func orphan(on reader: TestReader, _ kind: CardKind, isUnblocking: Bool = false) throws {
        let otherProgram = try reader.otherProgram()
        for command in presentation(kind) { try otherProgram.send(command) }
        let state = try #require(reader.readers.states(of: [TestReader.name]).first)
        let place = CardPlace(card: nil, reader: TestReader.name, eventCount: state.eventCount)
        let login = RegisteredLogin(place: place, isUnblocking: isUnblocking, rule: .last)
        try #require(FileLoginRegister(in: folder.path).add(login)).abandon()
    }

    @Test("the last one to log out closes the card, and none before it", arguments: CardKind.contacts)
    func lastOneCloses(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        let other = try second.logIn()
        #expect(folder.entries == 2)
        try first.provider.logOut(session)
        #expect(folder.entries == 1)
        #expect(try reader.cardIsOpen(kind) && second.state(other) == CKS_RO_USER_FUNCTIONS)
        let key = try second.privateKey(other, "SIG")
        _ = try second.signature(other, .sha256, key, [1])
        // The first one has no part in the login that stands.
        #expect(try first.state(session) == CKS_RO_PUBLIC_SESSION)
        try second.provider.closeSession(other)
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
        #expect(reader.presentations.count == 2)
    }

    @Test("a CPS4's applet is not selected beside a login made since the connection")
    func loginSinceConnection() throws {
        let reader = try TestReader(.cps4)
        let other = program(reader)
        var session: CK_SESSION_HANDLE?
        // The first moment is before the connection, when nobody else is connected.
        var moments = 0
        let crowd = CrowdedReaders(reader.readers) {
            moments += 1
            if moments == 2 { session = try? other.logIn() }
        }
        let late = TestProvider(reader, through: crowd, register: FileLoginRegister(in: folder.path))
        _ = try late.open()
        let standing = try #require(session)
        _ = try other.signature(standing, .sha256, other.privateKey(standing, "SIG"), [1])
        #expect(reader.presentations.count == 1)
    }

    @Test("each way to end a login in order closes the card of the last", arguments: CardKind.contacts)
    func endings(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let endings: [(TestProvider) throws -> Void] = [
            { try $0.provider.closeAllSessions(0) }, { $0.provider.finalize() },
            { $0.provider.releaseCardsAtExit() },
        ]
        for end in endings {
            let (first, second) = (program(reader), program(reader))
            _ = try first.logIn()
            let other = try second.logIn()
            try end(first)
            #expect(try reader.cardIsOpen(kind) && second.state(other) == CKS_RO_USER_FUNCTIONS)
            try end(second)
            #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
        }
    }

    @Test("twenty signatures by a second program leave the login of the first", arguments: CardKind.contacts)
    func tunnelAndSigner(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (tunnel, signer) = (program(reader), program(reader))
        let session = try tunnel.logIn()
        let key = try tunnel.privateKey(session, "AUT")
        for _ in 0..<20 {
            let other = try signer.logIn()
            _ = try signer.signature(other, .sha256, signer.privateKey(other, "SIG"), [1])
            try signer.provider.closeSession(other)
            _ = try tunnel.signature(session, .sha256, key, [2])
        }
        #expect(reader.presentations.count == 21)
    }

    @Test("an orphaned login is closed by the next program that looks", arguments: CardKind.contacts)
    func orphans(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let idle = program(reader)
        let session = try idle.open()
        _ = try idle.state(session)
        try orphan(on: reader, kind)
        #expect(try reader.cardIsOpen(kind))
        usleep(350_000)
        try idle.look()
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("an orphaned login beside one that stands is closed with it", arguments: CardKind.contacts)
    func orphanBesideLogin(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let program = program(reader)
        let session = try program.logIn()
        try orphan(on: reader, kind)
        usleep(350_000)
        try program.look()
        #expect(try reader.cardIsOpen(kind) && program.state(session) == CKS_RO_USER_FUNCTIONS)
        try program.provider.logOut(session)
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("an unblocking code is closed whoever is logged in, also an orphaned one", arguments: CardKind.contacts)
    func puk(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (user, officer) = (program(reader), program(reader, .leave))
        let session = try user.logIn()
        let other = try officer.open(readWrite: true)
        try officer.provider.logIn(other, as: .securityOfficer, pin: secret("12345678"))
        try officer.provider.logOut(other)
        #expect(try !reader.cardIsOpen(kind) && user.state(session) == CKS_RO_PUBLIC_SESSION)
        #expect(folder.entries == 0)
        try user.provider.logIn(session, as: .user, pin: secret("1234"))
        try orphan(on: reader, kind, isUnblocking: true)
        usleep(350_000)
        try user.look()
        #expect(try !reader.cardIsOpen(kind) && user.state(session) == CKS_RO_PUBLIC_SESSION)
    }

    @Test("logout=reset closes the card for all, logout=leave for nobody", arguments: CardKind.contacts)
    func rules(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, resetting, leaving) = (program(reader), program(reader, .reset), program(reader, .leave))
        let session = try first.logIn()
        try resetting.provider.closeSession(resetting.logIn())
        #expect(try !reader.cardIsOpen(kind) && first.state(session) == CKS_RO_PUBLIC_SESSION)
        try leaving.provider.closeSession(leaving.logIn())
        #expect(try reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("a login that went with its connection is closed, and a new one stands", arguments: CardKind.contacts)
    func connectionEnds(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, idle) = (program(reader), program(reader))
        let session = try first.logIn()
        reader.readers.restart()
        // The idle program is connected first: the card's application is not selected.
        try reader.otherProgram().send("00B0000001")
        _ = try idle.open()
        try first.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(try first.state(session) == CKS_RO_USER_FUNCTIONS && folder.entries == 1)
        try first.provider.logOut(session)
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("who finds its login lost closes a card that was left open because of it", arguments: CardKind.contacts)
    func lostLogin(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        try reader.otherProgram().reset()
        // The first one does not know yet: its entry keeps the card open after the second one.
        try second.provider.closeSession(second.logIn())
        #expect(try reader.cardIsOpen(kind) && folder.entries == 1)
        #expect(try first.state(session) == CKS_RO_PUBLIC_SESSION)
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("a lost login does not close the card for others", arguments: CardKind.contacts)
    func lostBesideLogin(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        try reader.otherProgram().reset()
        let other = try second.logIn()
        let key = try second.privateKey(other, "SIG")
        #expect(try first.state(session) == CKS_RO_PUBLIC_SESSION && folder.entries == 1)
        _ = try second.signature(other, .sha256, key, [1])
        _ = try first.find(session)
        #expect(try second.state(other) == CKS_RO_USER_FUNCTIONS)
    }

    @Test("a refused PIN ends the login of all, and no entry is left", arguments: CardKind.contacts)
    func refusedPIN(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        let other = try second.open()
        #expect(throws: CryptokiError.pinIncorrect) {
            try second.provider.logIn(other, as: .user, pin: secret("9999"))
        }
        #expect(folder.entries == 0)
        #expect(try first.state(session) == CKS_RO_PUBLIC_SESSION)
        try first.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(folder.entries == 1 && reader.card.state.pinTriesLeft == 3)
        first.provider.finalize()
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("a PIN change without a login leaves those of others", arguments: CardKind.contacts)
    func pinChange(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        try second.provider.setPIN(second.open(readWrite: true), old: secret("1234"), new: secret("4321"))
        #expect(try first.state(session) == CKS_RO_USER_FUNCTIONS && folder.entries == 1)
        try first.provider.logOut(session)
        try second.provider.setPIN(second.open(readWrite: true), old: secret("4321"), new: secret("1234"))
        #expect(try !reader.cardIsOpen(kind) && folder.entries == 0)
    }

    @Test("without room in the register each login ends by a reset", arguments: CardKind.contacts)
    func noRoom(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let first = program(reader)
        let second = TestProvider(reader, Configuration(), register: FileLoginRegister(in: folder.path + "/none"))
        let session = try first.logIn()
        try second.provider.closeSession(second.logIn())
        #expect(try !reader.cardIsOpen(kind) && first.state(session) == CKS_RO_PUBLIC_SESSION)
    }

    @Test("without a session the reader is free, and the card is not read again", arguments: CardKind.allCases)
    func freeReader(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let test = program(reader)
        _ = try test.provider.tokenInfo(0)
        #expect(reader.readers.connectionCount(of: TestReader.name) == 0)
        let session = try test.open()
        #expect(reader.readers.connectionCount(of: TestReader.name) == 1)
        try test.provider.closeSession(session)
        #expect(reader.readers.connectionCount(of: TestReader.name) == 0)
        let sent = try reader.sent { _ = try test.provider.tokenInfo(0) }
        #expect(sent.isEmpty, "\(sent)")
        guard kind != .contactless else { return }
        try test.provider.closeSession(test.logIn())
        #expect(reader.readers.connectionCount(of: TestReader.name) == 0)
    }

    @Test(
        "another card, put in with its reader while nobody looked, gets no PIN of the first one",
        arguments: CardKind.contacts)
    func otherCard(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let other = try TestReader(kind) { $0.serial = "12345678" }
        let test = program(reader)
        let first = try test.provider.tokenInfo(0).serialNumber
        // The count of insertions begins anew with the reader.
        reader.readers.removeReader(TestReader.name)
        reader.readers.addReader(TestReader.name)
        reader.readers.insert(other.card, into: TestReader.name)
        usleep(1_100_000)
        #expect(throws: CryptokiError.self) { _ = try test.logIn() }
        #expect(reader.presentations.isEmpty)
        #expect(try test.provider.tokenInfo(0).serialNumber != first)
        _ = try test.logIn()
    }

    @Test("an entry whose descriptor the host closed is made anew by the next call", arguments: [true, false])
    func closedDescriptor(byLook: Bool) throws {
        let reader = try TestReader(.cps4)
        let (first, second) = (program(reader), program(reader))
        let session = try first.logIn()
        let key = try first.privateKey(session, "SIG")
        usleep(350_000)
        let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        for link in links {
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + link)
            if target?.hasPrefix(folder.path) ?? false, let number = Int32(link) { close(number) }
        }
        if byLook { try first.look() } else { _ = try first.signature(session, .sha256, key, [1]) }
        try second.provider.closeSession(second.logIn())
        #expect(try first.state(session) == CKS_RO_USER_FUNCTIONS)
        first.provider.finalize()
        #expect(folder.entries == 0)
    }
}
