// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// A card as a reader sees it.
public protocol EmulatedCard: AnyObject {
    /// What the card answers to power-on and reset.
    var atr: [UInt8] { get }
    /// The protocol that its answers follow.
    var transport: TransportProtocol { get }
    /// Power-on or reset: selections, PIN states and channels are gone.
    func reset()
    /// Answers one command, in the form that goes over the wire.
    func respond(to command: [UInt8]) -> [UInt8]
    /// Called with each line of the card's log.
    var onLog: ((CardLogEntry) -> Void)? { get set }
    /// How many RSA operations were done: for the latency model.
    var operationCount: Int { get }
}

/// A refusal of the card, with its reason.
public struct CardLogEntry: Sendable, Equatable, CustomStringConvertible {
    /// Counts the commands since the card was made, from 1.
    public let command: Int
    /// The header bytes, at most four: never a PIN.
    public let header: [UInt8]
    /// What the card answered: never success.
    public let status: StatusWord
    /// Why, in English: for whoever reads the log of a failed test.
    public let reason: String

    /// `12: 00 B0 00 00 -> 6986: no file is selected`.
    public var description: String {
        "\(command): \(Hexadecimal.encode(header, separator: " ")) -> \(status): \(reason)"
    }
}

/// A card that is none of ours: it refuses everything, and counts. For tests
/// that a foreign card is left alone.
public final class ForeignCard: EmulatedCard {
    /// The answer to reset that it was made with.
    public let atr: [UInt8]
    /// The protocol that its reader speaks.
    public let transport: TransportProtocol
    /// Called at each command, since all are refused.
    public var onLog: ((CardLogEntry) -> Void)?
    /// Always 0: nothing is computed.
    public let operationCount = 0
    /// How many commands have come.
    public private(set) var commandCount = 0

    /// Makes a card with any answer to reset.
    public init(atr: [UInt8], transport: TransportProtocol) {
        self.atr = atr
        self.transport = transport
    }

    /// Does nothing: the card has no state.
    public func reset() {}

    /// Refuses with 6D00.
    public func respond(to command: [UInt8]) -> [UInt8] {
        commandCount += 1
        let status = StatusWord.instructionNotSupported
        onLog?(
            CardLogEntry(
                command: commandCount, header: Array(command.prefix(4)), status: status,
                reason: "a foreign card knows no instruction"))
        return [status.sw1, status.sw2]
    }
}
