// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// Answers to commands, from the fuzzer's bytes: records of a key, a length and so
/// many bytes. A command gets the next record with its key (so that an answer that
/// grew does not move all others), else the next one at all; a length beyond
/// `longest` is no answer but a failure of the reader.
struct ScriptedAnswers {
    private enum Answer {
        case bytes([UInt8])
        case failure(ChannelError)
    }

    /// The keys and the answers of the records: apart, since keys are looked for all the time.
    private var keys: [UInt8] = []
    private var answers: [Answer] = []
    private var position = 0

    private static let longest = 0xFF00
    private static let failures: [ChannelError] = [
        .cardRemoved, .cardReset, .cardUnresponsive, .readerUnavailable, .sharingViolation, .serviceUnavailable,
        .malformedResponse, .other(7),
    ]

    init(_ input: inout FuzzInput) {
        while !input.isAtEnd {
            let key = input.byte()
            let length = input.number()
            let answer: Answer =
                length > ScriptedAnswers.longest
                ? .failure(ScriptedAnswers.failures[length % ScriptedAnswers.failures.count])
                : .bytes(input.bytes(length))
            keys.append(key)
            answers.append(answer)
        }
    }

    /// The input by which a card would say the same again.
    static func encode(_ exchanges: [(command: [UInt8], response: [UInt8])]) -> [UInt8] {
        exchanges.flatMap { [key(of: $0.command)] + block($0.response) }
    }

    mutating func answer(to command: [UInt8]) throws(ChannelError) -> [UInt8] {
        let key = ScriptedAnswers.key(of: command)
        let index =
            keys[min(position, keys.count)...].firstIndex(of: key) ?? keys.firstIndex(of: key) ?? position
        guard index < answers.count else { return [0x6A, 0x82] }
        position = index + 1
        switch answers[index] {
        case .bytes(let bytes): return bytes
        case .failure(let error): throw error
        }
    }

    private static func key(of command: [UInt8]) -> UInt8 { command.reduce(7) { ($0 &* 31) ^ $1 } }
}

/// A card that is nothing but its answers.
final class AnsweringChannel: CardChannel {
    let transportProtocol: TransportProtocol
    let isUsedByOthers = false
    private var answers: ScriptedAnswers
    private var commandCount = 0

    /// More commands than any conversation here has.
    private static let mostCommands = 4000

    init(_ transportProtocol: TransportProtocol, answers: ScriptedAnswers) {
        self.transportProtocol = transportProtocol
        self.answers = answers
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity { .same }
    func endTransaction() {}
    func look() -> CardContinuity? { .same }
    func cutPower(patience: Int) throws(ChannelError) {}

    func endTransactionCuttingPower() throws(ChannelError) {}
    func disconnect() {}

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in command.indices { bytes.append(command[index]) }
        expect((4...261).contains(bytes.count), "a command is a short APDU")
        commandCount += 1
        guard commandCount <= AnsweringChannel.mostCommands else { throw .cardRemoved }
        return try answers.answer(to: bytes)
    }
}
