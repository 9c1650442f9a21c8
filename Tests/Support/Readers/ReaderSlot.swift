// SPDX-License-Identifier: Apache-2.0

import ISO7816
import VirtualCPS

/// One command and what came back; nil when nothing did.
public struct RecordedExchange: Sendable, Equatable {
    /// The name of the reader.
    public let reader: String
    /// The command as it left the library.
    public let command: [UInt8]
    /// The data and the status; nil when the card did not answer.
    public let response: [UInt8]?
}

/// One reader: what is in it, and who uses it. All under the readers' lock.
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
    /// Insertions and removals.
    private(set) var eventCount: UInt32 = 0
    private(set) var resetCount = 0
    var isExclusive = false
    /// The reader's keypad; nil where it has none.
    var keypad: InProcessKeypad?
    /// The connections to the card that are open.
    var connectionCount = 0
    /// The channel whose transaction is under way.
    var owner: ObjectIdentifier?
    /// All commands since the reader was plugged in.
    var commandCount = 0
    var faults: [Int: Fault] = [:]
    /// What the card said last.
    var lastResponse: [UInt8] = []
    /// What the card answers to a warm reset, where that is another answer than to its
    /// power-up.
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

    /// The service has started anew: nobody is connected, and it has seen one
    /// insertion.
    func restart() {
        if case .card(let card) = content { card.reset() }
        owner = nil
        connectionCount = 0
        eventCount = content == .empty ? 0 : 1
    }
}
