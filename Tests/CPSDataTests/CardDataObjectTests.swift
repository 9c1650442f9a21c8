// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@testable import CPSData

@Suite("Data objects of the card")
struct CardDataObjectTests {
    private func object(_ label: String, _ hexadecimal: String) throws -> CardDataObject {
        CardDataObject(label: label, value: try #require(Hexadecimal.decode(hexadecimal)))
    }

    private func bytes(_ tag: UInt32, _ text: String) -> [UInt8] { BERTLV.encode(tag: tag, Array(text.utf8)) }

    // MARK: Activities

    @Test("An activity's tags are those that the agency's samples read")
    func activity() throws {
        let value = BERTLV.encode(
            tag: 0xEE, parts: [bytes(0x84, "HOPITAL GENERIQUE"), bytes(0x85, "10B0307377"), bytes(0x86, "SA01")])
        let activity = try #require(Activity(CardDataObject(label: "CPS_ACTIVITY_03_PS", value: value)))
        #expect(activity.number == 3)
        #expect(activity.structureName == "HOPITAL GENERIQUE")
        #expect(activity.structureIdentifier?.kind.code == "1")
        #expect(activity.structureIdentifier?.kind.meaning?.english == "FINESS number")
        #expect(activity.structureIdentifier?.number == "0B0307377")
        #expect(activity.sector?.code == "SA01")
        #expect(activity.sector?.meaning?.english == "public health establishment")
        #expect(activity.exerciseMode == nil)
    }

    @Test("An empty activity is called so, and one that makes no sense too")
    func emptyActivity() throws {
        let empty = try #require(Activity(object("CPS_ACTIVITY_03_PS", "00 00 00 00 00 00")))
        #expect(empty.number == 3 && empty.state == .empty)
        let hollow = try #require(Activity(object("CPS_ACTIVITY_03_PS", "EE 04 84 00 85 00")))
        #expect(hollow.state == .empty)
        let rubbish = try #require(Activity(object("CPS_ACTIVITY_04_PS", "84 FF 12 34")))
        #expect(rubbish.state == .unreadable)
        #expect(try Activity(object("CPS_ACTIVITY_05_PS", "EE 03 84 01 41"))?.state == .described)
        #expect(Activity(unreadable: "CPS_ACTIVITY_06_PS")?.state == .unreadable)
        #expect(Activity(unreadable: "CPS_NAME_PS") == nil)
    }

    @Test("ISO 8859-15 has the letters that 8859-1 lacks, and French texts in 8859-1 are the same in it")
    func latin9() throws {
        #expect(try object("CPS_NAME_PS", "E1 06 82 04 43 BC 55 52").fields.first?.text == "CŒUR")
        #expect(try object("CPS_NAME_PS", "E1 06 82 04 4F BD E9 A4").fields.first?.text == "Oœé€")
        #expect(try object("CPS_NAME_PS", "E1 07 82 05 46 52 C9 C7 41").fields.first?.text == "FRÉÇA")
    }

    @Test("A sector is spelt out; filling behind the object is nothing")
    func sector() throws {
        let value = BERTLV.encode(tag: 0xEE, parts: [bytes(0x86, "SA07")]) + [0, 0, 0]
        let object = CardDataObject(label: "CPS_ACTIVITY_01_PS", value: value)
        #expect(Activity(object)?.sector?.meaning?.french == "Cabinet individuel")
        #expect(object.fields.count == 1)
    }

    @Test("Without its tag the sector is what comes last")
    func sectorAtTheEnd() throws {
        let value = BERTLV.encode(tag: 0xEE, parts: [bytes(0x84, "A"), bytes(0x99, "SA01")])
        #expect(Activity(CardDataObject(label: "CPS_ACTIVITY_01_PS", value: value))?.sector?.code == "SA01")
    }

    @Test("A field that nobody has described is kept, and so is its tag")
    func unknownField() throws {
        let object = try object("CPS_ACTIVITY_16_PS", "EE 0C 82 02 FF 01 84 01 41 5F 50 02 48 69")
        #expect(object.unknownFields.map(\.path) == ["EE/82", "EE/5F50"])
        #expect(object.unknownFields.map(\.hexadecimal) == ["FF 01", "48 69"])
        #expect(object.unknownFields.map(\.text) == ["ÿ\u{1}", "Hi"].map { $0 == "Hi" ? $0 : nil })
        #expect(Activity(object)?.structureName == "A")
    }

    @Test("A mode of exercise is guessed where one field fits, and said to be guessed")
    func exerciseMode() throws {
        let one = BERTLV.encode(tag: 0xEE, parts: [bytes(0x81, "01"), bytes(0x86, "SA07")])
        let object = CardDataObject(label: "CPS_ACTIVITY_01_PS", value: one)
        #expect(Activity(object)?.exerciseMode?.code == "01")
        #expect(object.field(.exerciseMode)?.isInferred == true)
        let two = BERTLV.encode(tag: 0xEE, parts: [bytes(0x81, "01"), bytes(0x82, "00"), bytes(0x86, "SA07")])
        #expect(Activity(CardDataObject(label: "CPS_ACTIVITY_01_PS", value: two))?.exerciseMode == nil)
    }

    @Test(
        "Numbers are those of the labels",
        arguments: ["CPS_ACTIVITY_1_PS", "CPS_ACTIVITY_00_PS", "CPS_ACTIVITY_+1_PS", "CPS_SIT_FACT"])
    func noActivity(label: String) {
        #expect(Activity(CardDataObject(label: label, value: [])) == nil)
    }

    // MARK: The other objects

    @Test("The speciality is the end of CPS_INFO_PS; an RPPS number is known by its form")
    func information() throws {
        let value = BERTLV.encode(
            tag: 0xEE,
            parts: [
                bytes(0x80, "899700735741"), bytes(0x81, "DUPONT"), bytes(0x82, "Zoé"), bytes(0x83, "10"),
                bytes(0x84, "SM26"),
            ])
        let object = CardDataObject(label: "CPS_INFO_PS", value: value)
        let holder = CardHolder(certificate: nil, objects: [object])
        #expect(holder.identifier?.kind.meaning?.french == "numéro RPPS")
        #expect(holder.identifier?.number == "99700735741")
        #expect(holder.familyName == "DUPONT")
        #expect(holder.givenName == "Zoé")
        #expect(holder.profession?.meaning?.english == "doctor")
        #expect(holder.speciality?.meaning?.english == "qualified in general medicine")
        #expect(object.unknownFields.isEmpty)
        #expect(object.field(.speciality)?.isInferred == false)
        #expect(object.field(.familyName)?.isInferred == true)
    }

    @Test("A speciality has four characters, or is known to the table", arguments: ["SM00", "SCD01", "C07", "DSM213"])
    func speciality(code: String) {
        let value = BERTLV.encode(tag: 0xEE, parts: [bytes(0x83, "40"), bytes(0x84, code)])
        let object = CardDataObject(label: "CPS_INFO_PS", value: value)
        #expect(object.text(.speciality) == code)
        #expect(object.text(.profession) == "40")
    }

    @Test("The end of CPS_INFO_PS that is no speciality stays as it is", arguments: ["80", "SCD99", "C1234"])
    func noSpeciality(code: String) {
        let value = BERTLV.encode(tag: 0xEE, parts: [bytes(0x83, "40"), bytes(0x84, code)])
        #expect(CardDataObject(label: "CPS_INFO_PS", value: value).field(.speciality) == nil)
    }

    @Test(
        "Days of validity are known as digits and as binary-coded digits",
        arguments: ["8404 20240101 8504 20341231", "8408 3230323430313031 8508 3230333431323331"])
    func validity(fields: String) throws {
        let object = try object("CPS_ID_CARD", fields)
        let card = CardDescription(tokenLabel: nil, certificate: nil, objects: [object])
        #expect(card.validFrom?.iso8601 == "2024-01-01")
        #expect(card.validUntil?.french == "31/12/2034")
    }

    @Test(
        "Three dates, or two in the wrong order, are not guessed at",
        arguments: [
            "8404 20240101 8504 20341231 8604 20350101", "8404 20341231 8504 20240101", "8404 20240101 8504 20341331",
        ])
    func noValidity(fields: String) throws {
        let object = try object("CPS_ID_CARD", fields)
        #expect(CardDescription(tokenLabel: nil, certificate: nil, objects: [object]).validUntil == nil)
        #expect(object.unknownFields.count >= 2)
    }

    @Test(
        "The card's number is that of its label",
        arguments: [("CPS3v3-2600971845", "2600971845"), ("CPS4-1", nil), ("", nil), ("2600971845", "2600971845")]
            as [(String, String?)])
    func number(label: String, number: String?) {
        #expect(CardDescription(tokenLabel: label, certificate: nil, objects: []).number == number)
    }

    @Test("Text is UTF-8, or Latin-1; what has control characters is none")
    func texts() {
        let text = { (bytes: [UInt8]) in DataField(tags: [0x80], bytes: bytes).text }
        #expect(text(Array("Médecin".utf8)) == "Médecin")
        #expect(text([0x4D, 0xE9, 0x64]) == "Méd")
        #expect(text([0x41, 0x1B, 0x5B]) == nil)
        #expect(text([0x41, 0x9B, 0x5B]) == nil)
        #expect(text(Array("a\u{202E}b".utf8)) == nil)
        #expect(text([]) == nil)
    }

    // MARK: Hostile bytes

    @Test("No bytes are lost and none make it stop", arguments: 0..<400)
    func anyBytes(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let random = { () -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let interesting: [UInt8] = [
            0xEE, 0x30, 0x84, 0x85, 0x86, 0x80, 0x81, 0x82, 0x83, 0x04, 0x00, 0xFF, 0x1F, 0x9F, 0x7F,
        ]
        let bytes = (0..<(seed % 97)).map { _ in
            random() & 1 == 0 ? random() : interesting[Int(random()) % interesting.count]
        }
        let hints = CardDataObject.Hints(
            cardNumber: "",
            certificate: HolderCertificate(subject: [("CN", ""), ("title", "x")], issuer: nil, encoding: bytes))
        for label in [
            "CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS", "CPS_ACTIVITY_07_PS", "CPS_SIT_FACT", "",
        ] {
            let object = CardDataObject(label: label, value: bytes, hints: hints)
            let kept = object.fields.reduce(0) { $0 + $1.bytes.count }
            #expect(kept <= bytes.count)
            #expect(
                object.fields.isEmpty == bytes.allSatisfy { $0 == 0 }
                    || object.fields.isEmpty == bytes.allSatisfy { $0 == 0xFF })
            _ = CardHolder(certificate: hints.certificate, objects: [object])
            _ = CardDescription(
                tokenLabel: String(decoding: bytes, as: UTF8.self), certificate: hints.certificate, objects: [object])
            _ = Activity(object)
        }
    }

    @Test("An object of many levels is cut where no real one goes on")
    func deep() {
        var value: [UInt8] = [0x80, 0x01, 0x41]
        for _ in 0..<2000 { value = BERTLV.encode(tag: 0xE1, value) }
        let fields = CardDataObject(label: "CPS_SIT_FACT", value: value).fields
        #expect(fields.count == 1)
        #expect(fields.first?.tags.count == 9)
    }

    @Test("What breaks off in the middle is kept as it is")
    func truncated() throws {
        let object = try object("CPS_ACTIVITY_01_PS", "EE 20 84 05 41 42")
        #expect(object.fields.map(\.hexadecimal) == ["EE 20 84 05 41 42"])
        #expect(object.fields.map(\.path) == [""])
        let behind = try object2("CPS_ACTIVITY_01_PS", "EE 03 84 01 41 77 99 12")
        #expect(behind.fields.map(\.hexadecimal) == ["41", "77 99 12"])
    }

    private func object2(_ label: String, _ hexadecimal: String) throws -> CardDataObject {
        try object(label, hexadecimal)
    }
}
