// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import VirtualCPS

/// What outlives a card's power, and what is written about it.
@Suite struct StateTests {
    private func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("cps-state-\(UUID().uuidString)").path
    }

    @Test("counters, a changed PIN and CPS_DATA come back")
    func persistence() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try TestCard()
        let file = try StateFile(path: path, card: first.card)
        try first.run(
            "00 24 00 01 10 31 32 33 34 FF FF FF FF 35 36 37 38 FF FF FF FF", "00 20 00 01 08 35 36 37 38 FF FF FF FF")
        try first.run("00 A4 09 0C 06 3F 00 00 01 D1 07", "00 D6 00 00 02 CA FE")
        try first.expect("00 20 00 01 08 31 32 33 34 FF FF FF FF", "63C2")
        try first.expect("00 20 00 02 08 30 30 30 30 30 30 30 30", "63C9")
        try file.save(first.card)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let second = try TestCard()
        _ = try StateFile(path: path, card: second.card)
        #expect(second.card.state == first.card.state)
        try second.run("00 A4 09 0C 06 3F 00 00 01 D1 07")
        try second.expect("00 B0 00 00 02", "CA FE 90 00")
        try second.expect("00 20 00 01 08 31 32 33 34 FF FF FF FF", "63C1")
    }

    @Test(
        "a corrupt state gives a sentence",
        arguments: [
            "", "{}", "nonsense",
            #"{"cpsData":"","generation":"CPS3","pin":"1234","pinTriesLeft":3,"pukTriesLeft":10,"pukUsesLeft":100,"serial":"99213845"}"#,
            #"{"cpsData":"00","generation":"CPS4","pin":"1234","pinTriesLeft":3,"pukTriesLeft":3,"pukUsesLeft":100,"serial":"99213845"}"#,
            #"{"cpsData":"00","generation":"CPS3","pin":"1234","pinTriesLeft":9,"pukTriesLeft":10,"pukUsesLeft":100,"serial":"99213845"}"#,
        ])
    func corrupt(text: String) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let card = try TestCard()
        #expect(throws: VirtualCardError.self) { try StateFile(path: path, card: card.card) }
    }

    @Test("a private file is not written through a symbolic link")
    func symbolicLink() throws {
        let path = temporaryPath()
        let target = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: VirtualCardError.self) { _ = try RestrictedFile(appendingTo: path) }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test(
        "the data of PIN commands are masked in the trace",
        arguments: [
            ("00200001 04 31323334", "00 20 00 01 04 ** ** ** **"),
            ("01240101 04 35363738", "01 24 01 01 04 ** ** ** **"),
            ("002C0201 04 34333231", "00 2C 02 01 04 ** ** ** **"), ("0120000105 31 32", "01 20 00 01 05 ** **"),
            ("01 20 00 01", "01 20 00 01"), ("00B0000010", "00 B0 00 00 10"),
        ])
    func masking(command: String, text: String) { #expect(APDUTrace.masked(hex(command)) == text) }

    @Test("a truncated, a replaced and an overwritten file")
    func damage() throws {
        var options = VirtualCard.Options()
        let serial = VirtualFilePath(0xD003)
        options.damage = [FileDamage(path: serial, kind: .truncated(3))]
        var card = try TestCard(options: options)
        try card.expect("00 A4 09 04 04 3F 00 D0 03", "6127")
        #expect(try card.send("00 C0 00 00 27").prefix(6) == hex("62 25 80 02 00 03")[...])
        options.damage = [FileDamage(path: serial, kind: .replaced([1, 2]))]
        card = try TestCard(options: options)
        try card.run("00 A4 09 0C 04 3F 00 D0 03")
        try card.expect("00 B0 00 00 02", "01 02 90 00")
        options.damage = [FileDamage(path: serial, kind: .overwritten(offset: 1, [0xFF]))]
        card = try TestCard(options: options)
        try card.run("00 A4 09 0C 04 3F 00 D0 03")
        try card.expect("00 B0 00 00 02", "5A FF 90 00")
        options.damage = [FileDamage(path: VirtualFilePath(0x1234), kind: .truncated(0))]
        #expect(throws: VirtualCardError.self) { try TestCard(options: options) }
    }

    @Test("a foreign card refuses everything, and counts")
    func foreign() {
        let card = ForeignCard(atr: [0x3B, 0x00], transport: .t0)
        #expect(card.respond(to: [0, 0xA4, 0, 0]) == [0x6D, 0x00])
        #expect(card.commandCount == 1)
    }
}
