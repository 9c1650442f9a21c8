// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import ISO7816
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// Whether memory grows with what a program does again and again. In a process of its
/// own: other tests' memory is no business of this one.
@Suite struct LeakTests {
    @Test("10 000 logins with a signature and a session each leave the memory as it was", .timeLimit(.minutes(10)))
    func flatMemory() async {
        await #expect(processExitsWith: .success) {
            for kind in CardKind.contacts {
                let growth = try LeakTests.growth(kind)
                // A leak of 32 bytes a cycle would be more.
                guard growth < 256 * 1024 else { fatalError("\(kind): \(growth) bytes more after 10 000 cycles") }
            }
        }
    }

    /// How many bytes more are in memory after the cycles.
    private static func growth(_ kind: CardKind) throws -> Int {
        let reader = try TestReader(kind)
        let card = ReplayingCard(reader.card)
        reader.removeCard()
        reader.readers.insert(card, into: TestReader.name)
        let test = TestProvider(reader)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        try test.provider.logOut(session)
        func cycle() throws {
            try test.provider.logIn(session, as: .user, pin: secret("1234"))
            let signature = try test.signature(session, .sha256, key, [1, 2, 3])
            #expect(signature.count == 256)
            let other = try test.provider.openSession(0, readWrite: false)
            _ = try test.privateKey(other, "SIG")
            try test.provider.closeSession(other)
            try test.provider.logOut(session)
            reader.readers.clearRecord()
        }
        try cycle()
        card.record()
        try cycle()
        card.replay()
        for _ in 0..<500 { try cycle() }
        let before = residentBytes
        for _ in 0..<10_000 { try cycle() }
        return residentBytes - before
    }

    /// What of this process is in memory (proc(5), statm).
    private static var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }
}

/// A virtual card that, once it has seen a series of commands, answers the same series
/// from memory: thousands of signatures would take it minutes.
private final class ReplayingCard: EmulatedCard {
    private enum Mode { case passing, recording, replaying }

    private let card: VirtualCard
    private var mode = Mode.passing
    private var series: [(command: [UInt8], response: [UInt8])] = []
    private var position = 0

    init(_ card: VirtualCard) { self.card = card }

    func record() { mode = .recording }
    func replay() { mode = .replaying }

    var atr: [UInt8] { card.atr }
    var transport: TransportProtocol { card.transport }
    var onLog: ((CardLogEntry) -> Void)?
    var operationCount: Int { card.operationCount }

    func reset() { card.reset() }

    func respond(to command: [UInt8]) -> [UInt8] {
        guard mode == .replaying else {
            let response = card.respond(to: command)
            if mode == .recording { series.append((command, response)) }
            return response
        }
        defer { position = (position + 1) % series.count }
        guard series[position].command == command else { return [0x6F, 0x00] }
        return series[position].response
    }
}
