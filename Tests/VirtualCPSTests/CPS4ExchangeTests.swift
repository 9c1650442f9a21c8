// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing

@testable import VirtualCPS

/// The worked exchanges of cards.md §10 on a CPS4.
@Suite struct CPS4ExchangeTests {
    static let selectApplet = "01 A4 04 0C 08 80 25 00 00 01 FF 01 00"

    @Test("§10.2: the cold enumeration with T=1")
    func enumeration() throws {
        let card = try TestCard("doctor-cps4")
        #expect(card.card.atr == hex("3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44"))
        try card.expect("01 A4 08 00 02 D0 03 00", "6881")
        try card.run(Self.selectApplet)
        try card.expect("01 A4 08 00 02 D0 03 00", "6F 0E 80 02 00 0C 82 01 01 83 02 D0 03 8A 01 05 90 00")
        #expect(try card.send("01 B0 00 00 0C") == SerialNumberFile.encoded(serial: "99214001") + [0x90, 0x00])
        try card.run("01 A4 08 00 02 00 01")
        try card.expect("01 A4 08 00 04 00 01 50 31 00", "6F 0E 80 02 00 3C 82 01 01 83 02 50 31 8A 01 05 90 00")
        #expect(try card.send("01 B0 00 00 3C").count == 62)
        try card.expect("01 20 00 01", "63C3")
        try card.expect("01 20 00 02", "63C3")
    }

    @Test("§10.3: three wrong PINs, the empty VERIFY before, between and after")
    func login() throws {
        let card = try TestCard("doctor-cps4")
        try card.run(Self.selectApplet)
        try card.expect("01 20 00 01 04 30 30 30 30", "63C2")
        try card.expect("01 20 00 01", "63C2")
        try card.run("01 20 00 01 04 31 32 33 34")
        try card.expect("01 20 00 01", "9000")
        try card.expect("01 20 00 01 04 30 30 30 30", "63C2")
        try card.expect("01 20 00 01 04 30 30 30 30", "63C1")
        try card.expect("01 20 00 01 04 30 30 30 30", "63C0")
        try card.expect("01 20 00 01", "6983")
        try card.expect("01 20 00 01 04 31 32 33 34", "6983")
    }

    @Test("a profile option keeps the counter readable when the PIN is verified")
    func counterWhenVerified() throws {
        var options = VirtualCard.Options()
        options.countsTriesWhenVerified = true
        let card = try TestCard("doctor-cps4", options: options)
        try card.run(Self.selectApplet, "01 20 00 01 04 31 32 33 34")
        try card.expect("01 20 00 01", "63C3")
    }

    @Test("§10.4: a signature by deciphering a padded block")
    func authentication() throws {
        let card = try TestCard("doctor-cps4")
        let data = hex(
            "30 21 30 09 06 05 2B 0E 03 02 1A 05 00 04 14 7D 4D D0 5A F9 FC AD AC 2A BD F7 0E E2 B0 51 D8 29 99 64 D6")
        let block = try #require(PKCS1Padding.signatureBlock(data, length: 256))
        try card.run(
            Self.selectApplet, "01 20 00 01 04 31 32 33 34", "01 A4 08 00 02 00 01", "01 22 41 B8 03 83 01 20",
            "11 2A 80 86 FF" + Hexadecimal.encode(block.prefix(255)))
        let answer = try card.send("01 2A 80 86 01 D6 00")
        #expect(answer.count == 258)
        #expect(try card.publicKey(.authentication).isValidSignature(Array(answer.dropLast(2)), ofPKCS1: data))
    }

    @Test("§10.7: decryption gives the whole padded block")
    func decryption() throws {
        let card = try TestCard("doctor-cps4")
        let message = Array("Message chiffre\0".utf8)
        let cryptogram = try #require(try card.publicKey(.authentication).encryptPKCS1(message))
        try card.run(
            Self.selectApplet, "01 20 00 01 04 31 32 33 34", "01 A4 08 00 02 00 01", "01 22 41 B8 03 83 01 20",
            "11 2A 80 86 FF" + Hexadecimal.encode(cryptogram.prefix(255)))
        let answer = try card.send("01 2A 80 86 01" + Hexadecimal.encode(cryptogram.suffix(1)) + "00")
        #expect(PKCS1Padding.removeEncryptionPadding(Array(answer.dropLast(2))) == message)
    }

    @Test(
        "§10.5: signatures over ready hashes, PKCS#1 and PSS",
        arguments: [
            ("0A", "90", CardKey.signature, HashAlgorithm.sha1, false), ("28", "90", .signature, .sha256, false),
            ("15", "90", .signature, .sha1, true), ("2C", "90", .signature, .sha256, true),
            ("15", "A0", .authentication, .sha1, true), ("2C", "A0", .authentication, .sha256, true),
        ])
    func signatures(
        algorithm: String, reference: String, key: CardKey, hash: HashAlgorithm, isPSS: Bool
    ) throws {
        let card = try TestCard("doctor-cps4")
        let digest = HashContext.digest(of: Array("abc".utf8), with: hash)
        let command = "01 2A 9E 9A" + Hexadecimal.encode([UInt8(digest.count)] + digest) + "00"
        try card.run(Self.selectApplet, "01 A4 08 00 02 00 01", "01 22 81 B6 04 91 02 \(algorithm) \(reference)")
        try card.expect(command, "6982")
        try card.run("01 20 00 01 04 31 32 33 34")
        let signature = Array(try card.send(command).dropLast(2))
        let publicKey = try card.publicKey(key)
        if isPSS {
            #expect(
                publicKey.isValidPSSSignature(
                    signature, digest: digest, algorithm: hash, maskAlgorithm: hash, saltLength: hash.digestLength))
        } else {
            let info = try #require(DigestInfo.encode(algorithm: hash, digest: digest))
            #expect(publicKey.isValidSignature(signature, ofPKCS1: info))
        }
    }

    @Test("§10.8 and §10.9: PIN change and unblocking")
    func pinChangeAndUnblocking() throws {
        let card = try TestCard("doctor-cps4")
        try card.run(Self.selectApplet)
        try card.expect("01 24 01 01 04 35 36 37 38", "6982")
        try card.run("01 20 00 01 04 31 32 33 34", "01 24 01 01 04 35 36 37 38")
        card.card.reset()
        try card.run(Self.selectApplet)
        for answer in ["63C2", "63C1", "63C0", "6983"] { try card.expect("01 20 00 01 04 31 32 33 34", answer) }
        try card.expect("01 2C 03 81", "6982")
        try card.run(
            "01 20 00 02 08 31 32 33 34 35 36 37 38", "01 2C 03 81", "01 24 01 01 04 34 33 32 31",
            "01 20 00 01 04 34 33 32 31")
    }

    @Test("with the T=0-only ATR, responses are fetched on the command's channel")
    func withT0() throws {
        let card = try TestCard("doctor-cps4", transport: .t0)
        #expect(card.card.atr == hex("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00"))
        try card.run(Self.selectApplet)
        try card.expect("01 A4 08 00 02 D0 03", "6110")
        try card.expect("01 C0 00 00 10", "6F 0E 80 02 00 0C 82 01 01 83 02 D0 03 8A 01 05 90 00")
        try card.expect("01 A4 08 00 02 D0 03", "6110")
        // The basic channel is another application's; what waited is lost.
        try card.expect("00 C0 00 00 10", "6E00")
        try card.expect("01 C0 00 00 10", "6985")
        try card.expect("01 20 00 01 00", "63C3")
        try card.expect("01 20 00 01", "6700")
    }

    @Test("§1.6: another program's selections, and the recovery sequence")
    func channels() throws {
        let card = try TestCard("doctor-cps4")
        // The basic channel begins in another application.
        try card.expect("00 A4 08 00 02 D0 03 00", "6E00")
        try card.run("00 A4 04 0C 08 80 25 00 00 01 FF 01 00")
        #expect(try card.send("00 A4 08 00 02 D0 03 00").suffix(2) == [0x90, 0x00])
        try card.expect(Self.selectApplet, "6985")
        try card.run(
            "01 A4 04 0C 07 A0 00 00 01 51 00 00", "00 A4 04 0C 08 80 25 00 00 01 FF 00 02", Self.selectApplet)
        #expect(try card.send("01 A4 08 00 02 D0 03 00").suffix(2) == [0x90, 0x00])
        try card.expect("02 A4 00 00 02 3F 00", "6881")
        // The selection of a channel is gone after a reset, and so is the channel.
        card.card.reset()
        try card.expect("01 B0 00 00 0C", "6881")
    }
}
