// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Synchronization

/// One reader with a card that is nothing but its answers. The same answers come
/// again in each connection.
final class ScriptedReaders: ReaderService {
    private let atr: [UInt8]
    private let transportProtocol: TransportProtocol
    private let answers: ScriptedAnswers

    init(atr: [UInt8], _ transportProtocol: TransportProtocol, answers: ScriptedAnswers) {
        (self.atr, self.transportProtocol, self.answers) = (atr, transportProtocol, answers)
    }

    func readerNames() -> [String] { ["Scripted Reader 00"] }
    func states(of readers: [String]) -> [ReaderState] {
        readers.map { _ in ReaderState(presence: .card(atr: atr), eventCount: 1) }
    }
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) {}
    func connect(to reader: String) -> any CardChannel { AnsweringChannel(transportProtocol, answers: answers) }
    func cancelWaits() {}
    func close() {}
}
