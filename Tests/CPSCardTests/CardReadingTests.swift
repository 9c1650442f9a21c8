// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// Whole cards read over a connection.
@Suite struct CardReadingTests {
    @Test("who a CPS3 is")
    func identityCPS3() throws {
        let read = try ReadCard(.cps3)
        #expect(read.card.model == .cps3 && read.identity.isComplete && read.contents.isComplete)
        #expect(read.identity.serialNumber.digits == "99213845")
        #expect(read.identity.tokenInfo?.label == "CPS3v3-2600000001")
        #expect(read.identity.tokenInfo?.manufacturer == "ASIP SANTE")
        #expect(read.identity.update == .neverUpdated)
        #expect(try read.userPIN.reference == 0x01 && read.puk.reference == 0x02)
    }

    @Test("who a CPS4 is, with both protocols", arguments: [TransportProtocol.t0, .t1])
    func identityCPS4(transport: TransportProtocol) throws {
        let read = try ReadCard(TestReader(.cps4, transport: transport))
        #expect(read.card.model == .cps4 && read.identity.isComplete && read.contents.isComplete)
        #expect(read.identity.serialNumber.digits == "99214001")
        #expect(read.identity.tokenInfo?.label == "CPS4v1-2600000004")
        #expect(read.pins.userPIN != nil && read.pins.puk != nil)
    }

    @Test("a contactless card has a technical key and no pins")
    func contactless() throws {
        let read = try ReadCard(.contactless)
        #expect(read.card.model == .cps3Contactless && read.identity.isComplete && read.contents.isComplete)
        #expect(read.pins.userPIN == nil && read.pins.puk == nil)
        #expect(read.contents.privateKeys.map(\.label) == ["CPS_PRIV_TECH_AUT"])
        #expect(read.contents.privateKeys.allSatisfy { !$0.isPrivate && $0.reference == 0x83 })
        #expect(read.contents.certificates.map(\.label) == ["Certificat Technique CPS"])
        #expect(
            read.contents.dataObjects.map(\.label) == [
                "CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS", "CPS_DATA",
            ])
        #expect(read.contents.dataObjects.allSatisfy { !$0.isPrivate && !$0.isModifiable })
    }

    private static let publicLabels = ["CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS", "CPS_DATA"]
    private static let activities = ["01", "03", "07"]

    @Test("what is on a CPS3: the objects of the CPS2ter volet come with the activities")
    func contentsCPS3() throws {
        let contents = try ReadCard(.cps3).contents
        #expect(contents.privateKeys.map(\.label) == ["CPS_PRIV_SIG", "CPS_PRIV_AUT"])
        #expect(contents.publicKeys.isEmpty)
        #expect(
            contents.certificates.map(\.label) == ["Certificat de Signature CPS", "Certificat d'Authentification CPS"])
        let activities = Self.activities.map { "CPS_ACTIVITY_\($0)_PS" }
        let old = ["CPS_SIT_FACT"] + Self.activities.map { "CPS2TER_ACTIVITY_\($0)_PS" }
        #expect(contents.dataObjects.map(\.label) == Self.publicLabels + activities + old)
        #expect(contents.dataObjects.filter(\.isPrivate).map(\.label) == activities + old)
        #expect(contents.dataObjects.filter(\.isModifiable).map(\.label) == ["CPS_DATA"])
        #expect(try #require(contents.dataObjects.last).place == .cps2ter(FilePath(0x4016)))
    }

    @Test("what is on a CPS4: the old volet's objects are ordinary ones")
    func contentsCPS4() throws {
        let contents = try ReadCard(.cps4).contents
        #expect(contents.publicKeys.map(\.label) == ["CPS_PUB_SIG", "CPS_PUB_AUT"])
        let labels = contents.dataObjects.map(\.label)
        #expect(
            Set(labels).count == labels.count && labels.contains("CPS_SIT_FACT") && labels.contains("CPS2TER_DIRAMO"))
        #expect(contents.dataObjects.allSatisfy { if case .application = $0.place { true } else { false } })
        #expect(contents.dataObjects.filter(\.isPrivate).count == 7)
    }

    @Test("certificates are read without the padding of their files", arguments: CardKind.allCases)
    func certificates(kind: CardKind) throws {
        let read = try ReadCard(kind)
        for certificate in read.contents.certificates {
            let bytes = try read.card.readCertificate(certificate)
            #expect(read.reader.credentials.certificates.values.contains(bytes))
        }
    }

    @Test("half of a certificate is read for its fields, and the other half when the whole is wanted")
    func halves() throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(kind)
            let object = read.contents.certificates[0]
            let once = try ReadCard(kind).sentForWhole(object)
            var start: [UInt8] = []
            let first = try read.reader.sent { start = try read.card.readCertificateFields(object) }
            #expect(X509Certificate.missingBytes(after: start) == 0 && first.count <= 5)
            let second = try read.reader.sent {
                let whole = try read.card.readCertificate(object, after: start)
                #expect(read.reader.credentials.certificates.values.contains(whole) && whole.starts(with: start))
            }
            // A SELECT more, and a READ BINARY more where a block was cut in two.
            #expect(first.count + second.count <= once + 2)
        }
    }

    @Test("a beginning that is no certificate's does not spoil the whole")
    func wrongBeginning() throws {
        let read = try ReadCard(.cps4)
        let object = read.contents.certificates[0]
        for start in [[0x30, 0x05, 0, 0], [0x04, 0x00], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            let whole = try? read.card.readCertificate(object, after: start)
            #expect(whole == nil || read.reader.credentials.certificates.values.contains(whole ?? []))
        }
        #expect(try read.reader.credentials.certificates.values.contains(read.card.readCertificate(object)))
    }

    @Test("a certificate whose signature counts unused bits is put right")
    func unusedBits() throws {
        let whole = try #require(TestReader(.cps3).credentials.certificates.first { $0.key.rawValue == "signature" })
            .value
        var damaged = whole
        // BIT STRING of 257 bytes: the signature.
        let position = try #require(
            whole.indices.dropLast(5).last { Array(whole[$0..<$0 + 4]) == [0x03, 0x82, 0x01, 0x01] })
        damaged[position + 4] = 0x03
        let read = try ReadCard(TestReader(.cps3, damage: ["0001/A001": .replaced(damaged)]))
        #expect(try read.card.readCertificate(read.contents.certificates[0]) == whole)
    }

    @Test("public values without a PIN, private ones with it", arguments: CardKind.contacts)
    func values(kind: CardKind) throws {
        let read = try ReadCard(kind)
        for object in read.contents.dataObjects {
            guard object.isPrivate else {
                #expect(try !read.card.readData(object).isEmpty, "\(object.label)")
                continue
            }
            #expect(throws: CardError.notLoggedIn, "\(object.label)") {
                try read.card.readData(object)
            }
        }
        try read.logIn()
        let values = try read.contents.dataObjects.map { try read.card.readData($0) }
        #expect(values.allSatisfy { !$0.isEmpty } && Set(values).count == values.count)
        #expect(try read.card.readData(read.data("CPS_ACTIVITY_03_PS")).first == 0xEE)
        #expect(try read.card.readData(read.data("CPS_ACTIVITY_03_PS")).suffix(4) == Array("SA01".utf8)[...])
    }

    @Test("an object of the old volet is read and the way back taken, byte for byte")
    func oldVolet() throws {
        let read = try ReadCard(.cps3)
        try read.logIn()
        let object = try read.data("CPS2TER_ACTIVITY_01_PS")
        var value: [UInt8] = []
        let sent = try read.reader.sent { value = try read.card.readData(object) }
        let size = Hexadecimal.encode([UInt8(value.count)])
        #expect(
            sent == [
                "A0A40000023F00", "A0A40000024010", sent[2], "A0B00000" + size, "00A40404088025000001FF0100",
            ])
        #expect(sent[2].hasPrefix("A0C00000"))
        let invoicing = try read.data("CPS_SIT_FACT")
        let path = try read.reader.sent { _ = try read.card.readData(invoicing) }
        #expect(path.prefix(3) == ["A0A40000023F00", "A0A40000027F01", "A0A40000024000"])
    }

    @Test("signing goes on right after an object of the old volet, read or refused")
    func wayBack() throws {
        let read = try ReadCard(.cps3)
        let object = try read.data("CPS2TER_ACTIVITY_03_PS")
        #expect(throws: CardError.self) { try read.card.readData(object) }
        try read.logIn()
        _ = try read.card.readData(object)
        let sent = try read.reader.sent { _ = try read.sign(Array("abc".utf8), .sha256, .signature) }
        #expect(sent.first == "00A4090C043F000001" && sent.count == 6)
        #expect(read.reader.presentations.count == 1)
    }

    @Test("a large file comes in the pieces that each card gives")
    func pieces() throws {
        let cps3 = try ReadCard(.cps3)
        let first = try cps3.reader.sent { _ = try cps3.card.readCertificate(cps3.contents.certificates[0]) }
        #expect(first.prefix(4) == ["00A40904063F000001A001", "00B0000000", "00B0010000", "00B0020000"])
        let cps4 = try ReadCard(.cps4)
        let second = try cps4.reader.sent { _ = try cps4.card.readCertificate(cps4.contents.certificates[0]) }
        #expect(second.prefix(3) == ["01A40800040001A001", "01B0000000", "01B0010000"])
    }

    @Test("a card is asked for its number first, and for what identifies it in few commands")
    func coldStart() throws {
        let cps3 = try TestReader(.cps3)
        _ = try cps3.connect().readIdentity()
        #expect(cps3.commands.prefix(3) == ["00A40904043F00D003", "00B000000C", "00A40904043F00D010"])
        let cps4 = try TestReader(.cps4)
        _ = try cps4.connect().readIdentity()
        // Nobody else uses the card: the applet is selected first, not after a refusal.
        #expect(cps4.commands.prefix(3) == ["01A4040C088025000001FF0100", "01A4080002D003", "01B000000C"])
        for reader in [cps3, cps4] { #expect(reader.commands.count <= 16 && reader.presentations.isEmpty) }
    }

    @Test("what EF_ACTUA says about updates")
    func updates() throws {
        func update(_ text: String) throws -> CardIdentity.UpdateState {
            let reader = try TestReader(.cps3) { profile in
                if let state = type(of: profile.updateLog).init(rawValue: text) { profile.updateLog = state }
            }
            return try reader.connect().readIdentity().update
        }
        #expect(try update("none") == .neverUpdated)
        #expect(try update("empty") == .interrupted)
        #expect(try update("malformed") == .interrupted)
        guard case .updated(let log) = try update("present") else { throw MalformedBytes.truncated }
        #expect(log.start == "20240102030405" && log.end == "20240102030506")
    }

    @Test("a serial number of another issuer is no CPS card")
    func otherIssuer() throws {
        let reader = try TestReader(.cps3, damage: ["D003": .overwritten(offset: 2, [0x99])])
        #expect(throws: CardError.notACPSCard) { try reader.connect().readIdentity() }
        let empty = try TestReader(.cps4, damage: ["D003": .truncated(0)])
        #expect(throws: CardError.notACPSCard) { try empty.connect().readIdentity() }
    }

    @Test(
        "a file that is damaged takes nothing else with it",
        arguments: [
            "2F00", "0001/5031", "0001/5032", "0001/7001", "0001/7002", "0001/7004", "0001/7005", "0001/7006",
        ])
    func damage(path: String) throws {
        for kind in CardKind.contacts {
            for damage in [0, 1, 5, 13, 30] {
                let read = try ReadCard(TestReader(kind, damage: [path: .truncated(damage)]))
                #expect(read.identity.serialNumber.digits.count == 8)
                #expect((read.identity.tokenInfo == nil) == (path == "0001/5032"))
                #expect((read.pins.userPIN == nil) == (path == "0001/7001"))
                #expect(read.contents.privateKeys.isEmpty == (path == "0001/7002"))
                #expect(read.contents.certificates.isEmpty == (path == "0001/7005"))
                #expect(read.contents.dataObjects.contains { $0.label == "CPS_ID_CARD" } == (path != "0001/7006"))
            }
        }
    }

    @Test(
        "a file of rubbish takes nothing else with it",
        arguments: [
            "2F00", "0001/5031", "0001/5032", "0001/7001", "0001/7002", "0001/7005", "0001/7006", "D010",
        ])
    func rubbish(path: String) throws {
        for byte in [0x00, 0xFF, 0x30, 0x1F, 0x84] as [UInt8] {
            let reader = try TestReader(.cps3, damage: [path: .replaced([UInt8](repeating: byte, count: 80))]) {
                profile in
                if let present = type(of: profile.updateLog).init(rawValue: "present") { profile.updateLog = present }
            }
            let read = try ReadCard(reader)
            #expect((read.identity.update == .interrupted) == (path == "D010"))
            #expect(read.contents.privateKeys.isEmpty == (path == "0001/7002"))
            #expect(read.contents.certificates.isEmpty == (path == "0001/7005"))
        }
    }

    @Test("a certificate that its file cuts off is malformed", arguments: [0, 1, 3, 4, 231, 256, 700])
    func shortCertificate(count: Int) throws {
        for kind in CardKind.contacts {
            let read = try ReadCard(TestReader(kind, damage: ["0001/A001": .truncated(count)]))
            #expect(throws: CardError.malformed(.truncated)) {
                try read.card.readCertificate(read.contents.certificates[0])
            }
            #expect(try !read.card.readCertificate(read.contents.certificates[1]).isEmpty)
        }
    }

    @Test("any answer may be rubbish: nothing traps, and the next reading is whole", arguments: CardKind.allCases)
    func rubbishAnswers(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let card = try reader.connect()
        let count = try reader.sent { _ = try card.readContents(of: card.readIdentity()) }.count
        let garbage =
            [
                [], [0x90], [0x90, 0x00], [0x61, 0x00], [0x6C, 0x00], [0xFF, 0xFF, 0x90, 0x00],
                [0x62, 0x00, 0x90, 0x00],
            ] as [[UInt8]]
        for number in 1...count {
            let bytes = garbage[number % garbage.count]
            let card = try reader.connect()
            reader.inject(.garbage(bytes), at: number)
            _ = try? card.readContents(of: card.readIdentity())
            reader.readers.clearFaults()
            let identity = try card.readIdentity()
            #expect(try identity.isComplete && card.readContents(of: identity).isComplete)
        }
    }

    @Test("random bytes come from the card, eight at a time", arguments: CardKind.allCases)
    func random(kind: CardKind) throws {
        let card = try ReadCard(kind).card
        #expect(try card.random(count: 0).isEmpty)
        for count in [1, 8, 9, 100] { #expect(try card.random(count: count).count == count) }
        #expect(try card.random(count: 32) != card.random(count: 32))
    }
}

extension ReadCard {
    /// How many commands the whole of a certificate takes.
    fileprivate func sentForWhole(_ object: CertificateObject) throws -> Int {
        try reader.sent { _ = try card.readCertificate(object) }.count
    }
}
