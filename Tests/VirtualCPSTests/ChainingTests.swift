// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@testable import VirtualCPS

/// Command chaining for PSO DECIPHER (cards.md §1.3, §4.4 d, §4.5 c).
@Suite struct ChainingTests {
    private func prepared() throws -> (TestCard, [UInt8]) {
        let card = try TestCard()
        try card.run(
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 A4 09 0C 04 3F 00 00 01", "00 22 41 B8 06 80 01 1A 84 01 82")
        let cryptogram = try #require(try card.publicKey(.authentication).encryptPKCS1([1, 2, 3]))
        return (card, [0x81] + cryptogram)
    }

    private func block(_ cla: UInt8, _ data: some Collection<UInt8>) -> [UInt8] {
        [cla, 0x2A, 0x80, 0x86, UInt8(data.count)] + data
    }

    @Test("blocks may be cut anywhere")
    func anyCut() throws {
        let (card, data) = try prepared()
        #expect(card.send(block(0x10, data.prefix(100))) == [0x90, 0x00])
        #expect(card.send(block(0x10, data[100..<200])) == [0x90, 0x00])
        #expect(card.send(block(0x00, data[200...])) == [0x61, 0x03])
        try card.expect("00 C0 00 00 03", "01 02 03 90 00")
    }

    @Test("another command within the chain: 6883, and the chain is gone")
    func broken() throws {
        let (card, data) = try prepared()
        #expect(card.send(block(0x10, data.prefix(255))) == [0x90, 0x00])
        try card.expect("00 84 00 00 08", "6883")
        #expect(card.send(block(0x00, data.suffix(2))) == [0x67, 0x00])
        #expect(card.send(block(0x10, data.prefix(255))) == [0x90, 0x00])
        try card.expect("00 2A 9E 9A 00", "6883")
        #expect(card.send(block(0x10, data.prefix(255))) == [0x90, 0x00])
        try card.run("00 A4 00 0C 02 3F 00")
    }

    @Test("too much, too little, no indicator, Le in a block that is not the last")
    func wrongData() throws {
        let (card, data) = try prepared()
        #expect(card.send(block(0x10, data.prefix(255))) == [0x90, 0x00])
        #expect(card.send(block(0x00, data.suffix(2) + [0])) == [0x67, 0x00])
        #expect(card.send(block(0x00, data.prefix(255))) == [0x67, 0x00])
        #expect(card.send(block(0x10, [0x00] + data[1..<255])) == [0x90, 0x00])
        #expect(card.send(block(0x00, data.suffix(2))) == [0x6A, 0x80])
        #expect(card.send([0x10, 0x2A, 0x80, 0x86, 0x00]) == [0x67, 0x00])
        // A cryptogram that decrypts to no padded message.
        let other = [UInt8](repeating: 0x01, count: 256)
        #expect(card.send(block(0x10, [0x81] + other.prefix(254))) == [0x90, 0x00])
        #expect(card.send(block(0x00, other.suffix(2))) == [0x6A, 0x80])
    }

    @Test("CPS4 takes no indicator, and refuses what is not below the modulus")
    func chipDoc() throws {
        let card = try TestCard("doctor-cps4")
        try card.run(
            CPS4ExchangeTests.selectApplet, "01 20 00 01 04 31 32 33 34", "01 A4 08 00 02 00 01",
            "01 22 41 B8 03 83 01 20")
        let high = [UInt8](repeating: 0xFF, count: 255)
        #expect(card.send([0x11, 0x2A, 0x80, 0x86, 0xFF] + high) == [0x90, 0x00])
        try card.expect("01 2A 80 86 01 FF 00", "6A80")
        #expect(card.send([0x11, 0x2A, 0x80, 0x86, 0xFF] + [0x81] + high.dropLast()) == [0x90, 0x00])
        try card.expect("01 2A 80 86 02 FF FF 00", "6700")
    }
}
