// SPDX-License-Identifier: Apache-2.0

import VirtualCPS

/// Answers vpcd for the card.
struct CardServer: ~Copyable {
    private let card: any EmulatedCard
    private let stateFile: StateFile?
    private let latency: Latency?
    private var faults: FaultSchedule
    private var lastResponse: [UInt8] = []
    /// Whether the card was reset and not powered off since.
    private var isWarm = false
    var trace: APDUTrace?

    init(card: any EmulatedCard, stateFile: StateFile?, latency: Latency?, faults: FaultSchedule) {
        self.card = card
        self.stateFile = stateFile
        self.latency = latency
        self.faults = faults
    }

    /// Serves until the card is removed.
    /// - Parameter inserted: called once, when pcscd has seen the card.
    mutating func serve(_ connection: borrowing VPCDConnection, inserted: () -> Void) throws(VirtualCardError) {
        var isSeen = false
        while true {
            let message = connection.receive()
            if !isSeen, message != .end {
                isSeen = true
                inserted()
            }
            switch message {
            case .powerOff: power("power off")
            case .powerOn: power("power on")
            case .reset: power("reset", isWarm: true)
            case .getATR:
                guard connection.send(isWarm ? card.warmATR ?? card.atr : card.atr) else { return event("removed") }
            case .command(let command):
                guard let response = try respond(to: command), connection.send(response) else {
                    return event("removed")
                }
            case .end: return event("removed")
            }
        }
    }

    private mutating func power(_ name: String, isWarm: Bool = false) {
        self.isWarm = isWarm
        card.reset()
        event(name)
    }

    private func event(_ text: String) { trace?.event(text) }

    /// - Returns: nil if the card is removed instead.
    private mutating func respond(to command: [UInt8]) throws(VirtualCardError) -> [UInt8]? {
        trace?.command(command)
        let before = card.operationCount
        let response: [UInt8]
        switch try faults.next() {
        case .answer(let answer)?:
            event("fault")
            if case .delay(let milliseconds) = answer { Latency.wait(milliseconds: Double(milliseconds)) }
            response = answer.response(of: card, to: command, after: lastResponse)
        case nil: response = card.respond(to: command)
        default: return nil
        }
        lastResponse = response
        // Saved before the response is sent: a retry counter must not go back up.
        if let card = card as? VirtualCard { try stateFile?.save(card) }
        latency?.wait(bytes: command.count + response.count, operations: card.operationCount - before)
        trace?.response(response)
        return response
    }
}
