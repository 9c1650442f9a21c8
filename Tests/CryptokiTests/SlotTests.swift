// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// Slots and tokens (PKCS#11 3.1 §5.5).
@Suite struct SlotTests {
    @Test("slots are listed and described without a command", arguments: CardKind.allCases)
    func noCommands(kind: CardKind) throws {
        let test = try TestProvider(kind)
        #expect(test.provider.slotCount(tokenPresent: true) == 1)
        #expect(try test.provider.slotList(tokenPresent: false, capacity: 1) == [0])
        let info = try test.provider.slotInfo(0)
        #expect(info.description == TestReader.name)
        #expect(info.flags == CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | CKF_TOKEN_PRESENT)
        #expect(try !test.provider.mechanisms(0).isEmpty)
        #expect(throws: CryptokiError.noEvent) { try test.provider.waitForSlotEvent(mayBlock: false) }
        #expect(test.reader.commands.isEmpty)
    }

    @Test("an empty slot is a slot; a number of none is not")
    func emptySlot() throws {
        let provider = Provider(readers: InProcessReaders(["A", "B"]))
        #expect(provider.slotCount(tokenPresent: false) == 2 && provider.slotCount(tokenPresent: true) == 0)
        #expect(try provider.slotInfo(1).flags == CKF_REMOVABLE_DEVICE | CKF_HW_SLOT)
        #expect(throws: CryptokiError.tokenNotPresent) { try provider.tokenInfo(0) }
        #expect(throws: CryptokiError.tokenNotPresent) { try provider.openSession(1, readWrite: false) }
        #expect(throws: CryptokiError.tokenNotPresent) { try provider.mechanisms(1) }
        for id in [2, 99, CK_SLOT_ID.max] {
            #expect(throws: CryptokiError.slotIDInvalid) { try provider.slotInfo(id) }
            #expect(throws: CryptokiError.slotIDInvalid) { try provider.tokenInfo(id) }
            #expect(throws: CryptokiError.slotIDInvalid) { try provider.closeAllSessions(id) }
        }
    }

    @Test("without a service there are no slots; with one there are")
    func noService() throws {
        let readers = InProcessReaders()
        readers.setServiceRunning(false)
        let provider = Provider(readers: readers)
        #expect(provider.slotCount(tokenPresent: false) == 0)
        #expect(throws: CryptokiError.slotIDInvalid) { try provider.slotInfo(0) }
        readers.setServiceRunning(true)
        #expect(provider.slotCount(tokenPresent: false) == 1)
    }

    @Test("a reader keeps its number when it is unplugged and plugged in again, and new ones get new numbers")
    func numbers() throws {
        let readers = InProcessReaders(["A", "B"])
        let provider = Provider(readers: readers)
        #expect(try provider.slotList(tokenPresent: false, capacity: 9) == [0, 1])
        readers.removeReader("A")
        readers.addReader("C")
        #expect(try provider.slotList(tokenPresent: false, capacity: 9).contains(2))
        #expect(try provider.slotInfo(1).description == "B" && provider.slotInfo(2).description == "C")
        #expect(try provider.slotInfo(0).flags & CKF_TOKEN_PRESENT == 0)
        readers.addReader("A")
        readers.insert(try TestReader(.cps4).card, into: "A")
        #expect(try provider.slotList(tokenPresent: true, capacity: 9) == [0])
        #expect(try provider.tokenInfo(0).serialNumber == "99214001")
    }

    @Test("of two looks into a reader the later one counts, whichever is noted first")
    func looks() throws {
        let test = try TestProvider(.cps4)
        let slot = try test.provider.slot(0)
        let (earlier, later) = (Slot.numberForLook(), Slot.numberForLook())
        slot.note(ReaderState(presence: .noCard, eventCount: 7), ofLook: later)
        let card = ReaderState.Presence.card(atr: test.reader.card.atr)
        slot.note(ReaderState(presence: card, eventCount: 6), ofLook: earlier)
        #expect(!slot.isTokenPresent)
        slot.note(ReaderState(presence: card, eventCount: 8), ofLook: Slot.numberForLook())
        #expect(slot.isTokenPresent)
    }

    @Test("a card that is inserted later is there; a removed one is not")
    func insertion() throws {
        let test = try TestProvider(.cps4)
        test.reader.removeCard()
        #expect(test.provider.slotCount(tokenPresent: true) == 0)
        test.reader.insertCard()
        #expect(test.provider.slotCount(tokenPresent: true) == 1)
        #expect(try test.provider.tokenInfo(0).label == "CPS4v1-2600000004")
        test.reader.removeCard()
        #expect(throws: CryptokiError.tokenNotPresent) { try test.provider.tokenInfo(0) }
        #expect(try test.provider.slotInfo(0).flags & CKF_TOKEN_PRESENT == 0)
    }

    @Test("a card that came between the count and the list does not make the buffer too small")
    func announcedList() throws {
        let readers = InProcessReaders(["A", "B"])
        let provider = Provider(readers: readers)
        readers.insert(try TestReader(.cps3).card, into: "B")
        #expect(provider.slotCount(tokenPresent: true) == 1)
        readers.insert(try TestReader(.cps4).card, into: "A")
        #expect(try provider.slotList(tokenPresent: true, capacity: 1) == [1])
        #expect(try provider.slotList(tokenPresent: true, capacity: 2) == [0, 1])
        #expect(throws: CryptokiError.bufferTooSmall(needed: 2)) {
            try provider.slotList(tokenPresent: true, capacity: 0)
        }
        #expect(throws: CryptokiError.bufferTooSmall(needed: 2)) {
            try provider.slotList(tokenPresent: false, capacity: 1)
        }
        readers.removeCard(from: "A")
        #expect(try provider.slotList(tokenPresent: true, capacity: 5) == [1])
    }

    @Test(
        "a foreign card is no token and gets no command at all, and the slot goes on working",
        arguments: [
            "3B 75 13 00 00 46 09 EA 90 00", "3B 75 13 00 00 9C 02 02 01 02", "3B 65 00 00 20 63 CB 68 00",
            "3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 01",
        ])
    func foreignCard(atr: String) throws {
        let readers = InProcessReaders(["A"])
        let foreign = ForeignCard(atr: hex(atr), transport: .t0)
        readers.insert(foreign, into: "A")
        let provider = Provider(readers: readers)
        try expectNoToken(in: 0, of: provider)
        #expect(foreign.commandCount == 0 && readers.exchanges.isEmpty)
        readers.insert(try TestReader(.cps3).card, into: "A")
        #expect(try provider.tokenInfo(0).serialNumber == "99213845")
        provider.finalize()
        #expect(foreign.commandCount == 0)
    }

    @Test("a card that does not answer is not recognised")
    func muteCard() throws {
        let readers = InProcessReaders(["A"])
        readers.insert(nil, into: "A")
        try expectNoToken(in: 0, of: Provider(readers: readers))
    }

    private func expectNoToken(in slot: CK_SLOT_ID, of provider: Provider) throws {
        #expect(provider.slotCount(tokenPresent: false) == 1 && provider.slotCount(tokenPresent: true) == 0)
        #expect(try provider.slotInfo(slot).flags == CKF_REMOVABLE_DEVICE | CKF_HW_SLOT)
        #expect(throws: CryptokiError.tokenNotRecognized) { try provider.tokenInfo(slot) }
        #expect(throws: CryptokiError.tokenNotRecognized) { try provider.openSession(slot, readWrite: false) }
        #expect(throws: CryptokiError.tokenNotPresent) { try provider.mechanisms(slot) }
        #expect(throws: CryptokiError.tokenNotPresent) { try provider.mechanismInfo(slot, CKM_RSA_PKCS) }
    }

    @Test("a card that is no token comes and goes without an event; a token, and the reader itself, with one")
    func foreignCardEvents() throws {
        let readers = InProcessReaders(["A"])
        let provider = Provider(readers: readers)
        func event() throws -> CK_SLOT_ID? {
            do throws(CryptokiError) {
                return try provider.waitForSlotEvent(mayBlock: false)
            } catch .noEvent {
                return nil
            }
        }
        #expect(try event() == nil)
        let foreign = ForeignCard(atr: hex("3B 75 13 00 00 46 09 EA 90 00"), transport: .t0)
        for card in [foreign, nil] as [ForeignCard?] {
            readers.insert(card, into: "A")
            #expect(try event() == nil)
            readers.removeCard(from: "A")
            #expect(try event() == nil)
        }
        readers.insert(try TestReader(.cps3).card, into: "A")
        #expect(try event() == 0)
        readers.insert(foreign, into: "A")
        #expect(try event() == 0)
        readers.removeReader("A")
        #expect(try event() == 0)
        #expect(try event() == nil)
    }

    @Test("with a Vitale card in the first slot the CPS card is the first token", arguments: CardKind.contacts)
    func besideVitale(kind: CardKind) throws {
        let readers = InProcessReaders(["A", "B"])
        readers.insert(ForeignCard(atr: hex("3B 75 13 00 00 46 09 EA 90 00"), transport: .t0), into: "A")
        readers.insert(try TestReader(kind).card, into: "B")
        let provider = Provider(readers: readers)
        #expect(provider.slotCount(tokenPresent: true) == 1)
        #expect(try provider.slotList(tokenPresent: true, capacity: 1) == [1])
        #expect(try provider.slotList(tokenPresent: false, capacity: 2) == [0, 1])
    }

    @Test("a card with our answer to reset and another's number is not recognised")
    func otherIssuer() throws {
        let test = TestProvider(try TestReader(.cps3, damage: ["D003": .overwritten(offset: 2, [0x99])]))
        #expect(throws: CryptokiError.tokenNotRecognized) { try test.provider.tokenInfo(0) }
        #expect(throws: CryptokiError.tokenNotRecognized) { try test.open() }
    }

    @Test("a long reader name keeps its beginning and its end")
    func longName() throws {
        let name = String(repeating: "a", count: 40) + String(repeating: "z", count: 40)
        let provider = Provider(readers: InProcessReaders([name, String(repeating: "b", count: 64)]))
        #expect(
            try provider.slotInfo(0).description == String(repeating: "a", count: 30) + "..."
                + String(repeating: "z", count: 31))
        #expect(try provider.slotInfo(1).description.count == 64)
    }

    @Test("what a token is", arguments: zip(CardKind.allCases, ["99213845", "99214001", "99214803"]))
    func tokenInfo(kind: CardKind, serialNumber: String) throws {
        let info = try TestProvider(kind).provider.tokenInfo(0)
        #expect(info.serialNumber == serialNumber && info.manufacturer == "ASIP SANTE" && info.model == "IAS ECC")
        #expect(info.label.hasPrefix(kind == .cps4 ? "CPS4v1-" : "CPS3v3-"))
        #expect(info.minimumPINLength == 4 && info.maximumPINLength == (kind == .cps3 ? 4 : 8))
        let always = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED
        #expect(info.flags == (kind == .contactless ? always : always | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED))
    }

    private static let userFlags = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED
    private static let officerFlags = CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED

    @Test(
        "the flags tell the tries left of the PIN",
        arguments: [
            (3, 0), (2, CKF_USER_PIN_COUNT_LOW), (1, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY),
            (0, CKF_USER_PIN_LOCKED),
        ] as [(Int, CK_FLAGS)])
    func userCounter(left: Int, flags: CK_FLAGS) throws {
        for kind in CardKind.contacts {
            let test = TestProvider(try TestReader(kind) { $0.pin.triesLeft = left })
            #expect(try test.tokenFlags() & (Self.userFlags | Self.officerFlags) == flags)
            #expect(test.reader.presentations.isEmpty && test.reader.card.state.pinTriesLeft == left)
        }
    }

    @Test(
        "the flags tell the tries and uses left of the unblocking code",
        arguments: [
            (.cps3, 10, 100, 0), (.cps3, 9, 100, CKF_SO_PIN_COUNT_LOW),
            (.cps3, 1, 100, CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY),
            (.cps3, 0, 100, CKF_SO_PIN_LOCKED), (.cps3, 10, 0, CKF_SO_PIN_LOCKED), (.cps4, 3, 100, 0),
            (.cps4, 2, 100, CKF_SO_PIN_COUNT_LOW), (.cps4, 1, 100, CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY),
            (.cps4, 0, 100, CKF_SO_PIN_LOCKED),
        ] as [(CardKind, Int, Int, CK_FLAGS)])
    func officerCounter(kind: CardKind, left: Int, uses: Int, flags: CK_FLAGS) throws {
        let test = TestProvider(
            try TestReader(kind) {
                $0.puk.triesLeft = left
                $0.puk.usesLeft = uses
            })
        #expect(try test.tokenFlags() & (Self.userFlags | Self.officerFlags) == flags)
    }

    @Test(
        "the flags follow each presentation, and a login on CPS4 does not look like a blocked PIN",
        arguments: CardKind.contacts)
    func countersFollow(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        let expected: [CK_FLAGS] = [
            CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED,
        ]
        for (flags, wrong) in zip(expected, ["0000", "0001"]) {
            #expect(throws: CryptokiError.pinIncorrect) {
                try test.provider.logIn(session, as: .user, pin: secret(wrong))
            }
            #expect(try test.tokenFlags() & Self.userFlags == flags)
        }
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        #expect(try test.tokenFlags() & Self.userFlags == 0)
        try test.provider.logOut(session)
        for wrong in ["0000", "0001", "0002"] {
            #expect(throws: CryptokiError.self) { try test.provider.logIn(session, as: .user, pin: secret(wrong)) }
        }
        #expect(try test.tokenFlags() & Self.userFlags == expected.last)
    }

    @Test("the counters are read once for many questions", arguments: CardKind.contacts)
    func polling(kind: CardKind) throws {
        let test = try TestProvider(kind)
        _ = try test.tokenFlags()
        let sent = try test.reader.sent { for _ in 0..<50 { _ = try test.tokenFlags() } }
        #expect(sent.isEmpty)
    }

    @Test("the mechanisms are what each card can do, with true flags")
    func mechanisms() throws {
        let digests = [CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512]
        let messages = [
            CKM_SHA1_RSA_PKCS, CKM_SHA224_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS,
        ]
        let pss = [CKM_RSA_PKCS_PSS, CKM_SHA1_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS]
        let expected: [CardKind: [CK_MECHANISM_TYPE]] = [
            .cps3: digests + [CKM_RSA_PKCS] + messages, .cps4: digests + [CKM_RSA_PKCS] + messages + pss,
            .contactless: digests + [CKM_RSA_PKCS],
        ]
        for kind in CardKind.allCases {
            let provider = try TestProvider(kind).provider
            #expect(try provider.mechanisms(0) == expected[kind])
            for type in try provider.mechanisms(0) {
                let info = try provider.mechanismInfo(0, type)
                guard !digests.contains(type) else {
                    #expect(info == MechanismInfo(minimumKeySize: 0, maximumKeySize: 0, flags: CKF_DIGEST))
                    continue
                }
                #expect(info.flags & (CKF_HW | CKF_SIGN | CKF_VERIFY) == CKF_HW | CKF_SIGN | CKF_VERIFY)
                #expect((info.flags & CKF_DECRYPT != 0) == (type == CKM_RSA_PKCS && kind != .contactless))
            }
            #expect(throws: CryptokiError.mechanismInvalid) { try provider.mechanismInfo(0, CKM_RSA_X_509) }
            #expect(throws: CryptokiError.mechanismInvalid) { try provider.mechanismInfo(0, CKM_RSA_PKCS_KEY_PAIR_GEN) }
        }
        let provider = try TestProvider(.cps3).provider
        #expect(throws: CryptokiError.mechanismInvalid) { try provider.mechanismInfo(0, CKM_RSA_PKCS_PSS) }
    }

    @Test("two cards are two tokens, also with the same number")
    func twoCards() throws {
        let readers = InProcessReaders(["A", "B"])
        let (one, two) = (try TestReader(.cps3), try TestReader(.cps3))
        readers.insert(one.card, into: "A")
        readers.insert(two.card, into: "B")
        let provider = Provider(readers: readers)
        let (first, second) = (
            try provider.openSession(0, readWrite: false), try provider.openSession(1, readWrite: false)
        )
        try provider.logIn(first, as: .user, pin: secret("1234"))
        #expect(try provider.sessionInfo(first).state == CKS_RO_USER_FUNCTIONS)
        #expect(try provider.sessionInfo(second).state == CKS_RO_PUBLIC_SESSION)
        readers.removeCard(from: "A")
        #expect(try provider.slotInfo(0).flags & CKF_TOKEN_PRESENT == 0)
        #expect(throws: CryptokiError.sessionHandleInvalid) { try provider.sessionInfo(first) }
        #expect(try provider.sessionInfo(second).slotID == 1)
    }

    @Test("a card that another program holds for itself is a fixed error, and slots are still described")
    func exclusive() throws {
        let test = try TestProvider(.cps3)
        test.reader.readers.setExclusive(true, in: TestReader.name)
        #expect(throws: CryptokiError.functionFailed) { try test.provider.tokenInfo(0) }
        #expect(try test.provider.slotInfo(0).flags & CKF_TOKEN_PRESENT != 0)
        test.reader.readers.setExclusive(false, in: TestReader.name)
        _ = try test.provider.tokenInfo(0)
    }
}

/// Something that may block, on a thread of its own: the threads of tasks are as
/// many as the processors, and blocking them stops all tests.
final class Background<Value: Sendable>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var value: Result<Value, any Error>?

    init(_ body: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread {
            self.value = Result { try body() }
            self.done.signal()
        }
    }

    /// Waits for the end, at most a minute.
    func result() throws -> Value {
        guard done.wait(timeout: .now() + 60) == .success, let value else { throw CryptokiError.functionFailed }
        return try value.get()
    }
}

/// Waiting for slot events (PKCS#11 3.1 §5.5.4).
@Suite(.timeLimit(.minutes(5))) struct SlotEventTests {
    @Test("what is there at first is no event; each change is one, once")
    func events() throws {
        let test = try TestProvider(.cps3)
        func none() { #expect(throws: CryptokiError.noEvent) { try test.provider.waitForSlotEvent(mayBlock: false) } }
        none()
        test.reader.removeCard()
        #expect(try test.provider.waitForSlotEvent(mayBlock: false) == 0)
        none()
        test.reader.insertCard()
        #expect(try test.provider.waitForSlotEvent(mayBlock: true) == 0)
        none()
        test.reader.readers.addReader("second")
        #expect(try test.provider.waitForSlotEvent(mayBlock: false) == 1)
        test.reader.readers.removeReader("second")
        #expect(try test.provider.waitForSlotEvent(mayBlock: false) == 1)
        none()
        #expect(test.reader.commands.isEmpty)
    }

    @Test("an event that another function noticed first is still told")
    func noticedElsewhere() throws {
        let test = try TestProvider(.cps3)
        _ = test.provider.slotCount(tokenPresent: true)
        test.reader.removeCard()
        try test.look()
        #expect(try test.provider.waitForSlotEvent(mayBlock: false) == 0)
    }

    @Test("an insertion wakes a waiting thread")
    func wake() throws {
        let test = try TestProvider(.cps3)
        test.reader.removeCard()
        let provider = test.provider
        #expect(throws: CryptokiError.noEvent) { try provider.waitForSlotEvent(mayBlock: false) }
        let waiting = Background { try provider.waitForSlotEvent(mayBlock: true) }
        Thread.sleep(forTimeInterval: 0.05)
        test.reader.insertCard()
        #expect(try waiting.result() == 0)
    }

    /// pcscd refuses the whole question if one of the names is of no reader.
    @Test("a wait asks for no reader that was unplugged")
    func unplugged() throws {
        let readers = WatchedReaders(InProcessReaders(["A", "B"]))
        let provider = Provider(readers: readers)
        #expect(provider.slotCount(tokenPresent: false) == 2)
        readers.readers.removeReader("A")
        #expect(provider.slotCount(tokenPresent: true) == 0)
        provider.waitForChange(milliseconds: 0)
        #expect(readers.asked == [["B"]])
    }

    @Test("finalizing from another thread ends the wait")
    func cancel() throws {
        let provider = try TestProvider(.cps3).provider
        let waiting = Background { try provider.waitForSlotEvent(mayBlock: true) }
        Thread.sleep(forTimeInterval: 0.05)
        provider.finalize()
        #expect(throws: CryptokiError.cryptokiNotInitialized) { try waiting.result() }
        #expect(throws: CryptokiError.cryptokiNotInitialized) { try provider.waitForSlotEvent(mayBlock: true) }
    }
}

/// Readers that keep for which of them a wait asked. For one thread.
private final class WatchedReaders: ReaderService, @unchecked Sendable {
    let readers: InProcessReaders
    private(set) var asked: [[String]] = []

    init(_ readers: InProcessReaders) { self.readers = readers }

    func readerNames() throws(ChannelError) -> [String] { try readers.readerNames() }
    func states(of names: [String]) throws(ChannelError) -> [ReaderState] { try readers.states(of: names) }
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) throws(ChannelError) {
        asked.append(known.map(\.reader))
        try readers.waitForChange(from: known, milliseconds: milliseconds)
    }
    func connect(to reader: String) throws(ChannelError) -> any CardChannel { try readers.connect(to: reader) }
    func cancelWaits() { readers.cancelWaits() }
    func close() { readers.close() }
}
