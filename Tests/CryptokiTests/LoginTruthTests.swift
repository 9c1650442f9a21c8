// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// What is said of a login is true, whatever other programs and other threads do.
@Suite struct LoginTruthTests {
    /// Runs something on another thread, once it has begun.
    private func aside(_ body: @escaping @Sendable () -> Void) -> Thread {
        let thread = Thread(block: body)
        thread.start()
        return thread
    }

    private func wait(for thread: Thread) { while !thread.isFinished { usleep(1000) } }

    /// The user's PIN as another program sends it.
    private func presentation(_ kind: CardKind) -> [String] {
        kind == .cps3
            ? ["00A4090C043F000001", "002000010831323334FFFFFFFF"]
            : ["01A4040C088025000001FF0100", "01A40800020001", "012000010431323334"]
    }

    @Test("a reset by another program shows at the next question, with no command", arguments: CardKind.contacts)
    func toldBeforeAsked(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        try test.reader.otherProgram().reset()
        let sent = try test.reader.sent {
            #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
            #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.signInit(session, .sha256, key: key) }
            #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.decryptInit(session, .rsa, key: key) }
            #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.logOut(session) }
            for _ in 0..<50 { _ = try test.state(session) }
        }
        #expect(sent.isEmpty)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        _ = try test.signature(session, .sha256, key, [1])
        #expect(test.reader.presentations.count == 2)
    }

    @Test("a login asked for after a reset presents the PIN", arguments: CardKind.contacts)
    func logInAfterReset(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        #expect(throws: CryptokiError.userAlreadyLoggedIn) {
            try test.provider.logIn(session, as: .user, pin: secret("1234"))
        }
        try test.reader.otherProgram().reset()
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(try test.state(session) == CKS_RO_USER_FUNCTIONS && test.reader.presentations.count == 2)
    }

    @Test(
        "the end of the connection shows at the next question, and a login presents the PIN",
        arguments: CardKind.contacts)
    func connectionEnds(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        test.reader.readers.restart()
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(try test.state(session) == CKS_RO_USER_FUNCTIONS && test.reader.presentations.count == 2)
    }

    @Test("no question waits for another program's transaction", arguments: CardKind.contacts)
    func noWait(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        try test.reader.otherProgram().holdingCard {
            #expect(try test.state(session) == CKS_RO_USER_FUNCTIONS)
            try test.provider.signInit(session, .sha256, key: key)
            #expect(throws: CryptokiError.userAlreadyLoggedIn) {
                try test.provider.logIn(session, as: .user, pin: secret("1234"))
            }
        }
    }

    @Test("nothing is signed on the login of another program", arguments: CardKind.contacts)
    func notOnAnothersLogin(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        let data = try test.data(session, "CPS_ACTIVITY_01_PS")
        try test.provider.signInit(session, .sha256, key: key)
        let otherProgram = try test.reader.otherProgram()
        try otherProgram.reset()
        for command in presentation(kind) { try otherProgram.send(command) }
        #expect(try test.reader.cardIsOpen(kind))
        let sent = test.reader.sent {
            #expect(throws: CryptokiError.userNotLoggedIn) { try test.sign(session, [1]) }
            #expect(throws: CryptokiError.objectHandleInvalid) { try test.value(session, data, CKA_VALUE) }
        }
        // Its certificate is read to check a signature by.
        #expect(!sent.contains { ["22", "2A", "88"].contains($0.dropFirst(2).prefix(2)) })
        #expect(try test.reader.cardIsOpen(kind), "the other program's login is left alone")
    }

    @Test("our own refused PIN is told to other programs by a reset", arguments: CardKind.contacts)
    func refusalIsTold(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let (first, second) = (TestProvider(reader), TestProvider(reader))
        let session = try first.logIn()
        let other = try second.open()
        #expect(throws: CryptokiError.pinIncorrect) {
            try second.provider.logIn(other, as: .user, pin: secret("9999"))
        }
        #expect(try first.state(session) == CKS_RO_PUBLIC_SESSION)
    }

    @Test("a second login while the first is under way sends no PIN", arguments: CardKind.contacts)
    func loginRace(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        _ = try test.provider.tokenInfo(0)
        test.reader.inject(.delay(milliseconds: 300), at: 2)
        let provider = test.provider
        let first = aside { try? provider.logIn(session, as: .user, pin: secret("1234")) }
        usleep(100_000)
        #expect(throws: CryptokiError.userAlreadyLoggedIn) {
            try test.provider.logIn(session, as: .user, pin: secret("9999"))
        }
        wait(for: first)
        #expect(test.reader.presentations.count == 1 && test.reader.card.state.pinTriesLeft == 3)
    }

    @Test("a login whose sessions are closed meanwhile leaves nothing open", arguments: CardKind.contacts)
    func sessionsClosedMeanwhile(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        _ = try test.provider.tokenInfo(0)
        test.reader.inject(.delay(milliseconds: 300), at: 2)
        let provider = test.provider
        let login = aside {
            #expect(throws: CryptokiError.sessionHandleInvalid) {
                try provider.logIn(session, as: .user, pin: secret("1234"))
            }
        }
        usleep(100_000)
        try test.provider.closeAllSessions(0)
        wait(for: login)
        #expect(try test.state(test.open()) == CKS_RO_PUBLIC_SESSION)
        #expect(try !test.reader.cardIsOpen(kind))
    }

    @Test("C_Finalize beside a command leaves no open card", arguments: CardKind.contacts)
    func finalizeMeanwhile(kind: CardKind) throws {
        for isLogin in [true, false] {
            let test = try TestProvider(kind)
            let stays = try test.reader.otherProgram()
            let session = try isLogin ? test.open() : test.logIn()
            let key = try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PRIVATE_KEY))]).first ?? 0
            _ = try test.provider.tokenInfo(0)
            test.reader.inject(.delay(milliseconds: 300), at: 2)
            let provider = test.provider
            if !isLogin { try provider.signInit(session, .sha256, key: key) }
            let busy = aside {
                if isLogin {
                    try? provider.logIn(session, as: .user, pin: secret("1234"))
                } else {
                    let data: [UInt8] = [1]
                    _ = try? provider.sign(session, data: data.span, .bytes(capacity: 256))
                }
            }
            usleep(100_000)
            test.provider.finalize()
            wait(for: busy)
            #expect(try !test.reader.cardIsOpen(kind), "\(isLogin)")
            withExtendedLifetime(stays) {}
        }
    }

    @Test("the end of a process leaves another card alone", arguments: CardKind.contacts)
    func exitAfterSwap(kind: CardKind) throws {
        let test = try TestProvider(kind)
        _ = try test.logIn()
        let other = try TestReader(kind) { $0.serial = "99999999" }
        test.reader.removeCard()
        test.reader.readers.insert(other.card, into: TestReader.name)
        let second = TestProvider(test.reader)
        let session = try second.logIn()
        let key = try second.privateKey(session, "SIG")
        test.provider.releaseCardsAtExit()
        _ = try second.signature(session, .sha256, key, [1])
    }

    // MARK: Refused PINs

    @Test("what the card has just refused is not sent again", arguments: CardKind.contacts)
    func refusedOnce(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        #expect(throws: CryptokiError.pinIncorrect) { try test.provider.logIn(session, as: .user, pin: secret("9999")) }
        for _ in 0..<20 {
            #expect(throws: CryptokiError.pinInvalid) {
                try test.provider.logIn(session, as: .user, pin: secret("9999"))
            }
        }
        #expect(throws: CryptokiError.pinIncorrect) {
            try test.provider.setPIN(session, old: secret("9999"), new: secret("4321"))
        }
        #expect(test.reader.card.state.pinTriesLeft == 2 && test.reader.presentations.count == 1)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        try test.provider.logOut(session)
        // A success, and what another program does to the card, begin anew.
        #expect(throws: CryptokiError.pinIncorrect) { try test.provider.logIn(session, as: .user, pin: secret("9999")) }
        try test.reader.otherProgram().reset()
        #expect(throws: CryptokiError.pinIncorrect) { try test.provider.logIn(session, as: .user, pin: secret("9999")) }
        #expect(test.reader.card.state.pinTriesLeft == 1)
    }

    @Test("another count of tries than the refusal left lets the PIN through", arguments: CardKind.contacts)
    func refusedUntilCounterChanges(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open(readWrite: true)
        #expect(throws: CryptokiError.pinIncorrect) {
            try test.provider.logIn(session, as: .securityOfficer, pin: secret("00000000"))
        }
        #expect(throws: CryptokiError.pinInvalid) {
            try test.provider.logIn(session, as: .securityOfficer, pin: secret("00000000"))
        }
        #expect(throws: CryptokiError.pinIncorrect) { try test.provider.logIn(session, as: .user, pin: secret("5678")) }
        let otherProgram = try test.reader.otherProgram()
        // Another program unlocks the PIN, and makes it the one that was refused.
        let changes =
            kind == .cps3
            ? ["00A4090C043F000001", "00200002083132333435363738", "002C02010835363738FFFFFFFF"]
            : [
                "01A4040C088025000001FF0100", "01A40800020001", "01200002083132333435363738", "012C0381",
                "012401010435363738",
            ]
        for command in changes { try otherProgram.send(command) }
        try test.provider.logIn(session, as: .user, pin: secret("5678"))
    }

    // MARK: The CPS4's applet

    @Test("a CPS4's applet is not selected beside another program's login")
    func noSelectionBesideALogin() throws {
        let isSelection = { (command: String) in command.hasPrefix("01A4040C088025") }
        // An idle program with a session, and one that has logged out by its own reset.
        for logsOut in [false, true] {
            let reader = try TestReader(.cps4)
            let idle = TestProvider(reader)
            let session = try logsOut ? idle.logIn() : idle.open()
            if logsOut { try idle.provider.logOut(session) }
            let other = TestProvider(reader)
            let otherSession = try other.logIn()
            let key = try other.privateKey(otherSession, "SIG")
            _ = try other.signature(otherSession, .sha256, key, [1])
            let sent = try reader.sent { _ = try idle.provider.generateRandom(session, count: 8) }
            #expect(!sent.contains(where: isSelection), "\(logsOut): \(sent)")
            _ = try other.signature(otherSession, .sha256, key, [2])
            #expect(reader.presentations.count == (logsOut ? 2 : 1))
        }
    }

    // MARK: Answers to reset

    @Test("another answer to a warm reset is still the same card", arguments: CardKind.contacts)
    func warmAnswer(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        test.reader.readers.setWarmAnswer([0x3B, 0x02, 0x14, 0x50], in: TestReader.name)
        try test.reader.otherProgram().reset()
        usleep(60_000)
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        let key = try test.privateKey(session, "SIG")
        _ = try test.signature(session, .sha256, key, [1])
        #expect(try test.provider.tokenInfo(0).serialNumber == test.reader.card.profile.serial)
    }

    // MARK: Handles

    @Test("the same card put back has the same object handles, another card has new ones", arguments: CardKind.contacts)
    func handles(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let before = try test.find(session)
        test.reader.removeCard()
        test.reader.insertCard()
        try test.look()
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(session) }
        let again = try test.logIn()
        let key = try #require(before.first)
        // Without a search.
        _ = try test.signature(again, .sha256, key, [1])
        #expect(try test.find(again) == before)
        let other = try TestReader(kind) { $0.serial = "99999999" }
        test.reader.removeCard()
        test.reader.readers.insert(other.card, into: TestReader.name)
        let third = try test.logIn()
        #expect(throws: CryptokiError.keyHandleInvalid) { try test.provider.signInit(third, .sha256, key: key) }
        #expect(try Set(test.find(third)).isDisjoint(with: before))
    }
}
