// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// Sessions and login (PKCS#11 3.1 §5.6, cards.md §7.5).
@Suite struct SessionTests {

    @Test("sessions count up, are of both kinds, and close once")
    func openAndClose() throws {
        let test = try TestProvider(.cps3)
        let sessions = try [false, true, false].map { try test.open(readWrite: $0) }
        #expect(sessions == [1, 2, 3])
        #expect(
            try sessions.map { try test.state($0) } == [
                CKS_RO_PUBLIC_SESSION, CKS_RW_PUBLIC_SESSION, CKS_RO_PUBLIC_SESSION,
            ])
        let info = try test.provider.tokenInfo(0)
        #expect(info.sessionCount == 3 && info.readWriteSessionCount == 1)
        try test.provider.closeSession(2)
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.provider.closeSession(2) }
        try test.provider.closeAllSessions(0)
        for session in [0, 1, 2, 3, 4, CK_SESSION_HANDLE.max] {
            #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(session) }
        }
        #expect(try test.open() == 4)
    }

    @Test("a removed card invalidates its sessions, also when the same card is back", arguments: CardKind.allCases)
    func removal(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let (first, second) = (try test.open(), try test.open())
        test.reader.removeCard()
        try test.look()
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(first) }
        test.reader.insertCard()
        try test.look()
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(second) }
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.find(first) }
        _ = try test.state(test.open())
    }

    @Test("a card taken out and put back between two calls is another insertion, and nobody is logged in")
    func quickReinsertion() throws {
        let test = try TestProvider(.cps3)
        let session = try test.logIn()
        test.reader.removeCard()
        test.reader.insertCard()
        Thread.sleep(forTimeInterval: 0.06)
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(session) }
        #expect(try test.state(test.open()) == CKS_RO_PUBLIC_SESSION)
        #expect(try !test.reader.cardIsOpen(.cps3))
    }

    @Test("a card pulled out in the middle of a call is a removed device", arguments: CardKind.contacts)
    func removalInside(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        try test.provider.signInit(session, .rsa, key: key)
        test.reader.inject(.removeCard, at: 2)
        #expect(throws: CryptokiError.deviceRemoved) { try test.sign(session, [1]) }
        try test.look()
        #expect(throws: CryptokiError.sessionHandleInvalid) { try test.state(session) }
    }

    @Test(
        "another card in a reader that was plugged in again gets nothing of the first one", arguments: CardKind.contacts
    )
    func exchangedUnseen(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        let other = try TestReader(kind) { $0.serial = "12345678" }
        // Nobody looks into the reader meanwhile, and its count of insertions begins anew.
        let before = try test.reader.readers.states(of: [TestReader.name])
        test.reader.readers.removeReader(TestReader.name)
        test.reader.readers.addReader(TestReader.name)
        test.reader.readers.insert(other.card, into: TestReader.name)
        #expect(try test.reader.readers.states(of: [TestReader.name]) == before)
        #expect(throws: CryptokiError.deviceRemoved) { try test.signature(session, .rsa, key, [1]) }
        let presented = test.reader.presentations.count
        #expect(throws: CryptokiError.deviceRemoved) {
            try test.provider.logIn(session, as: .user, pin: secret("1234"))
        }
        #expect(throws: CryptokiError.sessionHandleInvalid) {
            try test.provider.logIn(session, as: .user, pin: secret("1234"))
        }
        #expect(test.reader.presentations.count == presented)
        #expect(try test.provider.tokenInfo(0).serialNumber == "12345678")
        #expect(try test.provider.waitForSlotEvent(mayBlock: false) == 0)
        let fresh = try test.logIn()
        #expect(try test.signature(fresh, .rsa, test.privateKey(fresh, "AUT"), [1]).count == 256)
    }

    @Test(
        "the same card after a restart of the service needs a new login, and nothing else", arguments: CardKind.contacts
    )
    func serviceRestart(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        test.reader.inject(.restartService)
        #expect(throws: CryptokiError.deviceError) { try test.signature(session, .rsa, key, [1]) }
        test.reader.inject(.garbage([0x90, 0x00]))
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(try test.signature(session, .rsa, key, [1]).count == 256)
    }

    @Test("the user's login is that of all sessions of the token", arguments: CardKind.contacts)
    func userLogin(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let (first, second) = (try test.open(), try test.open(readWrite: true))
        try test.provider.logIn(first, as: .user, pin: secret("1234"))
        #expect(try test.state(first) == CKS_RO_USER_FUNCTIONS && test.state(second) == CKS_RW_USER_FUNCTIONS)
        #expect(throws: CryptokiError.userAlreadyLoggedIn) {
            try test.provider.logIn(second, as: .user, pin: secret("1234"))
        }
        #expect(try test.state(test.open()) == CKS_RO_USER_FUNCTIONS)
        try test.provider.logOut(second)
        #expect(try test.state(first) == CKS_RO_PUBLIC_SESSION)
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.logOut(first) }
        #expect(test.reader.presentations.count == 1)
    }

    @Test("the security officer logs in with read/write sessions only", arguments: CardKind.contacts)
    func officerLogin(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let (readOnly, readWrite) = (try test.open(), try test.open(readWrite: true))
        #expect(throws: CryptokiError.sessionReadOnlyExists) {
            try test.provider.logIn(readWrite, as: .securityOfficer, pin: secret("12345678"))
        }
        #expect(test.reader.presentations.isEmpty)
        try test.provider.closeSession(readOnly)
        try test.provider.logIn(readWrite, as: .securityOfficer, pin: secret("12345678"))
        #expect(try test.state(readWrite) == CKS_RW_SO_FUNCTIONS)
        #expect(throws: CryptokiError.sessionReadWriteSOExists) { try test.open() }
        #expect(throws: CryptokiError.userAnotherAlreadyLoggedIn) {
            try test.provider.logIn(readWrite, as: .user, pin: secret("1234"))
        }
        #expect(throws: CryptokiError.userAlreadyLoggedIn) {
            try test.provider.logIn(readWrite, as: .securityOfficer, pin: secret("12345678"))
        }
        let own = try test.find(readWrite)
        #expect(try own.allSatisfy { try test.value(readWrite, $0, CKA_PRIVATE) == [0] })
        try test.provider.logOut(readWrite)
        #expect(try test.state(readWrite) == CKS_RW_PUBLIC_SESSION)
    }

    @Test("the order of the checks: session, read-only sessions, PIN at all, who is logged in")
    func orderOfChecks() throws {
        let contactless = try TestProvider(.contactless)
        let session = try contactless.open()
        #expect(throws: CryptokiError.sessionHandleInvalid) {
            try contactless.provider.logIn(99, as: .user, pin: secret("1"))
        }
        #expect(throws: CryptokiError.sessionReadOnlyExists) {
            try contactless.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        }
        #expect(throws: CryptokiError.userPINNotInitialized) {
            try contactless.provider.logIn(session, as: .user, pin: secret("1234"))
        }
        #expect(throws: CryptokiError.userPINNotInitialized) {
            try contactless.provider.setPIN(session, old: secret("1234"), new: secret("5678"))
        }
        #expect(throws: CryptokiError.userNotLoggedIn) { try contactless.provider.logOut(session) }
        let readWrite = try contactless.open(readWrite: true)
        #expect(
            try contactless.state(session) == CKS_RO_USER_FUNCTIONS
                && contactless.state(readWrite) == CKS_RW_USER_FUNCTIONS)

        let test = try TestProvider(.cps3)
        let user = try test.logIn()
        #expect(throws: CryptokiError.sessionReadOnlyExists) {
            try test.provider.logIn(user, as: .securityOfficer, pin: secret("12345678"))
        }
    }

    @Test(
        "a PIN of a wrong length or with letters is not sent, and told apart from a wrong one",
        arguments: ["", "123", "123456789", "abcd", "12 4"])
    func notSent(pin: String) throws {
        for kind in CardKind.contacts {
            let test = try TestProvider(kind)
            let session = try test.open(readWrite: true)
            for user in [UserType.user, .securityOfficer] {
                let refusal = #expect(throws: CryptokiError.self) {
                    try test.provider.logIn(session, as: user, pin: secret(pin))
                }
                #expect(refusal == .pinLengthRange || refusal == .pinInvalid)
            }
            let setting = #expect(throws: CryptokiError.self) {
                try test.provider.setPIN(session, old: secret("1234"), new: secret(pin))
            }
            #expect(setting == .pinLengthRange || setting == .pinInvalid)
            #expect(test.reader.presentations.isEmpty && test.reader.card.state.pinTriesLeft == 3)
        }
    }

    @Test("three wrong PINs, with the tries left in the card", arguments: CardKind.contacts)
    func wrongPINs(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        let third = kind == .cps4 ? CryptokiError.pinLocked : .pinIncorrect
        for (error, left, wrong) in [
            (CryptokiError.pinIncorrect, 2, "9999"), (.pinIncorrect, 1, "9998"), (third, 0, "9997"),
            (.pinLocked, 0, "9996"),
        ] {
            #expect(throws: error) { try test.provider.logIn(session, as: .user, pin: secret(wrong)) }
            #expect(test.reader.card.state.pinTriesLeft == left)
            #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        }
        #expect(throws: CryptokiError.pinLocked) { try test.provider.logIn(session, as: .user, pin: secret("1234")) }
    }

    @Test(
        "an answer other than 9000 is no login",
        arguments: [0x6F00, 0x6D00, 0x6982, 0x6E00, 0x9001, 0x1234] as [UInt16])
    func otherAnswers(status: UInt16) throws {
        for kind in CardKind.contacts {
            let test = try TestProvider(kind)
            let session = try test.open()
            _ = try test.find(session)
            // The directory of codes is read.
            _ = try test.provider.tokenInfo(0)
            test.reader.inject(.refuse(StatusWord(rawValue: status)), at: 2)
            #expect(throws: CryptokiError.self) { try test.provider.logIn(session, as: .user, pin: secret("1234")) }
            #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION && test.reader.presentations.count == 1)
        }
    }

    @Test(
        "logging out, closing the last session and finalizing make the card forget the PIN",
        arguments: CardKind.contacts)
    func forgetting(kind: CardKind) throws {
        let endings: [(TestProvider, CK_SESSION_HANDLE) throws -> Void] = [
            { try $0.provider.logOut($1) }, { try $0.provider.closeSession($1) },
            { test, _ in try test.provider.closeAllSessions(0) },
            { test, _ in test.provider.finalize() },
        ]
        for (index, end) in endings.enumerated() {
            let test = try TestProvider(kind)
            let session = try test.logIn()
            #expect(try test.reader.cardIsOpen(kind))
            try end(test, session)
            #expect(try !test.reader.cardIsOpen(kind), "ending \(index)")
        }
    }

    @Test("a logout that did not reach the card can be made good", arguments: CardKind.contacts)
    func logoutAgain(kind: CardKind) throws {
        let endings: [(TestProvider, CK_SESSION_HANDLE) throws -> Void] = [
            { try $0.provider.logOut($1) }, { try $0.provider.closeSession($1) },
        ]
        for end in endings {
            let test = try TestProvider(kind)
            let session = try test.logIn()
            try test.reader.otherProgram().holdingCard {
                #expect(throws: CryptokiError.functionFailed) { try test.provider.logOut(session) }
            }
            #expect(try test.reader.cardIsOpen(kind))
            try end(test, session)
            #expect(try !test.reader.cardIsOpen(kind))
        }
    }

    @Test("a logout reads nothing from the card, and forgets the PIN whatever its directories say")
    func logoutReadsNothing() throws {
        // The directory of codes ends after the PIN's entry: it is read more than once.
        let test = TestProvider(try TestReader(.cps4, damage: ["0001/7001": .truncated(70)]))
        let session = try test.logIn()
        let sent = try test.reader.sent { try test.provider.logOut(session) }
        #expect(sent.isEmpty)
        #expect(try !test.reader.cardIsOpen(.cps4))
    }

    @Test("a provider that was shown no PIN leaves the card as it is")
    func leavingAlone() throws {
        let test = try TestProvider(.cps3)
        let otherProgram = try test.reader.otherProgram()
        try otherProgram.send("002000010831323334FFFFFFFF")
        let session = try test.open()
        _ = try test.find(session)
        try test.provider.closeSession(session)
        test.provider.finalize()
        #expect(try test.reader.cardIsOpen(.cps3))
    }

    @Test("the PIN is changed without a login, and nobody is logged in by that", arguments: CardKind.contacts)
    func changePIN(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        #expect(throws: CryptokiError.pinIncorrect) {
            try test.provider.setPIN(session, old: secret("9999"), new: secret("5678"))
        }
        #expect(throws: CryptokiError.pinLengthRange) {
            try test.provider.setPIN(session, old: secret("123"), new: secret("5678"))
        }
        #expect(throws: CryptokiError.pinInvalid) {
            try test.provider.setPIN(session, old: secret("1234"), new: secret("567x"))
        }
        #expect(test.reader.card.state.pinTriesLeft == 2)
        try test.provider.setPIN(session, old: secret("1234"), new: secret("5678"))
        #expect(test.reader.card.state.pin == "5678" && test.reader.card.state.pinTriesLeft == 3)
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION && !test.reader.cardIsOpen(kind))
        #expect(throws: CryptokiError.pinIncorrect) { try test.provider.logIn(session, as: .user, pin: secret("1234")) }
        try test.provider.logIn(session, as: .user, pin: secret("5678"))
    }

    @Test("a login stands when the PIN is changed, and falls when the old one was wrong", arguments: CardKind.contacts)
    func changePINWhileLoggedIn(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        try test.provider.setPIN(session, old: secret("1234"), new: secret("5678"))
        let key = try test.privateKey(session, "AUT")
        _ = try test.signature(session, .sha256, key, [1])
        #expect(throws: CryptokiError.pinIncorrect) {
            try test.provider.setPIN(session, old: secret("0000"), new: secret("4321"))
        }
        // The card has dropped its state with the wrong PIN: ours must say so.
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.signInit(session, .sha256, key: key) }
        try test.provider.logIn(session, as: .user, pin: secret("5678"))
        _ = try test.signature(session, .sha256, key, [1])
    }

    @Test("the security officer gives a new PIN and all tries, blocked or not", arguments: CardKind.contacts)
    func unblock(kind: CardKind) throws {
        for left in [0, 3] {
            let test = TestProvider(try TestReader(kind) { $0.pin.triesLeft = left })
            let session = try test.open(readWrite: true)
            #expect(throws: CryptokiError.userNotLoggedIn) {
                try test.provider.initializePIN(session, new: secret("4321"))
            }
            #expect(throws: CryptokiError.pinIncorrect) {
                try test.provider.logIn(session, as: .securityOfficer, pin: secret("00000000"))
            }
            try test.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
            #expect(throws: CryptokiError.pinLengthRange) {
                try test.provider.initializePIN(session, new: secret("123"))
            }
            try test.provider.initializePIN(session, new: secret("4321"))
            try test.provider.logOut(session)
            #expect(test.reader.card.state.pinTriesLeft == 3)
            try test.provider.logIn(session, as: .user, pin: secret("4321"))
            #expect(try test.state(session) == CKS_RW_USER_FUNCTIONS)
            #expect(throws: CryptokiError.userNotLoggedIn) {
                try test.provider.initializePIN(session, new: secret("9876"))
            }
        }
    }

    @Test("a new PIN shows in the token's flags at once", arguments: CardKind.contacts)
    func flagsAfterNewPIN(kind: CardKind) throws {
        let test = TestProvider(try TestReader(kind) { $0.pin.triesLeft = 0 })
        let session = try test.open(readWrite: true)
        try test.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        #expect(try test.tokenFlags() & CKF_USER_PIN_LOCKED != 0)
        try test.provider.initializePIN(session, new: secret("4321"))
        #expect(try test.tokenFlags() & CKF_USER_PIN_LOCKED == 0)
    }

    @Test(
        "the security officer cannot change the user's PIN by C_SetPIN, and no try is lost",
        arguments: CardKind.contacts)
    func officerSetsPIN(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open(readWrite: true)
        try test.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        for old in ["12345678", "1234"] {
            #expect(throws: CryptokiError.functionNotSupported) {
                try test.provider.setPIN(session, old: secret(old), new: secret("87654321"))
            }
        }
        #expect(throws: CryptokiError.functionNotSupported) { try test.provider.setPINFromPINPad(session) }
        #expect(test.reader.card.state.pinTriesLeft == 3 && test.reader.presentations.count == 1)
    }

    @Test("no session is opened on a CPS4 that another program keeps for itself")
    func unreachable() throws {
        let test = try TestProvider(.cps4)
        test.reader.readers.setExclusive(true, in: TestReader.name)
        #expect(throws: CryptokiError.functionFailed) { try test.open() }
        test.reader.readers.setExclusive(false, in: TestReader.name)
        _ = try test.open()
    }

    @Test("a removed card's token is at its end, and what the PIN opened is forgotten", arguments: CardKind.contacts)
    func removedToken(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let data = try test.data(session, "CPS_ACTIVITY_01_PS")
        #expect(try !test.value(session, data, CKA_VALUE).isEmpty)
        let token = try test.provider.token(0)
        let object = try #require(try token.objects([.data])[data])
        guard case .data(_, let value) = object.kind else {
            Issue.record("no data object")
            return
        }
        #expect(value.value.withLock { $0 } != nil)
        test.reader.removeCard()
        try test.look()
        #expect(token.hasDeparted && value.value.withLock { $0 } == nil)
    }

    @Test("a blocked unblocking code is locked", arguments: CardKind.contacts)
    func blockedOfficer(kind: CardKind) throws {
        let test = TestProvider(try TestReader(kind) { $0.puk.triesLeft = 0 })
        let session = try test.open(readWrite: true)
        #expect(throws: CryptokiError.pinLocked) {
            try test.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        }
    }

    @Test(
        "a reset by another program ends the login: private operations say so, and the states follow",
        arguments: CardKind.contacts)
    func reset(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        let data = try test.data(session, "CPS_ACTIVITY_01_PS")
        try test.provider.signInit(session, .sha256, key: key)
        test.reader.resetCard()
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.sign(session, [1, 2]) }
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.signInit(session, .sha256, key: key) }
        #expect(throws: CryptokiError.objectHandleInvalid) { try test.value(session, data, CKA_VALUE) }
        #expect(test.reader.presentations.count == 1)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        _ = try test.signature(session, .sha256, key, [1, 2])
        #expect(try !test.value(session, data, CKA_VALUE).isEmpty)
        #expect(test.reader.presentations.count == 2)
    }

    @Test("a reset is noticed by whatever touches the card next", arguments: CardKind.contacts)
    func resetNoticed(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        test.reader.resetCard()
        _ = try test.provider.generateRandom(session, count: 8)
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
    }

    @Test("another program's wrong PIN ends our login at the next refusal", arguments: CardKind.contacts)
    func otherProgramsPIN(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        #expect(try test.tokenFlags() & CKF_USER_PIN_COUNT_LOW == 0)
        try test.reader.otherProgram().send(kind == .cps3 ? "002000010430303030" : "012000010430303030")
        try test.provider.signInit(session, .sha256, key: key)
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.sign(session, [1]) }
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        #expect(try test.tokenFlags() & CKF_USER_PIN_COUNT_LOW != 0)
        #expect(test.reader.card.state.pinTriesLeft == 2)
    }

    @Test("the initialization string chooses what becomes of a login; the last word counts")
    func initializationString() {
        var configuration = Configuration()
        #expect(configuration.logout == .last)
        configuration.apply(initializationString: "view=browser;logout=leave")
        #expect(configuration.logout == .leave)
        configuration.apply(initializationString: "logout=never logout=reset")
        #expect(configuration.logout == .reset)
    }

    @Test(
        "logout=leave: the card keeps the code at logout, at the last close and at the end",
        arguments: CardKind.contacts)
    func leavesTheCardOpen(kind: CardKind) throws {
        var configuration = Configuration()
        configuration.logout = .leave
        let test = TestProvider(try TestReader(kind), configuration)
        let isOpen = { try SessionTests.isOpen(test.reader, kind) }
        var session = try test.logIn()
        try test.provider.logOut(session)
        #expect(try isOpen())
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        try test.provider.closeSession(session)
        #expect(try isOpen())
        session = try test.logIn()
        test.provider.finalize()
        #expect(try isOpen())
    }

    @Test("a process that ends without C_Finalize leaves a closed card", arguments: CardKind.contacts)
    func exit(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        #expect(try SessionTests.isOpen(test.reader, kind))
        test.provider.releaseCardsAtExit()
        #expect(try !SessionTests.isOpen(test.reader, kind))
        // What a program does after that, in a destructor of its own, is answered.
        #expect(throws: CryptokiError.self) { try test.provider.logIn(session, as: .user, pin: secret("1234")) }
        test.provider.finalize()
    }

    /// Whether the card counts the PIN as presented: VERIFY without a value asks for it.
    private static func isOpen(_ reader: TestReader, _ kind: CardKind) throws -> Bool {
        try reader.otherProgram().send(kind == .cps4 ? "01200001" : "0020000100") == ["9000"]
    }

    @Test("EF_ACTUA: only an update that was not finished keeps sessions from opening")
    func updates() throws {
        for (text, opens) in [("none", true), ("present", true), ("empty", false), ("malformed", false)] {
            let test = TestProvider(
                try TestReader(.cps3) { profile in
                    if let state = type(of: profile.updateLog).init(rawValue: text) { profile.updateLog = state }
                })
            #expect(test.provider.slotCount(tokenPresent: true) == 1)
            #expect(try test.provider.tokenInfo(0).serialNumber == "99213845")
            if opens {
                _ = try test.open()
            } else {
                let error = #expect(throws: CryptokiError.self) { try test.open() }
                #expect(error?.code == 0x8000_0001, "\(text)")
            }
        }
    }

    @Test("no digit of a code is in any other command", arguments: CardKind.contacts)
    func leaks(kind: CardKind) throws {
        // Digits that nothing else has by chance.
        let test = TestProvider(try TestReader(kind) { $0.pin.block = .unpadded })
        let session = try test.logIn(readWrite: true)
        for object in try test.find(session) {
            for type in [CKA_VALUE, CKA_SUBJECT, CKA_MODULUS] { _ = try? test.value(session, object, type) }
        }
        _ = try test.signature(session, .sha256, test.privateKey(session, "SIG"), [1])
        try test.provider.setPIN(session, old: secret("1234"), new: secret("77889900"))
        try test.provider.logOut(session)
        try test.provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        try test.provider.initializePIN(session, new: secret("55667788"))
        test.provider.finalize()
        for secret in ["1234", "77889900", "12345678", "55667788"] {
            #expect(test.reader.commandsLeaking(secret).isEmpty)
        }
    }

    @Test("two sessions' operations do not disturb each other, and a cancelled one is gone")
    func operationsOfSessions() throws {
        let test = try TestProvider(.cps3)
        let (first, second) = (try test.open(), try test.open())
        try test.provider.digestInit(first, Mechanism(type: CKM_SHA256))
        try test.provider.digestInit(second, Mechanism(type: CKM_SHA_1))
        #expect(throws: CryptokiError.operationActive) {
            try test.provider.digestInit(first, Mechanism(type: CKM_SHA256))
        }
        try test.provider.cancelOperations(first, CKF_DIGEST | CKF_SIGN)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.digest(first, [1]) }
        #expect(try test.digest(second, [1]).bytes.count == 20)
    }

    @Test("random bytes need no login", arguments: CardKind.allCases)
    func random(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        for count in [0, 1, 8, 33] { #expect(try test.provider.generateRandom(session, count: count).count == count) }
        #expect(throws: CryptokiError.argumentsBad) { try test.provider.generateRandom(session, count: Int.max) }
    }
}
