// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Testing
import VirtualCPS

@testable import Cryptoki

/// A card gives 256 bytes in one answer, or 231 only: a card of another kind, or a reader
/// that takes no more.
@Suite("Where a card gives 231 bytes at once only")
struct LongResponseTests {
    enum Narrowness: String, CaseIterable, Sendable {
        /// Refuses to give 256 bytes.
        case refuses
        /// Gives 231 of them.
        case cuts
    }

    @Test("a CPS3 is read and signs, cold and warm", arguments: Narrowness.allCases)
    func narrow(narrowness: Narrowness) throws {
        let bench = try Bench("doctor-cps3", store: MemoryStore())
        bench.readers.insert(NarrowCard(try Bench.card("doctor-cps3"), narrowness), into: Bench.reader)
        for _ in 0..<2 { try readAndSign(bench) }
    }

    @Test("a CPS3 is read and signs that gave 256 in another reader", arguments: Narrowness.allCases)
    func otherReader(narrowness: Narrowness) throws {
        let store = MemoryStore()
        let bench = try Bench("doctor-cps3", store: store)
        try readAndSign(bench)
        #expect(store.onlyRecord?.givesLongResponses == true)
        bench.readers.insert(NarrowCard(try Bench.card("doctor-cps3"), narrowness), into: Bench.reader)
        for _ in 0..<2 { try readAndSign(bench) }
    }

    private func readAndSign(_ bench: Bench) throws {
        try bench.run { program in
            try program.logInAndSign("CPS_PRIV_AUT")
            let session = try program.open()
            try program.listObjects(session)
            #expect(try program.readPublicData(session).count > 5)
        }
    }

    /// A card behind which 256 bytes do not come through at once.
    private final class NarrowCard: EmulatedCard {
        private let card: VirtualCard
        private let narrowness: Narrowness

        init(_ card: VirtualCard, _ narrowness: Narrowness) {
            self.card = card
            self.narrowness = narrowness
        }

        var atr: [UInt8] { card.atr }
        var transport: TransportProtocol { card.transport }
        var onLog: ((CardLogEntry) -> Void)?
        var operationCount: Int { card.operationCount }
        func reset() { card.reset() }

        func respond(to command: [UInt8]) -> [UInt8] {
            guard command.count == 5, command[4] == 0, [0xB0, 0xC0].contains(command[1]) else {
                return card.respond(to: command)
            }
            if narrowness == .refuses { return [0x67, 0x00] }
            return card.respond(to: command.dropLast() + [0xE7])
        }
    }
}
