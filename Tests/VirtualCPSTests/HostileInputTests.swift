// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VirtualCPS

/// A host may send anything: no command may end the process, and each gets at
/// least a status word.
@Suite struct HostileInputTests {
    /// The same bytes in each run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    @Test("random commands", arguments: ["doctor-cps3", "doctor-cps4", "contactless"])
    func random(profile: String) throws {
        let card = try TestCard(profile)
        var generator = Generator(state: 1)
        for _ in 0..<4000 {
            let command = (0..<Int.random(in: 0...270, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(card.send(command).count >= 2)
        }
    }

    @Test("nearly right commands", arguments: ["doctor-cps3", "doctor-cps4", "contactless"])
    func nearlyRight(profile: String) throws {
        let card = try TestCard(profile, change: { $0.updateLog = .none })
        var generator = Generator(state: 2)
        let seeds = [
            "00 A4 09 04 04 3F 00 D0 03", "01 A4 04 0C 08 80 25 00 00 01 FF 01 00", "00 B0 00 00 10",
            "00 20 00 01 08 31 32 33 34 FF FF FF FF", "00 24 00 01 10 31 32 33 34 FF FF FF FF 31 32 33 34 FF FF FF FF",
            "00 A4 09 0C 04 3F 00 00 01",
            "00 22 41 AA 03 80 01 40", "00 2A 90 A0 07 90 00 80 03 61 62 63", "00 22 41 B6 06 80 01 42 84 01 81",
            "00 2A 9E 9A 00", "00 22 41 B8 06 80 01 1A 84 01 82", "10 2A 80 86 02 81 00", "00 88 00 00 01 00",
            "A0 A4 00 00 02 3F 00", "A0 C0 00 00 07", "A0 B0 00 00 01", "00 D6 00 00 02 01 02", "00 C0 00 00 20",
            "01 22 81 B6 04 91 02 28 90", "01 A4 08 00 02 00 01", "00 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80",
            "01 2C 03 81", "00 2C 02 01 08 31 32 33 34 FF FF FF FF", "00 84 00 00 08",
        ].map(hex)
        for _ in 0..<4000 {
            var command = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                switch Int.random(in: 0...3, using: &generator) {
                case 0: command.append(UInt8.random(in: 0...255, using: &generator))
                case 1: command = Array(command.dropLast())
                default:
                    guard let index = command.indices.randomElement(using: &generator) else { continue }
                    command[index] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            let answer = card.send(command)
            #expect(answer.count >= 2 && answer.count <= 258)
        }
    }
}
