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
    public let status: StatusWord
    public let reason: String

    public var description: String {
        "\(command): \(Hexadecimal.encode(header, separator: " ")) -> \(status): \(reason)"
    }
}

/// A card that is none of ours: it refuses everything, and counts. For tests
/// that a foreign card is left alone.
public final class ForeignCard: EmulatedCard {
    public let atr: [UInt8]
    public let transport: TransportProtocol
    public var onLog: ((CardLogEntry) -> Void)?
    public let operationCount = 0
    /// How many commands have come.
    public private(set) var commandCount = 0

    public init(atr: [UInt8], transport: TransportProtocol) {
        self.atr = atr
        self.transport = transport
    }

    public func reset() {}

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
