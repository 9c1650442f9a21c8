// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing

@testable import VirtualCPS

/// The worked exchanges of cards.md §10 on a CPS3 with T=0, byte for byte.
@Suite struct CPS3ExchangeTests {
    static let fciD003 =
        "62 25 80 02 00 0C 82 01 01 83 02 D0 03 88 01 E0 A1 12 8C 07 7B FF FF FF FF FF 00 9C 07 7B FF FF FF FF FF 00 8A 01 05"

    @Test("§10.1: the cold enumeration of a real card")
    func enumeration() throws {
        let card = try TestCard()
        #expect(card.card.atr == hex("3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00"))
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        try card.expect("00 C0 00 00 27", Self.fciD003 + "9000")
        try card.expect("00 B0 00 00 0C", "5A 0A 80 25 00 00 01 99 21 38 45 0F 90 00")
        for _ in 0..<2 {
            try card.expect("00 A4 09 04 04 3F 00 2F 00", "6127")
            try card.expect(
                "00 C0 00 00 27",
                "62 25 80 02 00 65 82 01 01 83 02 2F 00 88 01 F0 A1 12 8C 07 7B 45 FF FF FF 45 00 9C 07 7B FF FF FF FF FF 00 8A 01 05 9000"
            )
        }
        #expect(try card.send("00 B0 00 00 65") == ApplicationDirectoryFile.cps3 + [0x90, 0x00])
        try card.expect("00 A4 09 04 04 3F 00 D0 10", "6A82")
        try card.expect("00 A4 09 04 04 3F 00 D0 10", "6A82")
        try card.run("00 A4 09 0C 04 3F 00 00 01")
        try card.expect("00 A4 09 04 06 3F 00 00 01 50 31", "6127")
        _ = try card.send("00 C0 00 00 27")
        #expect(try card.send("00 B0 00 00 3C").prefix(4) == hex("A0 0A 30 08")[...])
        try card.run("00 A4 09 0C 02 3F 00")
        try card.expect("00 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80", "6118")
        try card.expect(
            "00 C0 00 00 18", "70 16 BF 81 01 12 A0 10 9A 01 03 9B 01 03 A1 08 8C 06 F3 00 00 13 FF 00 90 00")
        try card.expect("00 CB 3F FF 0A 4D 08 70 06 BF 81 02 02 A0 80", "611C")
        try card.expect(
            "00 C0 00 00 1C",
            "70 1A BF 81 02 16 A0 14 9A 01 0A 9B 01 0A 9D 02 00 64 A1 08 8C 06 F3 FF 00 FF FF 00 90 00")
    }

    @Test("§2.4: the FCI of EF.ATR and of the MF")
    func fileControlInformation() throws {
        let card = try TestCard()
        try card.run("00 A4 00 0C 02 3F 00")
        try card.expect("00 A4 09 04 02 2F 01", "6127")
        try card.expect(
            "00 C0 00 00 27",
            "62 25 80 02 00 39 82 01 01 83 02 2F 01 88 01 E8 A1 12 8C 07 7B 45 FF FF FF 45 00 9C 07 7B FF FF FF FF FF 00 8A 01 05 9000"
        )
        try card.expect("00 A4 04 04 08 80 25 00 00 01 FF 01 00", "6120")
        try card.expect(
            "00 C0 00 00 20",
            "62 1E 82 01 38 83 02 3F 00 84 08 80 25 00 00 01 FF 01 00 A1 08 8C 06 7A FF FF FF FF 45 8A 01 05 9000")
        try card.run("00 A4 04 0C 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10")
    }

    @Test("§10.3 and §10.4: login, and a signature with the authentication key")
    func authentication() throws {
        let card = try TestCard()
        let data = hex(
            "30 21 30 09 06 05 2B 0E 03 02 1A 05 00 04 14 7D 4D D0 5A F9 FC AD AC 2A BD F7 0E E2 B0 51 D8 29 99 64 D6")
        try card.run(
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 A4 09 0C 04 3F 00 00 01", "00 22 41 A4 06 80 01 02 84 01 82")
        try card.expect("00 88 00 00 23" + Hexadecimal.encode(data), "6100")
        let signature = try card.fetchSignature()
        #expect(try card.publicKey(.authentication).isValidSignature(signature, ofPKCS1: data))
    }

    @Test(
        "§10.5: the last round on the card",
        arguments: [
            (
                "40", "42", "00 2A 90 A0 07 90 00 80 03 61 62 63",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
            ),
            (
                "40", "42",
                "00 2A 90 A0 50 90 28 DF5BB81CE81E0626FB45A8944FD40F31B25E6816D6D499C1AB90492900635E66 0000000000000200 80 24 "
                    + String(repeating: "61", count: 36),
                "2816597888E4A0D3A36B82B83316AB32680EB8F00F8CD3B904D681246D285A0E"
            ),
            (
                "10", "12",
                "00 2A 90 A0 44 90 1C DA4968EB2E377C1F884E8F5283524BEBE74EBDBD 0000000000000200 80 24 "
                    + String(repeating: "61", count: 36),
                "7F9000257A4918D7072655EA468540CDCBD42E0C"
            ),
        ])
    func lastRound(hash: String, algorithm: String, command: String, digest: String) throws {
        let card = try TestCard()
        try card.run(
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 A4 09 0C 04 3F 00 00 01", "00 22 41 AA 03 80 01 \(hash)",
            command,
            "00 22 41 B6 06 80 01 \(algorithm) 84 01 81")
        try card.expect("00 2A 9E 9A 00", "6100")
        let signature = try card.fetchSignature()
        let info = try #require(DigestInfo.encode(algorithm: hash == "40" ? .sha256 : .sha1, digest: hex(digest)))
        #expect(try card.publicKey(.signature).isValidSignature(signature, ofPKCS1: info))
        // The hash is used up.
        try card.expect("00 2A 9E 9A 00", "6985")
    }

    @Test("§10.6: a ready hash, SHA-1 and SHA-256", arguments: [("12", 20), ("42", 32)])
    func readyHash(algorithm: String, length: Int) throws {
        let card = try TestCard()
        let digest = [UInt8](repeating: 0xA5, count: length)
        try card.run(
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 A4 09 0C 04 3F 00 00 01",
            "00 22 41 B6 06 80 01 \(algorithm) 84 01 81")
        #expect(card.send([0x00, 0x2A, 0x9E, 0x9A, UInt8(length)] + digest) == [0x61, 0x00])
        let signature = try card.fetchSignature()
        let info = try #require(DigestInfo.encode(algorithm: length == 20 ? .sha1 : .sha256, digest: digest))
        #expect(try card.publicKey(.signature).isValidSignature(signature, ofPKCS1: info))
        #expect(card.send([0x00, 0x2A, 0x9E, 0x9A, UInt8(length - 1)] + digest.dropLast()) == [0x67, 0x00])
    }

    @Test("§10.7: decryption, the padding taken away")
    func decryption() throws {
        let card = try TestCard()
        let message = Array("Message chiffre\0".utf8)
        let cryptogram = try #require(try card.publicKey(.authentication).encryptPKCS1(message))
        try card.run(
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 A4 09 0C 04 3F 00 00 01", "00 22 41 B8 06 80 01 1A 84 01 82",
            "10 2A 80 86 FF 81" + Hexadecimal.encode(cryptogram.prefix(254)))
        try card.expect("00 2A 80 86 02" + Hexadecimal.encode(cryptogram.suffix(2)), "6110")
        #expect(try card.send("00 C0 00 00 10") == message + [0x90, 0x00])
    }

    @Test("§10.8 and §10.9: PIN change and unblocking")
    func pinChangeAndUnblocking() throws {
        let card = try TestCard()
        try card.run("00 24 00 01 10 31 32 33 34 FF FF FF FF 35 36 37 38 FF FF FF FF")
        try card.expect("00 20 00 01 08 31 32 33 34 FF FF FF FF", "63C2")
        try card.run(
            "00 20 00 01 08 35 36 37 38 FF FF FF FF", "00 20 00 02 08 31 32 33 34 35 36 37 38",
            "00 2C 02 01 08 34 33 32 31 FF FF FF FF",
            "00 20 00 01 08 34 33 32 31 FF FF FF FF")
        #expect(card.card.state.pukUsesLeft == 99)
    }

    @Test("§10.10: a protected object, the CPS2ter volet, and the way back")
    func protectedObjects() throws {
        let card = try TestCard()
        let activity = BusinessData(profile: card.card.profile).activity(card.card.profile.activities[0])
        let size = Hexadecimal.encode([UInt8(activity.count)])
        try card.expect("00 A4 09 04 06 3F 00 00 01 D1 20", "6127")
        try card.expect("00 B0 00 00 \(size)", "6982")
        try card.run("00 20 00 01 08 31 32 33 34 FF FF FF FF")
        #expect(try card.send("00 B0 00 00 \(size)") == activity + [0x90, 0x00])

        let old = BusinessData(profile: card.card.profile).oldActivity(card.card.profile.activities[0])
        try card.expect("A0 A4 00 00 02 3F 00", "9F07")
        try card.expect("A0 A4 00 00 02 40 10", "9F07")
        try card.expect("A0 C0 00 00 07", "85 05 00" + Hexadecimal.encode([UInt8(old.count)]) + "40 10 04 90 00")
        #expect(try card.send("A0 B0 00 00" + Hexadecimal.encode([UInt8(old.count)])) == old + [0x90, 0x00])

        try card.expect("00 A4 09 0C 04 3F 00 00 01", "6E00")
        try card.expect("00 A4 04 04 08 80 25 00 00 01 FF 01 00", "6120")
        try card.run("00 A4 09 0C 04 3F 00 00 01")
    }

    @Test("the invoicing situation of the CPS2ter volet")
    func invoicing() throws {
        let card = try TestCard()
        let value = BusinessData(profile: card.card.profile).invoicing
        let size = Hexadecimal.encode([UInt8(value.count)])
        try card.expect("A0 A4 00 00 02 3F 00", "9F07")
        try card.expect("A0 A4 00 00 02 7F 01", "9F07")
        try card.expect("A0 A4 00 00 02 40 00", "9F07")
        try card.expect("A0 B0 00 00 \(size)", "9804")
        try card.expect("00 20 00 01 08 31 32 33 34 FF FF FF FF", "6E00")
        _ = try card.send("00 A4 04 04 08 80 25 00 00 01 FF 01 00")
        try card.run("00 20 00 01 08 31 32 33 34 FF FF FF FF")
        for identifier in ["3F 00", "7F 01", "40 00"] { try card.expect("A0 A4 00 00 02 \(identifier)", "9F07") }
        #expect(try card.send("A0 B0 00 00 \(size)") == value + [0x90, 0x00])
    }
}
