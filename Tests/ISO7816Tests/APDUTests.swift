// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

@Suite struct StatusWordTests {
    @Test("the two bytes make the word, and the word is written as in the documents")
    func bytes() {
        let status = StatusWord(0x6A, 0x82)
        #expect(status == .fileNotFound && status.sw1 == 0x6A && status.sw2 == 0x82)
        #expect(status.description == "6A82")
        #expect(StatusWord(rawValue: 0).description == "0000")
        #expect(StatusWord(rawValue: 0x0F0A).description == "0F0A")
    }

    @Test("61xx and 6Cxx tell a length, 00 being 256; no other word does")
    func lengths() {
        #expect(StatusWord(0x61, 0x00).bytesAvailable == 256)
        #expect(StatusWord(0x61, 0x19).bytesAvailable == 25)
        #expect(StatusWord(0x6C, 0x00).correctLength == 256)
        #expect(StatusWord(0x6C, 0x0C).correctLength == 12)
        for word in UInt16.min...UInt16.max {
            let status = StatusWord(rawValue: word)
            #expect((status.bytesAvailable != nil) == (word >> 8 == 0x61))
            #expect((status.correctLength != nil) == (word >> 8 == 0x6C))
            #expect(status.isSuccess == (word == 0x9000))
        }
    }

    @Test("63Cx tells the tries left; other 63xx do not")
    func tries() {
        #expect(StatusWord(0x63, 0xC0).triesLeft == 0)
        #expect(StatusWord(0x63, 0xC3).triesLeft == 3)
        #expect(StatusWord(0x63, 0xCF).triesLeft == 15)
        #expect(StatusWord(0x63, 0x00).triesLeft == nil)
        #expect(StatusWord(0x63, 0xD1).triesLeft == nil)
        #expect(StatusWord(0x69, 0xC1).triesLeft == nil)
    }
}

@Suite struct CommandAPDUTests {
    @Test(
        "the four cases are encoded by the rules of each protocol",
        arguments: [
            (CommandAPDU(0x01, 0x20, 0x00, 0x01), "0120000100", "01200001"),
            (CommandAPDU(0x00, 0xB0, 0x00, 0x00, expectedLength: 12), "00B000000C", "00B000000C"),
            (CommandAPDU(0x00, 0xB0, 0x00, 0x00, expectedLength: 256), "00B0000000", "00B0000000"),
            (CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x3F, 0x00]), "00A4090C023F00", "00A4090C023F00"),
            (
                CommandAPDU(0x00, 0xA4, 0x09, 0x04, data: [0x3F, 0x00], expectedLength: 256), "00A40904023F00",
                "00A40904023F0000"
            ),
            (
                CommandAPDU(0x00, 0x88, 0x00, 0x00, data: [0xAA], expectedLength: 231), "0088000001AA", "0088000001AAE7"
            ),
        ])
    func cases(command: CommandAPDU, t0: String, t1: String) {
        #expect(command.encoded(for: .t0) == hex(t0))
        #expect(command.encoded(for: .t1) == hex(t1))
    }

    @Test("255 data bytes fill the command")
    func longest() {
        let command = CommandAPDU(
            0x00, 0xD6, 0x00, 0x00, data: [UInt8](repeating: 0x55, count: 255), expectedLength: 256)
        #expect(command.encoded(for: .t0).count == 260 && command.encoded(for: .t0)[4] == 0xFF)
        #expect(command.encoded(for: .t1).count == 261 && command.encoded(for: .t1).last == 0x00)
    }

    @Test("a response is data and status; fewer than two bytes are none")
    func responses() throws {
        #expect(try ResponseAPDU(parsing: hex("9000")) == ResponseAPDU(status: .success))
        #expect(try ResponseAPDU(parsing: hex("01026282")) == ResponseAPDU(data: [1, 2], status: .endOfFileReached))
        for short in [[], [0x90]] as [[UInt8]] {
            #expect(throws: ChannelError.malformedResponse) { try ResponseAPDU(parsing: short) }
        }
    }
}
