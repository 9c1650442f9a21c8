// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

@testable import VirtualCPS

/// The rules of T=0 and T=1 (cards.md §1.3, §9.4).
@Suite struct TransportTests {
    @Test(
        "T=0 refuses commands of another form",
        arguments: [
            "00 A4 00", "00 A4 00 0C", "00 A4 09 04 04 3F 00 D0 03 00", "00 A4 09 04 05 3F 00 D0 03",
            "00 A4 09 04 00 3F 00",
            "00 A4 09 04 03 3F 00 D0 03", "",
        ])
    func formOfT0(command: String) throws { try TestCard().expect(command, "6700") }

    @Test(
        "T=1 refuses commands of another form",
        arguments: [
            "01 A4 08", "01 A4 08 00 03 D0 03", "01 A4 08 00 02 D0 03 00 00", "01 A4 08 00 00 00 02 D0 03",
        ])
    func formOfT1(command: String) throws {
        let card = try TestCard("doctor-cps4")
        try card.run(CPS4ExchangeTests.selectApplet)
        try card.expect(command, "6700")
    }

    @Test("T=0: what waits is given in pieces, and lost by any other command")
    func getResponse() throws {
        let card = try TestCard()
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        try card.expect("00 C0 00 00 28", "6C27")
        #expect(try card.send("00 C0 00 00 20").suffix(2) == [0x61, 0x07])
        try card.expect("00 C0 00 00 07", "FF FF FF 00 8A 01 05 90 00")
        try card.expect("00 C0 00 00 07", "6985")
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        try card.expect("00 B0 00 00 02", "5A 0A 90 00")
        try card.expect("00 C0 00 00 27", "6985")
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        try card.expect("00 C0 00 01 27", "6A86")
    }

    @Test("T=0: READ BINARY beyond the end tells the right length")
    func readBeyondEndT0() throws {
        let card = try TestCard()
        try card.run("00 A4 09 0C 04 3F 00 D0 03")
        try card.expect("00 B0 00 00 00", "6C0C")
        try card.expect("00 B0 00 00 0D", "6C0C")
        try card.expect("00 B0 00 0A 03", "6C02")
        try card.expect("00 B0 00 0C 01", "6B00")
        try card.expect("00 B0 7F FF 01", "6B00")
        try card.expect("00 B0 00 00 01 00", "6700")
    }

    @Test("CPS3: a short file identifier works in the file's directory")
    func shortIdentifier() throws {
        let card = try TestCard()
        try card.expect("00 B0 9C 00 02", "5A 0A 90 00")
        try card.expect("00 B0 00 00 02", "5A 0A 90 00")
        try card.run("00 A4 09 0C 04 3F 00 00 01")
        try card.expect("00 B0 9C 00 02", "6A82")
        let other = try TestCard("doctor-cps4")
        try other.run(CPS4ExchangeTests.selectApplet)
        try other.expect("01 B0 9C 00 02", "6A86")
    }

    @Test("T=1: READ BINARY beyond the end gives what is left")
    func readBeyondEndT1() throws {
        let card = try TestCard("doctor-cps4")
        let file = Hexadecimal.encode(SerialNumberFile.encoded(serial: "99214001"))
        try card.run(CPS4ExchangeTests.selectApplet, "01 A4 08 0C 02 D0 03")
        try card.expect("01 B0 00 00 00", file + "9000")
        try card.expect("01 B0 00 00 0D", file + "6282")
        try card.expect("01 B0 00 0C 00", "6B00")
        try card.expect("01 B0 00 00", "6700")
    }

    @Test("T=1: without Le no response data, with a short Le the rest waits")
    func lengthsOfT1() throws {
        let card = try TestCard("doctor-cps4")
        try card.run(CPS4ExchangeTests.selectApplet, "01 A4 08 00 02 D0 03")
        try card.expect("01 A4 08 00 02 D0 03 08", "6F 0E 80 02 00 0C 82 01 61 08")
        try card.expect("01 C0 00 00 00", "01 83 02 D0 03 8A 01 05 90 00")
    }

    @Test("a reset forgets what waits, selections and PINs, but no counter")
    func reset() throws {
        let card = try TestCard()
        try card.expect("00 20 00 01 08 30 30 30 30 FF FF FF FF", "63C2")
        try card.run("00 20 00 02 08 31 32 33 34 35 36 37 38")
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        card.card.reset()
        try card.expect("00 C0 00 00 27", "6985")
        try card.expect("00 B0 00 00 01", "6986")
        try card.expect("00 2C 02 01 08 31 32 33 34 FF FF FF FF", "6982")
        try card.expect("00 20 00 01 08 30 30 30 30 FF FF FF FF", "63C1")
    }

    @Test(
        "a protocol that the card does not speak is refused",
        arguments: [
            ("doctor-cps3", TransportProtocol.t1), ("contactless", .t0),
        ])
    func protocolNotSpoken(profile: String, transport: TransportProtocol) {
        #expect(throws: VirtualCardError.self) { try TestCard(profile, transport: transport) }
    }
}
