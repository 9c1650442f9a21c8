// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Dispatch
import Foundation
import VirtualCPSTestSupport

@testable import Cryptoki
@testable import VirtualCPS

/// One kind of fault at every APDU of a scenario on a card. After each fault:
/// a right code, in time; the same program, without C_Finalize, gets with the
/// healthy card what a program gets that has seen no fault; no try was spent, no
/// wrong signature came out, and nobody else may use the code.
struct FaultSweep {
    let kind: CardKind
    /// Whether its PIN is sent as it is, and not in a block of eight bytes.
    var isUnpadded = false
    let scenario: FaultScenario
    let fault: FaultKind

    /// What became of all the faults of a sweep.
    struct Outcome {
        var faults = 0
        /// What they ended in: return codes, and how often.
        var codes: [CK_RV: Int] = [:]
        /// What is not as it should be, in words.
        var defects: [String] = []
    }

    /// How long an attempt may take with a fault in it, and how long it is waited
    /// for before it counts as hanging; in seconds.
    private static var patience: Double {
        // A machine with more to do than it has processors takes longer, which is no defect.
        var load = 0.0
        unsafe getloadavg(&load, 1)
        return 5 * max(1, 2 * load / Double(ProcessInfo.processInfo.activeProcessorCount))
    }
    private static let longestWait = 60.0

    func run() throws -> Outcome {
        let reader = try TestReader(kind) { if isUnpadded { $0.pin.block = .unpadded } }
        var state = reader.card.state
        scenario.prepare(&state)
        try reader.card.restore(state)
        guard case .success(let expected)? = attempt(TestProvider(reader)) else {
            return Outcome(defects: ["does not work without a fault"])
        }
        var outcome = Outcome()
        for position in 1... {
            try reader.card.restore(state)
            reader.insertCard()
            reader.readers.clearRecord()
            reader.inject(fault.fault(position), at: position)
            let test = TestProvider(reader)
            let start = Date()
            let first = attempt(test)
            let duration = Date().timeIntervalSince(start)
            if reader.readers.hasFaults { break }
            outcome.faults += 1
            var defects = judge(first, expected)
            if case .success? = first { outcome.codes[CKR_OK, default: 0] += 1 }
            if case .failure(let failure)? = first { outcome.codes[failure.code, default: 0] += 1 }
            if duration > Self.patience { defects.append("took \(duration) seconds") }
            defects += judgeCard(reader, state)
            if !reader.isCardInserted { reader.insertCard() }
            defects += judgeNext(attempt(test), expected)
            defects += judgeCard(reader, state)
            test.provider.finalize()
            outcome.defects += defects.map { "at APDU \(position): \($0)" }
            guard first != nil else { break }
        }
        reader.readers.clearFaults()
        return outcome
    }

    /// Runs the scenario on a thread of its own.
    /// - Returns: nil when it hangs.
    private func attempt(_ test: TestProvider) -> Result<FaultAttempt.Sight, FaultAttempt.Failure>? {
        let attempt = OnThread { () throws(FaultAttempt.Failure) in try FaultAttempt(test).run(scenario) }
        return attempt.result(within: Self.longestWait)
    }

    // MARK: Judgement

    private func judge(
        _ result: Result<FaultAttempt.Sight, FaultAttempt.Failure>?, _ expected: FaultAttempt.Sight
    ) -> [String] {
        switch result {
        case nil: return ["hangs"]
        case .failure(let failure)?:
            if failure.code == CKR_OK { return ["\(failure.function) finds nothing"] }
            return fault.codes.rightOnes.contains(failure.code) ? [] : ["\(failure) is not right"]
        case .success(let sight)?:
            if !fault.codes.rightOnes.contains(CKR_OK) { return ["nobody is told"] }
            return difference(sight, expected, isNext: false).map { ["shows something else: \($0)"] } ?? []
        }
    }

    private func judgeNext(
        _ result: Result<FaultAttempt.Sight, FaultAttempt.Failure>?, _ expected: FaultAttempt.Sight
    ) -> [String] {
        switch result {
        case nil: ["the next attempt hangs"]
        case .failure(let failure)?: ["the next attempt fails: \(failure)"]
        case .success(let sight)?:
            difference(sight, expected, isNext: true).map { ["the next attempt shows something else: \($0)"] } ?? []
        }
    }

    private func difference(_ sight: FaultAttempt.Sight, _ expected: FaultAttempt.Sight, isNext: Bool) -> String? {
        let names = Set(sight.keys).union(expected.keys)
            .filter { sight[$0] != expected[$0] && !fault.mayChange($0, on: kind, isNext: isNext) }.sorted()
        guard !names.isEmpty else { return nil }
        let missing = names.filter { sight[$0] == nil }.count
        return "\(names.count) values, of which \(missing) missing: \(names.prefix(3))"
    }

    /// What the card knows after an attempt.
    private func judgeCard(_ reader: TestReader, _ before: CardState) -> [String] {
        let now = reader.card.state
        var defects: [String] = []
        if now.pinTriesLeft < before.pinTriesLeft { defects.append("a try was spent") }
        if now.pukTriesLeft < before.pukTriesLeft { defects.append("a try of the unblocking code was spent") }
        if ![FaultScenario.oldPIN, FaultScenario.newPIN].contains(now.pin) { defects.append("the PIN is \(now.pin)") }
        if reader.presentations.count > 2 * scenario.presentations { defects.append("codes were presented again") }
        let pins = reader.card.card.pins
        if pins.user.isVerified || pins.puk.isVerified { defects.append("the card still counts a code as presented") }
        return defects
    }
}

extension FaultAttempt.Failure: CustomStringConvertible {
    var description: String { "\(function) 0x\(String(code, radix: 16, uppercase: true))" }
}

extension TestReader {
    var isCardInserted: Bool {
        if case .card? = try? readers.states(of: [TestReader.name]).first?.presence { true } else { false }
    }
}

/// Something that may hang, on a thread of its own.
private final class OnThread<Value, Failure: Error>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var outcome: Result<Value, Failure>?
    private let body: () throws(Failure) -> Value

    init(_ body: @escaping () throws(Failure) -> Value) {
        self.body = body
        Thread.detachNewThread {
            do throws(Failure) {
                self.outcome = .success(try self.body())
            } catch {
                self.outcome = .failure(error)
            }
            self.done.signal()
        }
    }

    /// - Returns: nil when it is not over after so many seconds.
    func result(within seconds: Double) -> Result<Value, Failure>? {
        done.wait(timeout: .now() + seconds) == .success ? outcome : nil
    }
}
