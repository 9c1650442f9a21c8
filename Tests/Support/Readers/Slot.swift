import ISO7816
import VirtualCPS

/// One command and what came back; nil when nothing did.
public struct RecordedExchange: Sendable, Equatable {
    public let reader: String
    public let command: [UInt8]
    public let response: [UInt8]?
}

/// What can go wrong at one APDU.
public enum Fault: Sendable, Equatable {
    /// The card is taken out before it answers.
    case removeCard
    /// The card is taken out and put back before it answers.
    case replaceCard
    /// The card loses its power for a moment; the command is lost.
    case resetCard
    /// The card does not answer.
    case unresponsive
    /// The card does what it is told, but these bytes come back instead.
    case garbage([UInt8])
    /// Only the first bytes of the answer come back.
    case truncate(Int)
    /// The answer comes back with another status word.
    case status(StatusWord)
    /// The answer comes back without data and with another status word; the
    /// card has not seen the command.
    case refuse(StatusWord)
    /// The answer comes late.
    case delay(milliseconds: Int)
}

/// One reader: what is in it, and who uses it. All under the readers' lock.
final class Slot {
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
    /// The connections to the card that are open.
    var connectionCount = 0
    /// The channel whose transaction is under way.
    var owner: ObjectIdentifier?
    /// All commands since the reader was plugged in.
    var commandCount = 0
    var faults: [Int: Fault] = [:]

    var state: ReaderState {
        let presence: ReaderState.Presence =
            switch content {
            case .empty: .noCard
            case .mute: .muteCard
            case .card(let card): .card(atr: card.atr)
            }
        return ReaderState(presence: presence, eventCount: eventCount)
    }

    func put(_ card: (any EmulatedCard)?) {
        card?.reset()
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

    func reset() {
        guard case .card(let card) = content else { return }
        card.reset()
        resetCount += 1
    }
}
