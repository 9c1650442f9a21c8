// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// Every kind of fault at every APDU of every scenario on both cards.
@Suite("Faults")
struct FaultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var card: CardKind
        var scenario: FaultScenario
        var isUnpadded = false
        var testDescription: String { "\(scenario) on \(card)\(isUnpadded ? ", unpadded" : "")" }
    }

    static let rows =
        CardKind.contacts.flatMap { card in
            FaultScenario.scenarios(of: card).map { Row(card: card, scenario: $0) }
        } + [.authenticate, .changePIN, .unblock].map { Row(card: .cps3, scenario: $0, isUnpadded: true) }

    @Test("at every APDU: a right code, no try spent, and the next attempt works", arguments: rows)
    func sweep(_ row: Row) throws {
        var faults = 0
        var codes: [CK_RV: Int] = [:]
        var defects = 0
        for kind in FaultKind.all where kind.scenarios.contains(row.scenario) {
            let outcome = try FaultSweep(
                kind: row.card, isUnpadded: row.isUnpadded, scenario: row.scenario, fault: kind
            ).run()
            faults += outcome.faults
            codes.merge(outcome.codes, uniquingKeysWith: +)
            defects += outcome.defects.count
            #expect(outcome.faults > 0, "\(kind.name)")
            for defect in outcome.defects { Issue.record("\(row), \(kind.name) \(defect)") }
        }
        let ends = codes.sorted { $0.value > $1.value }.map { "\($0.value) 0x\(String($0.key, radix: 16))" }
        print(
            "faults: \(row.card)\(row.isUnpadded ? ", unpadded" : "") \(row.scenario): \(faults) injected, \(defects) defects; \(ends.joined(separator: ", "))"
        )
    }
}
