// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// A card as a reader sees it.
public protocol EmulatedCard: AnyObject {
    /// The answer to power-on, and to a reset unless the card has another one for that.
    var atr: [UInt8] { get }
    /// Another answer to a reset without power-off; nil for the same.
    var warmATR: [UInt8]? { get }
    /// The transport protocol of its responses.
    var transport: TransportProtocol { get }
    /// Power-on or reset: clears selections, PIN states and channels.
    func reset()
    /// Answers one command APDU with a response APDU.
    func respond(to command: [UInt8]) -> [UInt8]
    /// Called with each line of the card's log.
    var onLog: ((CardLogEntry) -> Void)? { get set }
    /// The number of RSA operations, for the latency model.
    var operationCount: Int { get }
}

extension EmulatedCard {
    /// Nil: most cards answer alike.
    public var warmATR: [UInt8]? { nil }
}

/// A refusal of the card, with its reason.
public struct CardLogEntry: Sendable, Equatable, CustomStringConvertible {
    /// The number of the command, counted from 1.
    public let command: Int
    /// The header bytes, at most four: never a PIN.
    public let header: [UInt8]
    /// The status word; never success.
    public let status: StatusWord
    /// The reason in English, for the log of a failed test.
    public let reason: String

    /// `12: 00 B0 00 00 -> 6986: no file is selected`.
    public var description: String {
        "\(command): \(Hexadecimal.encode(header, separator: " ")) -> \(status): \(reason)"
    }
}

/// A foreign card: it refuses and counts all commands. For tests that nothing is sent to
/// such cards.
public final class ForeignCard: EmulatedCard {
    /// The answer to reset.
    public let atr: [UInt8]
    /// Another answer to a reset without power-off; nil for the same.
    public let warmATR: [UInt8]?
    /// The protocol that its reader speaks.
    public let transport: TransportProtocol
    /// Called at each command: all are refused.
    public var onLog: ((CardLogEntry) -> Void)?
    /// Always 0: nothing is computed.
    public let operationCount = 0
    /// The number of commands so far.
    public private(set) var commandCount = 0

    /// Makes a card with the given answers to reset.
    public init(atr: [UInt8], warmATR: [UInt8]? = nil, transport: TransportProtocol) {
        (self.atr, self.warmATR) = (atr, warmATR)
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
