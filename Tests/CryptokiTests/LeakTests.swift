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
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            for kind in CardKind.contacts { LeakTests.report(kind) }
        }
        #expect(String(decoding: result?.standardErrorContent ?? [], as: UTF8.self) == "")
    }

    /// Writes a sentence to standard error if something is wrong with a card: the process that expects
    /// this one's success sees only that it failed.
    private static func report(_ kind: CardKind) {
        do {
            let growth = try growth(kind)
            // 32 bytes a cycle. The heap's end moves by 192 KiB now and then, once.
            if growth > 32 * 10_000 { write("\(kind): \(growth) bytes more after 10 000 cycles") }
        } catch {
            write("\(kind): \(error)")
        }
    }

    private static func write(_ sentence: String) {
        FileHandle.standardError.write(Data("\(sentence)\n".utf8))
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
        func cycle(pause: UInt32 = 0) throws {
            card.startSeries()
            usleep(pause)
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
        card.mode = .recording
        try cycle()
        card.mode = .replaying
        for _ in 0..<500 { try cycle() }
        // As on a busy machine: after a second the library asks whether it is still the same card.
        try cycle(pause: 1_100_000)
        let before = residentBytes
        for _ in 0..<10_000 { try cycle() }
        return residentBytes - before
    }

    /// What of this process is in memory, in bytes (proc(5), smaps_rollup: counted page by page, while the kernel
    /// keeps the number in statm in steps of up to 64 pages).
    private static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
        let words = text.split(separator: "\n").first { $0.hasPrefix("Rss:") }?.split(separator: " ") ?? []
        return (words.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}

/// A virtual card that, once it has seen a series of commands, answers the same series
/// from memory: thousands of signatures would take it minutes.
private final class ReplayingCard: EmulatedCard {
    enum Mode { case passing, recording, replaying }

    private let card: VirtualCard
    var mode = Mode.passing
    private var series: [(command: [UInt8], response: [UInt8])] = []
    /// How many commands of the series have been answered from memory.
    private var position = 0
    /// Whether this series was another one than the recorded: the card itself answers until it ends.
    private var differs = false

    init(_ card: VirtualCard) { self.card = card }

    var atr: [UInt8] { card.atr }
    var transport: TransportProtocol { card.transport }
    var onLog: ((CardLogEntry) -> Void)?
    var operationCount: Int { card.operationCount }

    func reset() { card.reset() }

    /// Each series leaves the card in the same state, whether it saw the commands or not.
    func startSeries() {
        position = 0
        differs = false
    }

    func respond(to command: [UInt8]) -> [UInt8] {
        if mode == .replaying, !differs, position < series.count, series[position].command == command {
            defer { position += 1 }
            return series[position].response
        }
        if mode == .replaying, !differs {
            differs = true
            for known in series.prefix(position) { _ = card.respond(to: known.command) }
        }
        let response = card.respond(to: command)
        if mode == .recording { series.append((command, response)) }
        return response
    }
}
