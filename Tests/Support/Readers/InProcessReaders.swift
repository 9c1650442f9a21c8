// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO7816
import SmartCardBytes
import VirtualCPS

/// Readers in this process with virtual cards, for tests: they behave like pcscd.
/// Connections can share a card; cards can be removed, inserted, reset by "another program",
/// and made to fail.
public final class InProcessReaders: ReaderService, @unchecked Sendable {
    /// Guards everything here, including the cards; signalled at each change.
    let condition = NSCondition()
    private var slots: [(name: String, slot: ReaderSlot)] = []
    private var isCancelled = false
    private var isServiceRunning = true
    /// Counts how often the service was stopped and started.
    private(set) var serviceLife = 0
    private var recorded: [RecordedExchange] = []

    /// - Parameter names: the readers that are plugged in.
    public init(_ names: [String] = ["Virtual Reader 00"]) {
        slots = names.map { ($0, ReaderSlot()) }
    }

    func locked<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return try body()
    }

    func slot(_ name: String) -> ReaderSlot? { slots.first { $0.name == name }?.slot }

    func record(_ exchange: RecordedExchange) { recorded.append(exchange) }

    // What a test does.

    /// Plugs in a reader.
    public func addReader(_ name: String) {
        locked {
            if slot(name) == nil { slots.append((name, ReaderSlot())) }
            condition.broadcast()
        }
    }

    /// Unplugs a reader, with the card in it.
    public func removeReader(_ name: String) {
        locked {
            slot(name)?.take()
            slots.removeAll { $0.name == name }
            condition.broadcast()
        }
    }

    /// Gives a reader a keypad.
    public func setKeypad(_ keypad: InProcessKeypad, in reader: String) { locked { slot(reader)?.keypad = keypad } }

    /// Inserts a card into a reader; it replaces the card there. nil is a
    /// card without an answer to reset.
    public func insert(_ card: (any EmulatedCard)?, into reader: String) {
        locked {
            guard let slot = slot(reader) else { return }
            if slot.content != .empty { slot.take() }
            slot.put(card)
            condition.broadcast()
        }
    }

    /// Removes the card from a reader.
    public func removeCard(from reader: String) {
        locked {
            slot(reader)?.take()
            condition.broadcast()
        }
    }

    /// The number of connections to the card in a reader.
    public func connectionCount(of reader: String) -> Int { locked { slot(reader)?.connectionCount ?? 0 } }

    /// Sets the answer of the card in a reader to a warm reset.
    public func setWarmAnswer(_ answer: [UInt8], in reader: String) {
        locked { slot(reader)?.warmAnswer = answer }
    }

    /// Resets a card as another program would.
    public func resetCard(in reader: String) {
        locked {
            slot(reader)?.reset(isWarm: true)
            condition.broadcast()
        }
    }

    /// Sets whether another program holds the card exclusively.
    public func setExclusive(_ isExclusive: Bool, in reader: String) {
        locked { slot(reader)?.isExclusive = isExclusive }
    }

    /// Stops or starts the service.
    public func setServiceRunning(_ isRunning: Bool) {
        locked {
            isServiceRunning = isRunning
            condition.broadcast()
        }
    }

    /// Stops and starts the service; cards lose power. Call it with the lock held.
    func restartService() {
        serviceLife += 1
        for entry in slots { entry.slot.restart() }
        condition.broadcast()
    }

    /// The same between two commands.
    public func restart() { locked { restartService() } }

    /// Makes something go wrong at the n-th APDU from now, 1 being the next.
    public func inject(_ fault: Fault, atAPDU number: Int, in reader: String) {
        locked {
            guard let slot = slot(reader) else { return }
            slot.faults[slot.commandCount + number] = fault
        }
    }

    /// Removes pending faults.
    public func clearFaults() { locked { for entry in slots { entry.slot.faults = [:] } } }

    /// Whether there are pending faults.
    public var hasFaults: Bool { locked { slots.contains { !$0.slot.faults.isEmpty } } }

    /// All exchanges so far, in order.
    public var exchanges: [RecordedExchange] { locked { recorded } }

    /// The commands so far, in hexadecimal.
    public var commands: [String] { exchanges.map { Hexadecimal.encode($0.command) } }

    /// Clears the record.
    public func clearRecord() { locked { recorded = [] } }

    // ReaderService.

    private func checkService() throws(ChannelError) {
        guard isServiceRunning else { throw .serviceUnavailable }
    }

    /// The readers that are plugged in.
    public func readerNames() throws(ChannelError) -> [String] {
        try locked { () throws(ChannelError) in
            try checkService()
            return slots.map(\.name)
        }
    }

    /// The current states; nothing is sent to a card.
    public func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        try locked { () throws(ChannelError) in
            try checkService()
            return readers.map(state)
        }
    }

    private func state(of reader: String) -> ReaderState {
        slot(reader)?.state ?? ReaderState(presence: .noReader, eventCount: 0)
    }

    /// Waits on a condition variable: a change wakes it at once.
    public func waitForChange(
        from known: [(reader: String, state: ReaderState)], milliseconds: Int
    ) throws(ChannelError) {
        let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1000)
        let names = Set(known.filter { $0.state.presence != .noReader }.map(\.reader))
        try locked { () throws(ChannelError) in
            while !isCancelled {
                try checkService()
                if names != Set(slots.map(\.name)) || known.contains(where: { state(of: $0.reader) != $0.state }) {
                    return
                }
                guard condition.wait(until: deadline) else { return }
            }
        }
    }

    /// A shared connection, refused while another one is exclusive.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        try locked { () throws(ChannelError) in
            try checkService()
            guard let slot = slot(reader) else { throw .readerUnavailable }
            guard !slot.isExclusive else { throw .sharingViolation }
            switch slot.content {
            case .empty: throw .cardRemoved
            case .mute: throw .cardUnresponsive
            case .card(let card): return InProcessChannel(self, reader, slot, card)
            }
        }
    }

    /// Ends all waits, including later ones.
    public func cancelWaits() {
        locked {
            isCancelled = true
            condition.broadcast()
        }
    }

    /// Like `cancelWaits`; cards stay in the readers.
    public func close() { cancelWaits() }
}
