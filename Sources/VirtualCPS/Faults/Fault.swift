// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// A fault at one APDU, in a reader or in pcscd. A fault of the response alone is a
/// `FaultyAnswer`.
public enum Fault: Sendable, Equatable {
    /// The card is removed before it answers.
    case removeCard
    /// The card is removed and inserted before it answers.
    case replaceCard
    /// The card is reset, and its users are notified; the command is lost.
    case resetCard
    /// The card does not answer.
    case unresponsive
    /// The service restarts at once: all connections are lost.
    case restartService
    case answer(FaultyAnswer)

    /// `FaultyAnswer.forget`. This and the next ones are short names of the faulty answers.
    public static let forget = Fault.answer(.forget)
    /// `FaultyAnswer.repeated`.
    public static let repeated = Fault.answer(.repeated)
    /// `FaultyAnswer.garbage`.
    public static func garbage(_ bytes: [UInt8]) -> Fault { .answer(.garbage(bytes)) }
    /// `FaultyAnswer.truncate`.
    public static func truncate(_ count: Int) -> Fault { .answer(.truncate(count)) }
    /// `FaultyAnswer.shorten`.
    public static func shorten(_ count: Int) -> Fault { .answer(.shorten(count)) }
    /// `FaultyAnswer.status`.
    public static func status(_ status: StatusWord) -> Fault { .answer(.status(status)) }
    /// `FaultyAnswer.refuse`.
    public static func refuse(_ status: StatusWord) -> Fault { .answer(.refuse(status)) }
    /// `FaultyAnswer.delay`.
    public static func delay(milliseconds: Int) -> Fault { .answer(.delay(milliseconds: milliseconds)) }
}

/// A response that differs from the card's.
public enum FaultyAnswer: Sendable, Equatable {
    /// The card loses power for a moment and nobody is notified: it answers as after a reset.
    case forget
    /// The card executes the command, but these bytes come back.
    case garbage([UInt8])
    /// Only the first bytes of the answer come back.
    case truncate(Int)
    /// Only the first bytes of the response data come back, with the status word.
    case shorten(Int)
    /// The answer comes back with another status word.
    case status(StatusWord)
    /// Only this status word comes back; the card does not get the command.
    case refuse(StatusWord)
    /// The card executes the command, but its previous response comes back.
    case repeated
    /// The response is late. The caller has to wait by itself.
    case delay(milliseconds: Int)

    /// The response to a command.
    /// - Parameter previous: the previous response.
    public func response(of card: any EmulatedCard, to command: [UInt8], after previous: [UInt8]) -> [UInt8] {
        switch self {
        case .forget:
            card.reset()
            return card.respond(to: command)
        case .refuse(let status):
            return [status.sw1, status.sw2]
        default:
            return altered(card.respond(to: command), after: previous)
        }
    }

    private func altered(_ response: [UInt8], after previous: [UInt8]) -> [UInt8] {
        switch self {
        case .garbage(let bytes): bytes
        case .truncate(let count): Array(response.prefix(max(count, 0)))
        case .shorten(let count): response.dropLast(2).prefix(max(count, 0)) + response.suffix(2)
        case .status(let status): response.dropLast(2) + [status.sw1, status.sw2]
        case .repeated: previous
        case .forget, .refuse, .delay: response
        }
    }
}
