// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO7816
import VirtualCPS

/// One connection to a card of `InProcessReaders`, shared with others.
final class InProcessChannel: CardChannel {
    let transportProtocol: TransportProtocol
    private let readers: InProcessReaders
    private let name: String
    private let slot: ReaderSlot
    private let card: any EmulatedCard
    /// The insertion during which the connection was made.
    private let insertion: UInt32
    /// The resets that this connection knows of.
    private var knownResets: Int
    /// The run of the service in which the connection was made.
    private let serviceLife: Int
    private var isConnected = true
    let isUsedByOthers: Bool

    init(_ readers: InProcessReaders, _ name: String, _ slot: ReaderSlot, _ card: any EmulatedCard) {
        (self.readers, self.name, self.slot, self.card) = (readers, name, slot, card)
        transportProtocol = card.transport
        isUsedByOthers = slot.connectionCount > 0
        slot.connectionCount += 1
        insertion = slot.eventCount
        knownResets = slot.resetCount
        serviceLife = readers.serviceLife
    }

    var pinPad: (any PINPad)? {
        readers.locked { slot.keypad }.map { InProcessPINPad(keypad: $0, channel: self) }
    }

    private var me: ObjectIdentifier { ObjectIdentifier(self) }

    private func check() throws(ChannelError) {
        guard serviceLife == readers.serviceLife else { throw .serviceUnavailable }
        guard isConnected, readers.slot(name) === slot else { throw .readerUnavailable }
        guard slot.eventCount == insertion else { throw .cardRemoved }
    }

    /// Waits until no other channel has a transaction.
    /// - Parameter patience: in seconds, far longer than any test's transaction: a transaction
    ///   that never ends becomes an error instead of a hanging run.
    private func waitForTurn(patience: TimeInterval = 120) throws(ChannelError) {
        let end = Date(timeIntervalSinceNow: patience)
        try check()
        while let owner = slot.owner, owner != me {
            guard readers.condition.wait(until: end) else { throw .sharingViolation }
            try check()
        }
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        try readers.locked { () throws(ChannelError) in
            try waitForTurn()
            slot.owner = me
            guard knownResets != slot.resetCount else { return .same }
            knownResets = slot.resetCount
            return .reset
        }
    }

    func endTransaction() { readers.locked { release() } }

    func endTransactionCuttingPower() throws(ChannelError) {
        try readers.locked { () throws(ChannelError) in
            try check()
            slot.reset()
            knownResets = slot.resetCount
            release()
        }
    }

    private func release() {
        guard slot.owner == me else { return }
        slot.owner = nil
        readers.condition.broadcast()
    }

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in command.indices { bytes.append(command[index]) }
        if let milliseconds = readers.locked({ delayOfNext() }) {
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
        }
        return try readers.locked { () throws(ChannelError) in
            try waitForTurn()
            guard knownResets == slot.resetCount else { throw .cardReset }
            slot.commandCount += 1
            let response: [UInt8]
            do throws(ChannelError) {
                response = try exchange(bytes, slot.faults.removeValue(forKey: slot.commandCount))
            } catch {
                readers.record(RecordedExchange(reader: name, command: bytes, response: nil))
                readers.condition.broadcast()
                throw error
            }
            readers.record(RecordedExchange(reader: name, command: bytes, response: response))
            slot.lastResponse = response
            guard response.count >= 2 else { throw .malformedResponse }
            return response
        }
    }

    /// Delays pass outside the lock, so that other readers go on.
    private func delayOfNext() -> Int? {
        if case .answer(.delay(let milliseconds))? = slot.faults[slot.commandCount + 1] { milliseconds } else { nil }
    }

    private func exchange(_ command: [UInt8], _ fault: Fault?) throws(ChannelError) -> [UInt8] {
        switch fault {
        case nil: return card.respond(to: command)
        case .removeCard:
            slot.take()
            throw .cardRemoved
        case .replaceCard:
            slot.take()
            slot.put(card)
            throw .cardRemoved
        case .resetCard:
            slot.reset()
            throw .cardReset
        case .unresponsive: throw .cardUnresponsive
        case .restartService:
            readers.restartService()
            throw .serviceUnavailable
        case .answer(let answer): return answer.response(of: card, to: command, after: slot.lastResponse)
        }
    }

    func look() -> CardContinuity? {
        readers.locked {
            do throws(ChannelError) {
                try check()
            } catch {
                return error == .cardRemoved ? .removed : error == .serviceUnavailable ? .disconnected : nil
            }
            if knownResets != slot.resetCount { return .reset }
            if let owner = slot.owner, owner != me { return nil }
            return .same
        }
    }

    func cutPower(patience: Int) throws(ChannelError) {
        try readers.locked { () throws(ChannelError) in
            try check()
            guard knownResets == slot.resetCount else { return }
            try waitForTurn(patience: TimeInterval(patience) / 1000)
            guard knownResets == slot.resetCount else { return }
            slot.reset()
            knownResets = slot.resetCount
            readers.condition.broadcast()
        }
    }

    /// Resets the card like another program.
    func reset() throws(ChannelError) {
        try readers.locked { () throws(ChannelError) in
            try waitForTurn()
            slot.reset(isWarm: true)
            knownResets = slot.resetCount
            readers.condition.broadcast()
        }
    }

    func disconnect() {
        readers.locked {
            release()
            if isConnected, serviceLife == readers.serviceLife, slot.eventCount == insertion {
                slot.connectionCount -= 1
            }
            isConnected = false
        }
    }
}
