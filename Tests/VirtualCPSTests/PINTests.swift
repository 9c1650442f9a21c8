// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@testable import VirtualCPS

/// PIN and PUK counters (cards.md §3.5).
@Suite struct PINTests {
    static let wrong = "00 20 00 01 08 30 30 30 30 FF FF FF FF"
    static let right = "00 20 00 01 08 31 32 33 34 FF FF FF FF"
    static let wrongPUK = "00 20 00 02 08 30 30 30 30 30 30 30 30"
    static let rightPUK = "00 20 00 02 08 31 32 33 34 35 36 37 38"
    static let unblock = "00 2C 02 01 08 34 33 32 31 FF FF FF FF"

    @Test("CPS3: three wrong PINs, then 6983, also for the right one and for a change")
    func blocking() throws {
        let card = try TestCard()
        for answer in ["63C2", "63C1", "63C0", "6983"] { try card.expect(Self.wrong, answer) }
        try card.expect(Self.right, "6983")
        try card.expect("00 24 00 01 10 31 32 33 34 FF FF FF FF 35 36 37 38 FF FF FF FF", "6983")
    }

    @Test("a right PIN brings all tries back, a wrong one takes the verification away")
    func restoring() throws {
        let card = try TestCard()
        try card.run("00 A4 09 0C 06 3F 00 00 01 D1 20")
        try card.expect(Self.wrong, "63C2")
        try card.run(Self.right)
        #expect(card.card.state.pinTriesLeft == 3)
        #expect(try card.send("00 B0 00 00 02").count == 4)
        try card.expect(Self.wrong, "63C2")
        try card.expect("00 B0 00 00 02", "6982")
    }

    @Test("the eight bytes are compared: anything else is a wrong PIN and costs a try")
    func padding() throws {
        let card = try TestCard()
        for block in ["04 31 32 33 34", "08 31 32 33 34 00 00 00 00", "07 31 32 33 34 FF FF FF"] {
            try card.expect("00 20 00 01 " + block, "63C2")
            try card.run(Self.right)
        }
        try card.expect("00 20 00 01 0A 31 32 33 34 FF FF FF FF FF FF", "63C2")
        // The two halves of an unpadded change are no block.
        try card.expect("00 24 00 01 08 31 32 33 34 35 36 37 38", "63C1")
        try card.expect("00 24 00 01 0C 31 32 33 34 35 36 37 38 FF FF FF FF", "63C0")
        #expect(card.card.state.pin == "1234")
    }

    @Test(
        "an unpadded PIN by the profile, on both cards; the card is as strict",
        arguments: ["doctor-cps3", "doctor-cps4"])
    func unpadded(profile: String) throws {
        let isCPS3 = profile == "doctor-cps3"
        let card = try TestCard(profile) {
            $0.pin.block = .unpadded
            $0.pin.value = "123456"
        }
        if !isCPS3 { try card.run(CPS4ExchangeTests.selectApplet) }
        let verify = isCPS3 ? "00 20 00 01 " : "01 20 00 01 "
        try card.expect(verify + "08 31 32 33 34 35 36 FF FF", "63C2")
        try card.run(verify + "06 31 32 33 34 35 36")
        try card.run(
            isCPS3 ? "00 24 00 01 0B 31 32 33 34 35 36 39 38 37 36 35" : "01 24 01 01 05 39 38 37 36 35")
        #expect(card.card.state.pin == "98765")
        try card.run(verify + "05 39 38 37 36 35")
    }

    @Test("a CPS4 whose profile wants a padded PIN is as strict as a CPS3")
    func paddedChipDoc() throws {
        let card = try TestCard("doctor-cps4") { $0.pin.block = .padded }
        try card.run(CPS4ExchangeTests.selectApplet)
        try card.expect("01 20 00 01 04 31 32 33 34", "63C2")
        try card.run("01 20 00 01 08 31 32 33 34 FF FF FF FF")
        try card.expect("01 24 01 01 04 35 36 37 38", "6700")
        try card.run("01 24 01 01 08 35 36 37 38 FF FF FF FF", "01 20 00 01 08 35 36 37 38 FF FF FF FF")
    }

    @Test("a padded PIN has exactly four digits")
    func fourDigits() throws {
        #expect(throws: VirtualCardError.self) { try TestCard { $0.pin.value = "12345" } }
    }

    @Test("CPS3: VERIFY without a value asks")
    func asking() throws {
        let card = try TestCard()
        try card.expect("00 20 00 01 00", "63C3")
        try card.expect("00 20 00 02 00", "63CA")
        try card.run(Self.right, "00 20 00 01 00")
        for _ in 0..<3 { _ = try card.send(Self.wrong) }
        try card.expect("00 20 00 01 00", "6983")
    }

    @Test("a change: wrong old value, padding, digits only, lengths")
    func change() throws {
        let card = try TestCard()
        let old = "31 32 33 34 FF FF FF FF "
        try card.expect("00 24 00 01 10 30 30 30 30 FF FF FF FF 35 36 37 38 FF FF FF FF", "63C2")
        try card.expect("00 24 00 01 10 \(old) 35 36 37 41 FF FF FF FF", "6A80")
        try card.expect("00 24 00 01 10 \(old) 35 36 37 38 FF FF 39 FF", "6A80")
        try card.expect("00 24 00 01 10 \(old) 35 36 37 38 39 FF FF FF", "6700")
        try card.expect("00 24 00 01 0C \(old) 35 36 37 38", "6700")
        #expect(card.card.state.pin == "1234")
        try card.run("00 24 00 01 10 \(old) 35 36 37 38 FF FF FF FF")
        #expect(card.card.state.pin == "5678")
        try card.run("00 20 00 01 08 35 36 37 38 FF FF FF FF")
    }

    @Test("CPS3: ten wrong PUKs, then 6983")
    func pukBlocking() throws {
        let card = try TestCard()
        for left in (0..<10).reversed() { try card.expect(Self.wrongPUK, "63C\(left)") }
        try card.expect(Self.wrongPUK, "6983")
        try card.expect(Self.rightPUK, "6983")
        try card.expect(Self.unblock, "6982")
    }

    @Test("CPS3: each unblocking uses the PUK up; at none left it is not usable")
    func pukUses() throws {
        let card = try TestCard(change: { $0.puk.usesLeft = 2 })
        try card.run(Self.rightPUK, Self.unblock, Self.unblock)
        try card.expect(Self.unblock, "6984")
        try card.expect(Self.rightPUK, "6984")
        try card.run("00 A4 00 0C 02 3F 00")
        try card.expect("00 CB 3F FF 0A 4D 08 70 06 BF 81 02 02 A0 80", "611C")
        let object = Hexadecimal.encode(try card.send("00 C0 00 00 1C"))
        #expect(object.contains("9D020000"))
    }

    @Test("unblocking brings a new PIN and all tries, but no login")
    func unblocking() throws {
        let card = try TestCard(change: { $0.pin.triesLeft = 0 })
        try card.expect(Self.right, "6983")
        try card.run(Self.rightPUK)
        try card.expect("00 2C 02 01 03 34 33 32", "6700")
        try card.run(Self.unblock, "00 A4 09 0C 06 3F 00 00 01 D1 20")
        try card.expect("00 B0 00 00 01", "6982")
        try card.run("00 20 00 01 08 34 33 32 31 FF FF FF FF")
    }

    @Test("CPS4: VERIFY after RESET RETRY COUNTER closes the way for a new PIN")
    func chipDocUnblocking() throws {
        let card = try TestCard("doctor-cps4")
        try card.run(
            CPS4ExchangeTests.selectApplet, "01 20 00 02 08 31 32 33 34 35 36 37 38", "01 2C 03 81")
        try card.expect("01 20 00 01 04 30 30 30 30", "63C2")
        try card.expect("01 24 01 01 04 34 33 32 31", "6982")
    }
}
