// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

@testable import VirtualCPS

/// What a real card would refuse, with the status word that it would give.
@Suite struct RefusalTests {
    static let login = "00 20 00 01 08 31 32 33 34 FF FF FF FF"
    static let application = "00 A4 09 0C 04 3F 00 00 01"

    @Test(
        "CPS3: commands and their status words after power-on",
        arguments: [
            // Class, instruction.
            ("80 A4 00 0C 02 3F 00", "6E00"), ("01 A4 00 0C 02 3F 00", "6881"), ("00 FF 00 00 00", "6D00"),
            ("10 A4 00 0C 02 3F 00", "6884"), ("A0 B0 00 00 10", "6E00"), ("A0 C0 00 00 10", "6E00"),
            // SELECT.
            ("00 A4 00 00 02 3F 00", "6A86"), ("00 A4 08 0C 02 2F 00", "6A86"), ("00 A4 09 0C 03 3F 00 00", "6700"),
            ("00 A4 00 0C 03 3F 00 00", "6700"), ("00 A4 09 0C 04 3F 00 99 99", "6A82"),
            ("00 A4 02 0C 02 00 01", "6A82"),
            ("00 A4 04 0C 05 A0 00 00 00 01", "6A82"), ("00 A4 03 0C 00", "6A82"),
            // READ and UPDATE BINARY without a file.
            ("00 B0 00 00 01", "6986"), ("00 D6 00 00 01 00", "6986"), ("00 B0 81 00 01", "6A82"),
            ("00 B0 80 00 01", "6A82"), ("00 B0 FC 00 01", "6A86"),
            ("00 D6 9C 00 01 00", "6A86"),
            // PIN commands.
            ("00 20 00 03 04 31 32 33 34", "6A88"), ("00 20 01 01 08 31 32 33 34 FF FF FF FF", "6A86"),
            ("00 20 00 01 01", "6700"),
            ("00 20 00 01 03 31 32 33", "63C2"), ("00 20 00 02 04 31 32 33 34", "63C9"),
            ("00 24 01 01 04 35 36 37 38", "6A86"),
            ("00 24 00 02 10 31 32 33 34 FF FF FF FF 35 36 37 38 FF FF FF FF", "6982"),
            ("00 24 00 01 07 31 32 33 34 35 36 37", "63C2"), ("00 2C 00 01 08 31 32 33 34 FF FF FF FF", "6A86"),
            ("00 2C 02 01 08 31 32 33 34 FF FF FF FF", "6982"),
            // GET DATA.
            ("00 CB 00 00 0A 4D 08 70 06 BF 81 01 02 A0 80", "6A86"),
            ("00 CB 3F FF 0A 4D 08 70 06 BF 81 03 02 A0 80", "6A88"),
            ("00 CB 3F FF 02 4D 00", "6A88"), ("00 CB 3F FF 00", "6700"),
            // GET CHALLENGE, GET RESPONSE.
            ("00 84 00 00 10", "6C08"), ("00 84 01 00 08", "6A86"), ("00 C0 00 00 10", "6985"),
            // Keys are in DF 0001 only.
            ("00 22 41 B6 06 80 01 42 84 01 81", "6A88"), ("00 22 F3 01 00", "6A86"),
            ("00 22 41 A8 03 80 01 42", "6A86"),
            // Operations without a template.
            ("00 2A 9E 9A 00", "6985"), ("00 2A 90 A0 05 90 00 80 01 61", "6985"), ("00 88 00 00 01 61", "6985"),
            ("10 2A 80 86 01 81", "6985"), ("00 2A 00 00 01 00", "6A86"), ("00 88 01 00 01 61", "6A86"),
        ])
    func afterPowerOn(command: String, answer: String) throws {
        try TestCard().expect(command, answer)
    }

    @Test(
        "CPS3: in the application's directory, after login",
        arguments: [
            // Templates: algorithm, key, fit.
            ("00 22 41 AA 03 80 01 12", "6A80"), ("00 22 41 AA 06 80 01 10 84 01 81", "6A80"),
            ("00 22 41 B6 06 80 01 10 84 01 81", "6A80"), ("00 22 41 B6 06 80 01 42 84 01 82", "6A80"),
            ("00 22 41 B6 06 80 01 42 84 01 85", "6A88"), ("00 22 41 B6 03 80 01 42", "6A80"),
            ("00 22 41 B6 06 80 01 42 83 01 81", "6A80"), ("00 22 41 A4 06 80 01 02 84 01 81", "6A80"),
            ("00 22 41 A4 06 80 01 12 84 01 82", "6A80"), ("00 22 41 A4 06 80 01 02 84 01 83", "6A88"),
            ("00 22 41 B8 06 80 01 1A 84 01 81", "6A80"), ("00 22 41 B8 06 80 01 02 84 01 82", "6A80"),
            ("00 22 41 B8 00", "6700"),
            // PIN objects are found from the MF only.
            ("00 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80", "6A88"),
        ])
    func inTheApplication(command: String, answer: String) throws {
        let card = try TestCard()
        try card.run(Self.login, Self.application)
        try card.expect(command, answer)
    }

    @Test(
        "CPS3: PSO HASH takes nothing but a plausible last round",
        arguments: [
            "05 90 00 80 00 00", "04 90 00 80 00", "03 80 01 61", "06 80 01 61 90 00 00", "05 80 01 61 90 00",
            "45 90 00 80 41" + String(repeating: "61", count: 65),
            // A state of SHA-1 for SHA-256, a count that is no multiple of 512 bits, no bits at all.
            "21 90 1C" + String(repeating: "11", count: 20) + "0000000000000200 80 01 61",
            "2D 90 28" + String(repeating: "11", count: 32) + "0000000000000201 80 01 61",
            "2D 90 28" + String(repeating: "11", count: 32) + "0000000000000000 80 01 61",
            "2D 90 28" + String(repeating: "11", count: 32) + "FFFFFFFFFFFFFE00 80 01 61",
        ])
    func hash(data: String) throws {
        let card = try TestCard()
        try card.run(Self.login, Self.application, "00 22 41 AA 03 80 01 40")
        let bytes = hex(data)
        let body = Array(bytes.dropFirst())
        #expect(card.send([0x00, 0x2A, 0x90, 0xA0, UInt8(body.count)] + body) == [0x6A, 0x80])
    }

    @Test(
        "CPS3: the hash must be of the signature's algorithm, the key needs the PIN, and the hash outlives the refusal")
    func signing() throws {
        let card = try TestCard()
        try card.run(
            Self.application, "00 22 41 AA 03 80 01 40", "00 2A 90 A0 07 90 00 80 03 61 62 63",
            "00 22 41 B6 06 80 01 42 84 01 81")
        try card.expect("00 2A 9E 9A 00", "6982")
        try card.run(Self.login)
        try card.expect("00 2A 9E 9A 00", "6100")
        try card.run("00 2A 90 A0 07 90 00 80 03 61 62 63", "00 22 41 B6 06 80 01 12 84 01 81")
        try card.expect("00 2A 9E 9A 00", "6985")
        // Another directory: the templates are gone.
        try card.run("00 22 41 A4 06 80 01 02 84 01 82", "00 A4 00 0C 02 3F 00", Self.application)
        try card.expect("00 88 00 00 01 61", "6985")
    }

    @Test("CPS3: INTERNAL AUTHENTICATE signs 102 bytes at the most")
    func internalAuthenticate() throws {
        let card = try TestCard()
        try card.run(Self.application, "00 22 41 A4 06 80 01 02 84 01 82")
        try card.expect("00 88 00 00 01 61", "6982")
        try card.run(Self.login)
        #expect(card.send([0x00, 0x88, 0x00, 0x00, 102] + [UInt8](repeating: 1, count: 102)) == [0x61, 0x00])
        #expect(card.send([0x00, 0x88, 0x00, 0x00, 103] + [UInt8](repeating: 1, count: 103)) == [0x67, 0x00])
    }

    @Test("only CPS_DATA can be written, within its size, after the PIN", arguments: ["doctor-cps3", "doctor-cps4"])
    func writing(profile: String) throws {
        let card = try TestCard(profile)
        let isCPS4 = profile == "doctor-cps4"
        let cla = isCPS4 ? "01" : "00"
        let select = isCPS4 ? "01 A4 08 0C 04 00 01" : "00 A4 09 0C 06 3F 00 00 01"
        if isCPS4 { try card.run(CPS4ExchangeTests.selectApplet) }
        try card.run("\(select) D1 07")
        try card.expect("\(cla) D6 00 00 01 AA", "6982")
        let pin = isCPS4 ? "04 31 32 33 34" : "08 31 32 33 34 FF FF FF FF"
        try card.run("\(cla) 20 00 01 \(pin)", "\(cla) D6 00 FE 02 AA BB")
        try card.expect("\(cla) B0 00 FE 02", "AA BB 90 00")
        try card.expect("\(cla) D6 00 FF 02 AA BB", "6A84")
        try card.expect("\(cla) D6 01 00 01 AA", "6B00")
        try card.run("\(select) D1 01")
        try card.expect("\(cla) D6 00 00 01 AA", "6982")
    }

    @Test(
        "CPS4: commands and their status words in the application, after login",
        arguments: [
            ("01 A4 09 04 04 3F 00 00 01", "6A86"), ("01 A4 08 08 02 00 01", "6A86"),
            ("01 A4 08 00 04 3F 00 00 01", "6A82"),
            ("01 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80 00", "6D00"), ("01 88 00 00 01 61 00", "6D00"),
            ("A0 A4 00 00 02 3F 00", "6E00"), ("01 20 00 01 00", "6700"), ("01 20 00 03", "6A88"),
            ("01 24 00 01 08 31 32 33 34 35 36 37 38", "6A86"), ("01 24 01 01 03 35 36 37", "6700"),
            ("01 24 01 01 04 41 42 43 44", "6A80"), ("01 24 01 02 04 31 32 33 34", "6A88"),
            ("01 2C 02 01 04 31 32 33 34", "6A86"), ("01 2C 03 01", "6A88"), ("01 2C 03 81", "6982"),
            ("01 22 81 B6 04 91 02 42 90", "6A80"), ("01 22 81 B6 04 91 02 28 10", "6A80"),
            ("01 22 81 B6 04 91 02 28 91", "6A88"), ("01 22 81 B6 04 91 02 28 A0", "6A80"),
            ("01 22 41 B8 03 83 01 10", "6A80"), ("01 22 41 B8 03 83 01 30", "6A88"),
            ("01 22 41 B8 03 84 01 20", "6A80"),
            ("01 22 41 B6 06 80 01 42 84 01 81", "6A86"), ("01 2A 9E 9A 14 00", "6700"), ("01 2A 90 A0 01 00", "6A86"),
            ("01 2A 9E 9A 00", "6985"), ("01 84 00 00 10", "6C08"), ("01 B0 00 00", "6700"), ("01 C0 00 00 10", "6985"),
        ])
    func chipDoc(command: String, answer: String) throws {
        let card = try TestCard("doctor-cps4")
        try card.run(CPS4ExchangeTests.selectApplet, "01 20 00 01 04 31 32 33 34", "01 A4 08 00 02 00 01")
        try card.expect(command, answer)
    }

    @Test("contactless: no PIN, no contact files, the technical key alone")
    func contactless() throws {
        let card = try TestCard("contactless")
        #expect(card.card.atr == hex("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E"))
        try card.expect(Self.login, "6982")
        try card.run("00 A4 09 0C 06 3F 00 00 01 70 01")
        try card.expect("00 B0 00 00 01", "6982")
        try card.run("00 A4 09 0C 06 3F 00 00 02 50 31")
        try card.expect("00 B0 00 00 02", "A0 0A 90 00")
        try card.expect("A0 A4 00 00 02 3F 00", "6E00")
        try card.run("00 A4 09 0C 04 3F 00 00 02", "00 22 41 A4 06 80 01 02 84 01 83")
        let signature = try card.send("00 88 00 00 03 61 62 63 00")
        #expect(
            try card.publicKey(.technical).isValidSignature(Array(signature.dropLast(2)), ofPKCS1: Array("abc".utf8)))
    }

    @Test("over contacts, the contactless files cannot be read")
    func contactlessFilesOverContacts() throws {
        let card = try TestCard()
        for path in ["00 01 71 02", "00 01 71 06", "00 02 50 31"] {
            try card.run("00 A4 09 0C 06 3F 00 \(path)")
            try card.expect("00 B0 00 00 01", "6982")
        }
    }

    @Test(
        "the CPS2ter volet has its own status words",
        arguments: [
            ("A0 A4 00 00 02 99 99", "9404"), ("A0 A4 00 04 02 3F 00", "6B00"), ("A0 A4 00 00 03 3F 00 00", "6700"),
            ("A0 B0 00 00 01", "9408"), ("A0 20 00 01 04 31 32 33 34", "6D00"), ("A0 C0 00 00 10", "6700"),
            ("00 C0 00 00 07", "6E00"),
        ])
    func oldVolet(command: String, answer: String) throws {
        let card = try TestCard()
        try card.expect("A0 A4 00 00 02 3F 00", "9F07")
        try card.expect(command, answer)
    }

    @Test("each refusal is in the log with its reason, never with a PIN")
    func log() throws {
        let card = try TestCard()
        try card.expect("00 20 00 01 08 39 38 37 36 FF FF FF FF", "63C2")
        let entry = try #require(card.card.log.last)
        #expect(entry.header == [0x00, 0x20, 0x00, 0x01])
        #expect(entry.status == StatusWord(rawValue: 0x63C2))
        #expect(entry.reason.contains("2 tries left"))
    }
}
