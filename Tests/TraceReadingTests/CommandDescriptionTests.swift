// SPDX-License-Identifier: Apache-2.0

import CallTrace
import Messages
import Testing

@testable import TraceReading

/// These texts are those of an English locale, as the tests run in.
@Suite("What commands of a trace mean")
struct CommandDescriptionTests {
    private func describe(_ command: String) -> String {
        CommandDescription.text(of: MaskedBytes(words: command.split(separator: " ").map(String.init)))
    }

    @Test(
        "Commands are spelt",
        .enabled(if: Language.current == .english),
        arguments: [
            ("00 A4 09 0C 04 3F 00 D0 03", "SELECT 3F00/D003 (EF.SN)"),
            ("01 A4 08 00 04 00 01 50 31 00", "SELECT 3F00/0001/5031 (EF.ODF)"),
            ("00 A4 02 0C 02 A0 01", "SELECT A001"),
            ("01 A4 04 0C 08 80 25 00 00 01 FF 01 00", "SELECT IAS / ChipDoc"),
            ("00 A4 04 00 05 A0 00 00 00 63", "SELECT A000000063"),
            ("A0 A4 00 00 02 3F 00", "CPS2ter SELECT 3F00"),
            ("00 B0 00 00 E7", "READ BINARY 231 at 0"),
            ("00 B0 01 00 00", "READ BINARY 256 at 256"),
            ("00 B0 9C 00 10", "READ BINARY 16 SFI 1C at 0"),
            ("00 D6 00 10 02 *2", "UPDATE BINARY 2 at 16"),
            ("00 C0 00 00 19", "GET RESPONSE 25"),
            ("00 84 00 00 08", "GET CHALLENGE 8"),
            ("01 20 00 01", "VERIFY PIN 01: tries left?"),
            ("00 20 00 01 **", "VERIFY PIN 01 ****"),
            ("00 24 00 01 **", "CHANGE REFERENCE DATA PIN 01 ****"),
            ("00 2C 02 01 **", "RESET RETRY COUNTER PIN 01 ****"),
            ("01 2C 03 81 00", "RESET RETRY COUNTER PIN 01"),
            ("00 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80", "GET DATA PIN 01: tries left?"),
            ("00 22 41 B6 06 80 01 42 84 01 81", "MANAGE SECURITY ENVIRONMENT signature, algorithm 42, key 81"),
            ("01 22 81 B6 04 91 02 28 82", "MANAGE SECURITY ENVIRONMENT signature, algorithm 28, key 82"),
            ("01 22 41 B8 03 83 01 02", "MANAGE SECURITY ENVIRONMENT decryption, key 02"),
            ("00 2A 9E 9A 20 *32 00", "COMPUTE DIGITAL SIGNATURE 32"),
            ("00 2A 90 A0 20 *32", "HASH 32"),
            ("11 2A 80 86 FF *255", "DECIPHER 255 (part, more follows)"),
            ("00 88 00 00 33 *51", "INTERNAL AUTHENTICATE 51"),
            ("00 F2 00 00 00", "00 F2 00 00 00"),
            ("*3", "*3"), ("", ""), ("00", "00"), ("00 A4 04", "00 A4 04"),
            ("00 A4 08 00 FF 01", "SELECT 3F00/01"), ("zz A4 00 00", "** A4 00 00"),
        ])
    func commands(command: String, text: String) {
        #expect(describe(command) == text)
    }

    @Test(
        "Status words are spelt in both languages",
        arguments: [
            (0x9000, "done", "fait"), (0x63C2, "wrong PIN, 2 tries left", "code faux, 2 essais restants"),
            (0x63C1, "wrong PIN, 1 try left", "code faux, 1 essai restant"),
            (0x6983, "the PIN is blocked", "code bloqué"), (0x6C3C, "repeat with length 60", "à refaire, avec 60"),
            (0x6100, "256 bytes to fetch", "256 octets à chercher"), (0x69FF, "not allowed", "pas permis"),
            (0x1234, "unknown answer", "réponse inconnue"),
        ] as [(UInt16, String, String)])
    func statusWords(status: UInt16, english: String, french: String) {
        #expect(StatusDescription.message(of: .init(rawValue: status)) == Message(english, fr: french))
    }

    @Test("The answer to a question for the counter says of no code that it is wrong")
    func counter() {
        let answer = StatusDescription.message(of: .init(rawValue: 0x63C3), isCounter: true)
        #expect(answer == Message("3 tries left", fr: "3 essais restants"))
    }

    @Test("Durations have two digits that count", .enabled(if: Language.current == .english))
    func durations() {
        #expect(
            [0, 999, 1000, 1649, 99_999, 100_000, 999_999, 1_000_000, 120_000_000].map(Duration.text(microseconds:))
                == ["0 µs", "999 µs", "1.0 ms", "1.6 ms", "99.9 ms", "100 ms", "999 ms", "1.0 s", "120 s"])
        #expect(Duration.text(microseconds: -5) == "0 µs")
    }
}
