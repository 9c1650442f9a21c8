// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// What a refusal for want of the PIN means for a login.
@Suite struct LostLoginTests {
    @Test("a login that the CPS2ter volet loses is lost at the next signature, and the state says so")
    func forgetfulVolet() throws {
        var options = VirtualCard.Options()
        options.losesLoginInOldVolet = true
        let test = TestProvider(try TestReader(.cps3, options: options))
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        #expect(try !test.value(session, test.data(session, "CPS_SIT_FACT"), CKA_VALUE).isEmpty)
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.signature(session, .sha256, key, [1]) }
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        _ = try test.signature(session, .sha256, test.privateKey(session, "AUT"), [1])
        #expect(test.reader.presentations.count == 2)
    }

    @Test("one object that wants more than the PIN ends no login, and resets no card", arguments: CardKind.contacts)
    func refusedObject(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let activity = try test.data(session, "CPS_ACTIVITY_01_PS")
        let key = try test.privateKey(session, "AUT")
        _ = try test.signature(session, .sha256, key, [1])
        // Reading it, and once more.
        for number in [2, 4] { test.reader.inject(.refuse(.securityStatusNotSatisfied), at: number) }
        #expect(throws: CryptokiError.attributeSensitive) { try test.value(session, activity, CKA_VALUE) }
        #expect(try test.state(session) == CKS_RO_USER_FUNCTIONS)
        _ = try test.signature(session, .sha256, key, [1])
        #expect(try !test.value(session, activity, CKA_VALUE).isEmpty)
        #expect(test.reader.presentations.count == 1)
    }

    @Test("a login that the card does not know any more is lost with the object", arguments: CardKind.contacts)
    func lostWithTheObject(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let activity = try test.data(session, "CPS_ACTIVITY_01_PS")
        // A wrong PIN of another program, and no reset that would show.
        try test.reader.otherProgram().send(kind == .cps3 ? "002000010430303030" : "012000010430303030")
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.value(session, activity, CKA_VALUE) }
        #expect(try test.state(session) == CKS_RO_PUBLIC_SESSION)
    }
}
