// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The commands that a report may send, and no others. They read what every reader may read: none presents a PIN,
/// none can cost a try, none writes. docs/architecture.md ("A card's report") has the same list; a test compares.
public enum PermittedCommand: CaseIterable, Sendable {
    case select
    case selectApplet
    case readBinary
    case getResponse
    case pinObject
    case retryCounter

    /// The form, as the document shows it: `..` is any byte, `/` separates alternatives.
    public var pattern: String {
        switch self {
        case .select: "00/01 A4 00/02/08/09 00/04/0C Lc .."
        case .selectApplet: "00/01 A4 04 04/0C 08 80 25 00 00 01 FF 01 00"
        case .readBinary: "00/01 B0 00-7F .. Le"
        case .getResponse: "00/01 C0 00 00 Le"
        case .pinObject: "00 CB 3F FF 0A 4D 08 70 06 BF 81 .. 02 A0 80"
        case .retryCounter: "01 20 00 .."
        }
    }

    /// The command that these bytes are; nil for one that must not be sent.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4, bytes[0] <= 0x01,  // checked: four bytes or more
            let command = PermittedCommand.allCases.first(where: { $0.matches(bytes) })
        else { return nil }
        self = command
    }

    private func matches(_ bytes: [UInt8]) -> Bool {
        let (cla, ins, p1, p2) = (bytes[0], bytes[1], bytes[2], bytes[3])  // checked: four bytes or more, see init
        let body = Array(bytes.dropFirst(4))
        switch self {
        case .select:
            guard ins == 0xA4, [0x00, 0x02, 0x08, 0x09].contains(p1), [0x00, 0x04, 0x0C].contains(p2),
                let length = body.first, (2...16).contains(length)
            else { return false }
            return [Int(length) + 1, Int(length) + 2].contains(body.count)
        case .selectApplet:
            return ins == 0xA4 && p1 == 0x04 && [0x04, 0x0C].contains(p2) && body == [0x08] + PermittedCommand.applet
        case .readBinary: return ins == 0xB0 && p1 <= 0x7F && body.count == 1
        case .getResponse: return ins == 0xC0 && p1 == 0 && p2 == 0 && body.count == 1
        case .pinObject:
            guard cla == 0x00, ins == 0xCB, p1 == 0x3F, p2 == 0xFF, (11...12).contains(body.count) else { return false }
            return body.starts(with: PermittedCommand.pinObjectHead) && body[8...10] == [0x02, 0xA0, 0x80][...]
        // Without a body: with one it would present a PIN. T=0 has a fifth byte, 00, where Lc would be.
        case .retryCounter: return cla == 0x01 && ins == 0x20 && p1 == 0 && (body.isEmpty || body == [0x00])
        }
    }

    /// Its identifier (cards.md §1.4).
    static let applet: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    private static let pinObjectHead: [UInt8] = [0x0A, 0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81]
}

/// A channel that refuses every command that is not on the list, before it reaches the reader. It can neither
/// cut the card's power nor reset it.
final class PermittedChannel: CardChannel {
    private let channel: any CardChannel
    /// What was sent, for the tests.
    private(set) var sent: [PermittedCommand] = []

    init(_ channel: any CardChannel) { self.channel = channel }

    var transportProtocol: TransportProtocol { channel.transportProtocol }
    var isUsedByOthers: Bool { channel.isUsedByOthers }

    func beginTransaction() throws(ChannelError) -> CardContinuity { try channel.beginTransaction() }
    func endTransaction() { channel.endTransaction() }
    func look() -> CardContinuity? { channel.look() }
    func disconnect() { channel.disconnect() }

    func endTransactionCuttingPower() throws(ChannelError) { throw .accessRefused }
    func cutPower(patience: Int) throws(ChannelError) { throw .accessRefused }

    /// - Throws: `.accessRefused` for a command that is not on the list; it is not sent.
    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in command.indices { bytes.append(command[index]) }
        guard let permitted = PermittedCommand(bytes) else { throw .accessRefused }
        sent.append(permitted)
        return try channel.transmit(command)
    }
}
