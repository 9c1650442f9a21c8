// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import ISO7816
import Testing
import VirtualCPSTestSupport

@testable import CPSCard
@testable import Cryptoki
@testable import VirtualCPS

/// What is cached of cards, when it is believed, and when it is dropped.
@Suite("What is cached of a card")
struct CachedFilesTests {
    static let cards = ["doctor-cps3", "doctor-cps4"]

    private func paths(_ store: MemoryStore) -> Set<String> {
        Set((store.onlyRecord ?? CardRecord()).files.keys.map(\.description))
    }

    /// All that a program can read of a card.
    private func readEverything(_ program: Program) throws {
        let session = try program.open()
        try program.listObjects(session)
        _ = try program.readPublicData(session)
        let again = try program.logIn()
        _ = try program.readPublicData(again)
    }

    @Test("is never what needs the PIN, and never CPS_DATA", arguments: cards)
    func nothingPrivate(card: String) throws {
        let store = MemoryStore()
        try Bench(card, store: store).run(readEverything)
        let cached = paths(store)
        #expect(cached.contains("3F000001A002"))
        #expect(cached.contains("3F0000017006"))
        #expect(!cached.contains("3F000001D107"))
        #expect(!cached.contains { $0.hasPrefix("3F000001D12") })
        #expect(!cached.contains("3F00D010"))
        // What the card in hand is checked by is read from it.
        if card == "doctor-cps3" { #expect(!cached.contains("3F00D003")) }
    }

    /// A card may give to who has presented a code what its directory calls public; and
    /// CPS_DATA may look like all the others.
    @Test("is no value that was read while a code was presented, and no value that programs write", arguments: cards)
    func nothingReadWithAPIN(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        try bench.run { program in
            let session = try program.logIn()
            try program.write([0x30, 0x03, 0x02, 0x01, 0x07])
            #expect(try program.readPublicData(session).count > 4)
        }
        let valuesRead = paths(store).filter { $0.hasPrefix("3F000001D1") }
        #expect(valuesRead == [])
        try bench.run { _ = try $0.readPublicData($0.open()) }
        let cached = paths(store).filter { $0.hasPrefix("3F000001D1") }
        // A CPS4's stay with the card: what it is checked by may not tell of their update.
        #expect(cached.isEmpty == (card == "doctor-cps4") && !cached.contains("3F000001D107"))
    }

    @Test("is no CPS_DATA and no record of updates, whatever a directory says of them")
    func changingFiles() throws {
        let store = MemoryStore()
        let card = CardFingerprint(name: "card", state: [1])
        var cached = CachedFiles(store, card)
        cached.add([0x30, 0x00], at: FilePath(0x0001, 0xD107))
        cached.add([0x30, 0x00], at: .updateLog)
        cached.add([0x30, 0x00], at: FilePath(0x0001, 0xD101))
        cached.save()
        #expect(paths(store) == ["3F000001D101"])
        // Nor is one taken that somebody has put there.
        store.tamper { $0.files[FilePath(0x0001, 0xD107)] = [0x30, 0x00] }
        cached = CachedFiles(store, card)
        #expect(cached[FilePath(0x0001, 0xD107)] == nil && cached[FilePath(0x0001, 0xD101)] == [0x30, 0x00])
    }

    @Test("gives no whole file for a part of it, and keeps no part for the whole")
    func partsOfFiles() throws {
        let reader = try TestReader(.cps3)
        let store = MemoryStore()
        for partFirst in [true, false] {
            store.tamper { $0.files = [:] }
            let card = CPSCard(model: .cps3, store: store) { () throws(ChannelError) in
                try reader.readers.connect(to: TestReader.name)
            }
            defer { card.close() }
            let objects = try card.readDataObjects(of: card.readIdentity()).objects
            let whole = try #require(objects.first { $0.label == "CPS_ID_CARD" })
            guard case .application(.file(let path, offset: 0, count: nil)) = whole.place else {
                Issue.record("\(whole.place)")
                return
            }
            var part = whole
            part.place = .application(.file(path, offset: 2, count: 5))
            let first = try card.readData(partFirst ? part : whole)
            let second = try card.readData(partFirst ? whole : part)
            let (file, piece) = partFirst ? (second, first) : (first, second)
            #expect(file.count > 7 && piece == Array(file[2..<7]), "\(file) \(piece)")
        }
    }

    @Test("is half a certificate until a program wants the whole", arguments: cards)
    func halfACertificate(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        func cached() -> [UInt8]? { store.onlyRecord?.files.first { $0.key.description == "3F000001A002" }?.value }
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
        let half = try #require(cached())
        var value: [UInt8] = []
        for _ in 0..<2 {
            try bench.run { program in
                let session = try program.open()
                let provider = program.provider
                try provider.findObjectsInit(
                    session,
                    [
                        Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_CERTIFICATE)),
                        Attribute(type: CKA_LABEL, value: AttributeValue.text("Certificat d'Authentification CPS")),
                    ])
                let found = try provider.findObjects(session, count: 1)
                value = try provider.object(session, #require(found.first)).value(of: CKA_VALUE)
            }
        }
        let whole = try #require(cached())
        #expect(half.count < whole.count && whole.starts(with: half) && whole.starts(with: value))
    }

    @Test("gives programs the same as the card does", arguments: cards)
    func same(card: String) throws {
        let bench = try Bench(card, store: MemoryStore())
        var seen: [[String: [UInt8]]] = []
        for _ in 0..<2 { try bench.run { seen.append(try $0.readPublicData($0.open())) } }
        #expect(seen[0] == seen[1] && seen[0].count > 4)
    }

    @Test("is nothing of a contactless card, which does not tell of updates")
    func contactless() throws {
        let store = MemoryStore()
        try Bench("contactless", store: store).run { try $0.listObjects($0.open()) }
        #expect(store.onlyRecord == nil)
    }

    @Test("is not used after an update of the card")
    func updated() throws {
        let store = MemoryStore()
        let before = try Bench("doctor-cps3", store: store)
        try before.run { try $0.listObjects($0.open()) }
        let after = try Bench("doctor-cps3", store: store) { $0.updateLog = .present }
        let cold = try after.run { try $0.listObjects($0.open()) }
        #expect(cold > 30)
        #expect(try after.run { try $0.listObjects($0.open()) } < 6)
    }

    @Test("of a CPS4 is not used after an update that brings a new certificate, and leaves TokenInfo as it is")
    func renewedCPS4() throws {
        let store = MemoryStore()
        let before = try Bench("doctor-cps4", store: store)
        try before.run { try $0.listObjects($0.open()) }
        let profile = try Bench.card("doctor-cps4").profile
        var other = profile
        other.serial = "99215999"
        let renewed = try VirtualCard(
            profile: profile, credentials: CardCredentials.selfSigned(for: other), transport: .t1)
        before.readers.insert(renewed, into: Bench.reader)
        #expect(try before.run { try $0.listObjects($0.open()) } > 20)
    }

    @Test("of a CPS4 is no speciality of before an update in the field")
    func updatedCPS4() throws {
        let store = MemoryStore()
        let before = try Bench("doctor-cps4", store: store)
        var values: [String: [UInt8]] = [:]
        try before.run { values = try $0.readPublicData($0.open()) }
        let after = try Bench("doctor-cps4", store: store) { $0.holder.speciality = "SM04" }
        var updated: [String: [UInt8]] = [:]
        try after.run { updated = try $0.readPublicData($0.open()) }
        #expect(values["CPS_INFO_PS"] != updated["CPS_INFO_PS"] && values["CPS_NAME_PS"] == updated["CPS_NAME_PS"])
    }

    @Test(
        "knows a CPS4 without a serial number in TokenInfo as well as one with it",
        arguments: [TransportProtocol.t0, .t1])
    func withoutTokenSerial(transport: TransportProtocol) throws {
        var options = VirtualCard.Options()
        var counts: [Int] = []
        for hides in [false, true] {
            options.hidesSerialNumber = hides
            let bench = try Bench("doctor-cps4", store: MemoryStore(), transport: transport, options: options)
            try bench.run { try $0.listObjects($0.open()) }
            counts.append(try bench.run { try $0.listObjects($0.open()) })
        }
        // The official library takes 6.
        #expect(counts[0] == counts[1] && counts[1] < 6, "\(counts)")
    }

    @Test("knows a CPS4 whose certificate is elsewhere by its number")
    func certificateElsewhere() throws {
        let bench = try Bench("doctor-cps4", store: MemoryStore()) { $0.certificates[.authentication] = .missing }
        try bench.run { try $0.listSlots() }
        let warm = try bench.run { try $0.listSlots() }
        // The official library takes 8.
        #expect(warm < 9, "\(warm) \(bench.readers.commands.suffix(warm))")
    }

    @Test("of a CPS3's codes is not believed with other references than the family's")
    func forgedReferences() throws {
        let store = MemoryStore()
        let bench = try Bench("doctor-cps3", store: store)
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
        // The PIN would be presented as the unblocking code.
        #expect(replace([0x80, 0x01, 0x01], by: [0x80, 0x01, 0x02], in: 0x7001, store))
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
    }

    @Test("of codes costs one try at the most when it is wrong", arguments: cards)
    func forgedPINs(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
        // Another padding, or another shape of the PIN.
        if card == "doctor-cps3" {
            #expect(replace([0x04, 0x01, 0xFF], by: [0x04, 0x01, 0x00], in: 0x7001, store))
        } else {
            #expect(replace([0x80, 0x01, 0x01], by: [0x80, 0x01, 0x02], in: 0x7001, store))
        }
        try bench.run { program in
            #expect(throws: CryptokiError.pinIncorrect) { try program.logIn() }
            // The same program, and all others, read the card's own.
            _ = try program.logIn()
        }
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
    }

    @Test("is not used with another card in the reader", arguments: cards)
    func another(card: String) throws {
        let bench = try Bench(card, store: MemoryStore())
        let cold = try bench.run { try $0.listObjects($0.open()) }
        let other = card == "doctor-cps3" ? "employee" : "student"
        let stranger = try Bench.card(other)
        bench.readers.insert(stranger, into: Bench.reader)
        #expect(try bench.run { try $0.listObjects($0.open()) } > cold / 2)
    }

    @Test("is not a garbled answer, wherever one comes", arguments: cards)
    func garbled(card: String) throws {
        let wanted = try Bench(card, store: nil)
        var values: [String: [UInt8]] = [:]
        try wanted.run { values = try $0.readPublicData($0.open()) }
        let count = wanted.readers.commands.count
        for number in stride(from: 1, through: count, by: 3) {
            let bench = try Bench(card, store: MemoryStore())
            bench.readers.inject(.garbage([0x30, 0x82, 0xFF, 0x90, 0x00]), atAPDU: number, in: Bench.reader)
            _ = try? bench.run { program in
                let session = try program.open()
                _ = try? program.readPublicData(session)
                try program.listObjects(session)
            }
            bench.readers.clearFaults()
            try bench.run { program in
                #expect(try program.readPublicData(program.open()) == values, "garbled answer \(number)")
                try program.logInAndSign("CPS_PRIV_AUT")
            }
        }
    }

    @Test("is dropped when a signature does not fit to it", arguments: cards)
    func wrongCertificate(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        try bench.run { try $0.listObjects($0.open()) }
        // The signature certificate in place of the authentication certificate.
        store.tamper { $0.files[FilePath(0x0001, 0xA002)] = $0.files[FilePath(0x0001, 0xA001)] }
        try bench.run { program in
            let session = try program.logIn()
            let key = try program.key("CPS_PRIV_AUT", session)
            // The caller sees none of it.
            try program.sign(session, key)
            #expect(store.onlyRecord == nil)
        }
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
    }

    /// Directories that can be decoded and are wrong all the same: what a garbled answer
    /// can leave behind.
    private static let wrongDirectories: [(file: UInt16, right: [UInt8], wrong: [UInt8])] = [
        (0x5031, [0x70, 0x05], [0x70, 0x02]), (0x7005, [0xA0, 0x02], [0xA0, 0xF2]),
        (0x7005, [0xA0, 0x02], [0xA0, 0x01]),
    ]

    /// Replaces bytes in a file that is cached.
    /// - Returns: whether they were there.
    private func replace(_ right: [UInt8], by wrong: [UInt8], in file: UInt16, _ store: MemoryStore) -> Bool {
        var isThere = false
        store.tamper { record in
            guard let range = record.files[FilePath(0x0001, file)]?.firstRange(of: right) else { return }
            record.files[FilePath(0x0001, file)]?.replaceSubrange(range, with: wrong)
            isThere = true
        }
        return isThere
    }

    @Test("is dropped when it leads to an error, and the next program signs", arguments: cards)
    func wrongDirectories(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        for (file, right, wrong) in Self.wrongDirectories {
            try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
            #expect(replace(right, by: wrong, in: file, store), "\(file) \(right)")
            try bench.run { program in
                guard let session = try? program.logIn() else { return }
                try program.provider.findObjectsInit(session, [])
                for object in try program.provider.findObjects(session, count: 100) {
                    try? program.sign(session, object)
                }
            }
            #expect(throws: Never.self, "\(file) \(right) \(wrong)") {
                try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
            }
            store.tamper { $0.files = [:] }
        }
    }

    @Test("is dropped when it leads to an error, and the same program signs after its next search", arguments: cards)
    func healing(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
        // Another key's reference.
        let reference: ([UInt8], [UInt8]) =
            card == "doctor-cps3"
            ? ([0x02, 0x02, 0x00, 0x82], [0x02, 0x02, 0x00, 0x85]) : ([0x02, 0x01, 0x20], [0x02, 0x01, 0x25])
        #expect(replace(reference.0, by: reference.1, in: 0x7002, store))
        try bench.run { program in
            let session = try program.logIn()
            #expect(throws: CryptokiError.self) { try program.sign(session, program.key("CPS_PRIV_AUT", session)) }
            try program.sign(session, program.key("CPS_PRIV_AUT", session))
        }
    }

    @Test("is dropped when it leads nowhere, and the same program reads the card", arguments: cards)
    func missingDirectories(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        for file: UInt8 in [0x01, 0x02, 0x05] {
            try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
            #expect(replace([0x70, file], by: [0x70, 0xF0], in: 0x5031, store))
            try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
            #expect(!replace([0x70, 0xF0], by: [], in: 0x5031, store))
        }
    }

    @Test("is read from the card where it makes no sense", arguments: cards)
    func nonsense(card: String) throws {
        let store = MemoryStore()
        let bench = try Bench(card, store: store)
        try bench.run { try $0.listObjects($0.open()) }
        for junk in [[], [0x00], [0xFF, 0xFF], [0x30, 0x82], [UInt8](repeating: 0x30, count: 300)] as [[UInt8]] {
            store.tamper { record in for path in record.files.keys { record.files[path] = junk } }
            try bench.run { try $0.logInAndSign("CPS_PRIV_AUT") }
        }
    }
}
