// SPDX-License-Identifier: Apache-2.0

import ISO7816

@testable import CallTrace
@testable import PCSC

/// The exchange of commands: 61xx, 6Cxx, chaining.
extension FuzzTarget {
    static let exchange = FuzzTarget(
        name: "CommandExchange",
        run: { input in
            let transport: TransportProtocol = input.bool() ? .t0 : .t1
            let maximum = input.number()
            let untried = input.bool() ? 256 : nil
            let commands = (0..<4).map { _ in
                CommandAPDU(
                    input.byte(), input.byte(), input.byte(), input.byte(),
                    data: [UInt8](repeating: 5, count: input.number() % 1200),
                    expectedLength: input.bool() ? Int(input.byte()) + 1 : nil)
            }
            let channel = AnsweringChannel(transport, answers: ScriptedAnswers(&input))
            let exchange = CommandExchange(channel: channel, maximumResponseLength: maximum, untriedLength: untried)
            for command in commands {
                if let response = try? exchange.send(command) {
                    exchange.noteRead(of: response.data.count, wanted: exchange.longestReadLength)
                }
                _ = exchange.giveUpLongResponses()
                _ = try? exchange.sendChained(command)
                expect((1...256).contains(exchange.maximumResponseLength), "a response is of 1 to 256 bytes")
            }
        },
        seeds: { card in
            let head: [UInt8] = [1, 0, 231, 1]
            let command: [UInt8] = [0x00, 0xB0, 0x00, 0x00, 0x01, 0x20, 1, 255]
            let answers: [[UInt8]] = [
                [0x61, 0x03], [1, 2, 3, 0x61, 0x02], [0x6C, 0x02], [1, 2, 0x90, 0x00], [0x90, 0x00],
            ]
            return [head + command + command + command + command + answers.flatMap { [0] + block($0) }]
        })

    /// What is told of commands and responses, to whom asks for it.
    static let trace = FuzzTarget(
        name: "MaskedExchange",
        run: { input in
            var exchange = MaskedExchange()
            // What is known of the card is one selection: longer conversations are the same again.
            for _ in 0..<32 where !input.isAtEnd {
                let command = input.block()
                _ = exchange.command(command.span)
                _ = exchange.response(input.block())
            }
        },
        seeds: { card in [card.exchanges.prefix(32).flatMap { block($0.command) + block($0.response) }] })

    /// What a reader says of its keypad.
    static let pinPadFeatures = FuzzTarget(
        "PINPadFeatures", seeds: { _ in [[0x06, 0x04, 0x42, 0x33, 0x00, 0x06, 0x07, 0x04, 0x42, 0x33, 0x00, 0x07]] }
    ) { bytes in
        for feature in 0...12 { _ = PCSCPINPad.controlCode(of: Int32(feature), in: bytes) }
    }
}
