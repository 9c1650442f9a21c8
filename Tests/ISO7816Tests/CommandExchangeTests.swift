// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

@Suite struct CommandExchangeTests {
    private static let read = CommandAPDU(0x00, 0xB0, 0x00, 0x00, expectedLength: 256)
    private static let select = CommandAPDU(0x00, 0xA4, 0x09, 0x04, data: [0x3F, 0x00], expectedLength: 256)

    private func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }

    @Test("data that wait are fetched with GET RESPONSE")
    func getResponse() throws {
        let channel = ScriptedChannel(.t0, "6103", "0102039000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.select)
        #expect(response == ResponseAPDU(data: [1, 2, 3], status: .success))
        #expect(channel.commands == ["00A40904023F00", "00C0000003"])
    }

    @Test(
        "256 bytes are fetched in what the card takes at once",
        arguments: [
            (231, ["00C00000E7", "00C0000019"]), (256, ["00C0000000"]), (1000, ["00C0000000"]),
        ])
    func limits(maximum: Int, expected: [String]) throws {
        let channel =
            expected.count == 2
            ? ScriptedChannel(.t0, "6100", zeros(231) + "6119", zeros(25) + "9000")
            : ScriptedChannel(.t0, "6100", zeros(256) + "9000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: maximum).send(Self.select)
        #expect(response.data.count == 256 && response.status.isSuccess)
        #expect(Array(channel.commands.dropFirst()) == expected)
    }

    @Test("an absurd maximum asks for one byte at a time")
    func absurdMaximum() throws {
        let channel = ScriptedChannel(.t0, "6102", "AA6101", "BB9000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 0).send(Self.select)
        #expect(response.data == [0xAA, 0xBB])
        #expect(channel.commands.suffix(2) == ["00C0000001", "00C0000001"])
    }

    @Test("data before 61xx and after it are one response")
    func dataThenMore() throws {
        let channel = ScriptedChannel(.t1, "01026101", "036282")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 256).send(Self.read)
        #expect(response == ResponseAPDU(data: [1, 2, 3], status: .endOfFileReached))
    }

    @Test("nobody fetches data that nobody asked for")
    func unwanted() throws {
        let channel = ScriptedChannel(.t0, "6127")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .send(CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x3F, 0x00]))
        #expect(response == ResponseAPDU(status: .success))
        #expect(channel.commands.count == 1)
    }

    @Test("9Fxx is followed in the command's own class")
    func oldAnnouncement() throws {
        let channel = ScriptedChannel(.t0, "9F02", "85009000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .send(CommandAPDU(0xA0, 0xA4, 0x00, 0x00, data: [0x40, 0x10], expectedLength: 256))
        #expect(response == ResponseAPDU(data: [0x85, 0x00], status: .success))
        #expect(channel.commands == ["A0A40000024010", "A0C0000002"])
    }

    @Test("6Cxx repeats the command once with the right length")
    func correctLength() throws {
        let channel = ScriptedChannel(.t0, "6C02", "5A0A9000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.read)
        #expect(response.data == [0x5A, 0x0A])
        #expect(channel.commands == ["00B0000000", "00B0000002"])
    }

    @Test("a second 6Cxx is the answer")
    func correctLengthTwice() throws {
        let channel = ScriptedChannel(.t0, "6C02", "6C03", "0000009000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.read)
        #expect(response.status == StatusWord(0x6C, 0x03))
        #expect(channel.commands.count == 2)
    }

    @Test("6Cxx to GET RESPONSE repeats GET RESPONSE, not the command")
    func correctLengthOfGetResponse() throws {
        let channel = ScriptedChannel(.t0, "6105", "6C02", "01029000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.select)
        #expect(response.data == [1, 2])
        #expect(channel.commands == ["00A40904023F00", "00C0000005", "00C0000002"])
    }

    @Test("6Cxx to a command without response data does not repeat it")
    func correctLengthOfUpdate() throws {
        let channel = ScriptedChannel(.t0, "6C02", "9000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .send(CommandAPDU(0x00, 0xD6, 0x00, 0x00, data: [0x01]))
        #expect(response.status == StatusWord(0x6C, 0x02))
        #expect(channel.commands.count == 1)
    }

    @Test(
        "a card that announces more and more is not followed for ever",
        arguments: [
            "6100", "00006100", "AA9F10", "6101",
        ])
    func endless(answer: String) {
        let channel = ScriptedChannel(.t0, answer)
        #expect(throws: ChannelError.malformedResponse) {
            try CommandExchange(channel: channel, maximumResponseLength: 256).send(Self.select)
        }
        #expect(channel.commands.count <= 65)
    }

    @Test("an error status ends the fetching, with what came before")
    func errorWhileFetching() throws {
        let channel = ScriptedChannel(.t0, "6110", "AA6102", "6F00")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.select)
        #expect(response == ResponseAPDU(data: [0xAA], status: .noPreciseDiagnosis))
    }

    @Test("an answer of fewer than two bytes is an error", arguments: ["", "90"])
    func shortAnswer(answer: String) {
        let channel = ScriptedChannel(.t0, answer)
        #expect(throws: ChannelError.malformedResponse) {
            try CommandExchange(channel: channel, maximumResponseLength: 231).send(Self.read)
        }
    }

    @Test("more than 255 data bytes are not sent")
    func tooLong() {
        let channel = ScriptedChannel(.t0, "9000")
        let exchange = CommandExchange(channel: channel, maximumResponseLength: 231)
        #expect(throws: ChannelError.commandTooLong) {
            try exchange.send(CommandAPDU(0x00, 0xD6, 0x00, 0x00, data: [UInt8](repeating: 0, count: 256)))
        }
        #expect(throws: ChannelError.commandTooLong) {
            try exchange.sendSecret(0x00, 0x20, 0x00, 0x01, data: SecretBytes([UInt8](repeating: 0x31, count: 256)))
        }
        #expect(channel.commands.isEmpty)
    }

    @Test("long data go in blocks of 255, all but the last marked")
    func chaining() throws {
        let channel = ScriptedChannel(.t0, "9000", "9000", "6102", "AABB9000")
        let data = (0..<512).map { UInt8($0 & 0xFF) }
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .sendChained(CommandAPDU(0x00, 0x2A, 0x80, 0x86, data: data, expectedLength: 256))
        #expect(response.data == [0xAA, 0xBB])
        #expect(
            channel.commands.map { String($0.prefix(10)) } == ["102A8086FF", "102A8086FF", "002A808602", "00C0000002"])
        #expect(channel.commands.prefix(3).map { $0.dropFirst(10) }.joined() == Hexadecimal.encode(data))
    }

    @Test("exactly 255 bytes need no chain, 256 need one", arguments: [(255, 1), (256, 2), (510, 2), (511, 3)])
    func chainBoundaries(count: Int, commands: Int) throws {
        let channel = ScriptedChannel(.t0, "9000")
        _ = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .sendChained(CommandAPDU(0x01, 0x2A, 0x80, 0x86, data: [UInt8](repeating: 1, count: count)))
        #expect(channel.commands.count == commands)
        #expect(channel.commands.dropLast().allSatisfy { $0.hasPrefix("11") })
        #expect(channel.commands.last?.hasPrefix("01") == true)
    }

    @Test("a block that is refused ends the chain", arguments: ["6883", "6982", "6C00", "6105"])
    func brokenChain(answer: String) throws {
        let channel = ScriptedChannel(.t0, answer, "9000")
        let response = try CommandExchange(channel: channel, maximumResponseLength: 231)
            .sendChained(CommandAPDU(0x00, 0x2A, 0x80, 0x86, data: [UInt8](repeating: 1, count: 256)))
        #expect(response.status.description == answer)
        #expect(channel.commands.count == 1)
    }

    @Test(
        "a secret is sent once, whatever the card answers",
        arguments: [
            "9000", "63C2", "6983", "6C04", "6104", "9F04", "6E00", "6A86", "6881", "6982", "6F00",
        ])
    func secrets(answer: String) throws {
        for transport in [TransportProtocol.t0, .t1] {
            let channel = ScriptedChannel(transport, answer, "9000")
            let status = try CommandExchange(channel: channel, maximumResponseLength: 231)
                .sendSecret(0x00, 0x20, 0x00, 0x01, data: SecretBytes(Array("1234".utf8)))
            #expect(status.description == answer)
            #expect(channel.commands == ["002000010431323334"])
        }
    }

    @Test("a selection counts when the card took it, and another one that it refuses ends it")
    func selections() throws {
        for taken in ["9000", "6110"] {
            let exchange = CommandExchange(channel: ScriptedChannel(.t0, taken, "6A82"), maximumResponseLength: 231)
            let silent = CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x3F, 0x00])
            #expect(exchange.lastSelection == nil)
            _ = try exchange.send(silent)
            #expect(exchange.lastSelection == silent)
            _ = try exchange.send(CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x70, 0x01]))
            #expect(exchange.lastSelection == nil)
        }
    }

    @Test("long responses are known of when one came, and not before")
    func longResponses() {
        let exchange = CommandExchange(maximumResponseLength: 231, untriedLength: 256)
        #expect(!exchange.hasLongResponses && exchange.longestReadLength == 256)
        exchange.noteRead(of: 231, wanted: 231)
        #expect(!exchange.hasLongResponses)
        exchange.noteRead(of: 256, wanted: 256)
        #expect(exchange.hasLongResponses && exchange.maximumResponseLength == 256)
        #expect(exchange.giveUpLongResponses() && !exchange.hasLongResponses)
    }

    @Test("a channel that fails is not tried again")
    func failure() {
        let channel = ScriptedChannel(.t0)
        let exchange = CommandExchange(channel: channel, maximumResponseLength: 231)
        #expect(throws: ChannelError.cardRemoved) { try exchange.send(Self.read) }
        #expect(throws: ChannelError.cardRemoved) {
            try exchange.sendSecret(0x00, 0x20, 0x00, 0x01, data: SecretBytes([0x31]))
        }
        #expect(channel.commands.count == 2)
    }
}
