// SPDX-License-Identifier: Apache-2.0

import ISO7816
import VirtualCPS

/// One command and its response.
public struct RecordedExchange: Sendable, Equatable {
    /// The name of the reader.
    public let reader: String
    /// The command as the library sent it.
    public let command: [UInt8]
    /// Data and status word; nil if the card did not answer.
    public let response: [UInt8]?
}

/// One reader, its card and its connections. Guarded by the readers' lock.
final class ReaderSlot {
    enum Content: Equatable {
        case empty
        case mute
        case card(any EmulatedCard)

        static func == (left: Content, right: Content) -> Bool {
            switch (left, right) {
            case (.empty, .empty), (.mute, .mute): true
            case (.card(let one), .card(let other)): one === other
            default: false
            }
        }
    }

    private(set) var content = Content.empty
    /// The number of insertions and removals.
    private(set) var eventCount: UInt32 = 0
    private(set) var resetCount = 0
    var isExclusive = false
    /// The reader's keypad; nil if it has none.
    var keypad: InProcessKeypad?
    /// The connections to the card that are open.
    var connectionCount = 0
    /// The channel that has a transaction.
    var owner: ObjectIdentifier?
    /// All commands since the reader was plugged in.
    var commandCount = 0
    var faults: [Int: Fault] = [:]
    /// The card's last response.
    var lastResponse: [UInt8] = []
    /// The answer to a warm reset, if it differs from the answer to power-up.
    var warmAnswer: [UInt8]?
    private var isWarm = false

    var state: ReaderState {
        let presence: ReaderState.Presence =
            switch content {
            case .empty: .noCard
            case .mute: .muteCard
            case .card(let card): .card(atr: isWarm ? warmAnswer ?? card.atr : card.atr)
            }
        return ReaderState(presence: presence, eventCount: eventCount)
    }

    func put(_ card: (any EmulatedCard)?) {
        card?.reset()
        isWarm = false
        content = card.map { .card($0) } ?? .mute
        eventCount &+= 1
    }

    func take() {
        guard content != .empty else { return }
        if case .card(let card) = content { card.reset() }
        content = .empty
        owner = nil
        connectionCount = 0
        eventCount &+= 1
    }

    /// - Parameter isWarm: whether the card keeps its power.
    func reset(isWarm: Bool = false) {
        guard case .card(let card) = content else { return }
        card.reset()
        self.isWarm = isWarm
        resetCount += 1
    }

    /// The service was restarted: no connections, one insertion seen.
    func restart() {
        if case .card(let card) = content { card.reset() }
        owner = nil
        connectionCount = 0
        eventCount = content == .empty ? 0 : 1
    }
}
