// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// A card that is a function: from each command to its answer. It keeps no answer.
final class FunctionChannel: CardChannel {
    let transportProtocol: TransportProtocol = .t1
    let isUsedByOthers = false
    private let answer: ([UInt8]) -> [UInt8]
    /// The commands so far, in hexadecimal.
    private(set) var commands: [String] = []

    init(_ answer: @escaping ([UInt8]) -> [UInt8]) { self.answer = answer }

    func beginTransaction() throws(ChannelError) -> CardContinuity { .same }
    func endTransaction() {}
    func look() -> CardContinuity? { .same }
    func cutPower(patience: Int) throws(ChannelError) {}
    func endTransactionCuttingPower() throws(ChannelError) {}
    func disconnect() {}

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        let bytes = command.indices.map { command[$0] }
        commands.append(Hexadecimal.encode(bytes))
        return answer(bytes)
    }
}
