// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

/// A channel that answers from a list, and keeps what it was sent. When the list
/// is at its end it goes on with the last answer: a card that never stops.
final class ScriptedChannel: CardChannel {
    let transportProtocol: TransportProtocol
    private var answers: [[UInt8]]
    private(set) var commands: [String] = []

    init(_ transportProtocol: TransportProtocol = .t0, _ answers: String...) {
        self.transportProtocol = transportProtocol
        self.answers = answers.map(hex)
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity { .same }
    func endTransaction() {}
    func look() -> CardContinuity? { .same }
    func cutPower(patience: Int) throws(ChannelError) {}

    func endTransactionCuttingPower() throws(ChannelError) {}
    func disconnect() {}

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        commands.append(Hexadecimal.encode(command.indices.map { command[$0] }))
        guard let answer = answers.first else { throw .cardRemoved }
        if answers.count > 1 { answers.removeFirst() }
        return answer
    }
}

/// The bytes of hexadecimal text in a test.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = Hexadecimal.decode(text) else {
        Issue.record("not hexadecimal: \(text)")
        return []
    }
    return bytes
}
