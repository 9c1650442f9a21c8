import VirtualCPS

/// Answers vpcd in the card's name.
struct CardServer: ~Copyable {
    private let card: any EmulatedCard
    private let stateFile: StateFile?
    private let latency: Latency?
    var trace: APDUTrace?

    init(card: any EmulatedCard, stateFile: StateFile?, latency: Latency?) {
        self.card = card
        self.stateFile = stateFile
        self.latency = latency
    }

    /// Serves until the card is taken out.
    /// - Parameter inserted: called once, when the reader has seen the card.
    func serve(_ connection: borrowing VPCDConnection, inserted: () -> Void) throws(CardError) {
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
            case .reset: power("reset")
            case .getATR:
                guard connection.send(card.atr) else { return event("removed") }
            case .command(let command):
                guard connection.send(try respond(to: command)) else { return event("removed") }
            case .end: return event("removed")
            }
        }
    }

    private func power(_ name: String) {
        card.reset()
        event(name)
    }

    private func event(_ text: String) { trace?.event(text) }

    private func respond(to command: [UInt8]) throws(CardError) -> [UInt8] {
        trace?.command(command)
        let before = card.operationCount
        let response = card.respond(to: command)
        // Kept before anyone hears of it: a counter must not come back.
        if let card = card as? VirtualCard { try stateFile?.save(card) }
        latency?.wait(bytes: command.count + response.count, operations: card.operationCount - before)
        trace?.response(response)
        return response
    }
}
