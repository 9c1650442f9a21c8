// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@testable import CallTrace

@Suite("What a trace shows of commands and responses")
struct MaskedExchangeTests {
    private var exchange = MaskedExchange()

    private mutating func command(_ text: String) -> String {
        let bytes = Hexadecimal.decode(text) ?? []
        return exchange.command(bytes.span).text
    }

    private mutating func response(_ text: String) -> String { exchange.response(Hexadecimal.decode(text) ?? []).text }

    @Test("Codes do not show, nor how long they are", arguments: ["20", "21", "24", "25", "2C", "2D"])
    mutating func codes(instruction: String) {
        #expect(command("00 \(instruction) 00 01 04 31 32 33 34") == "00 \(instruction) 00 01 **")
        #expect(response("63 C2") == "63 C2")
    }

    @Test("A question for the tries left shows")
    mutating func counters() {
        #expect(command("01 20 00 01") == "01 20 00 01")
        #expect(command("01 20 00 01 00") == "01 20 00 01 00")
    }

    @Test("A code in a command that is cut short does not show")
    mutating func cutShort() {
        #expect(command("00 20 00 01 08 31 32") == "00 20 00 01 **")
        #expect(command("31 32 33") == "*3")
    }

    @Test("What is signed or decrypted does not show, nor what comes of it")
    mutating func privateKeys() {
        #expect(command("00 2A 9E 9A 03 01 02 03") == "00 2A 9E 9A 03 *3")
        #expect(response("01 02 03 04 61 02") == "*4 61 02")
        #expect(command("00 C0 00 00 02") == "00 C0 00 00 02")
        #expect(response("05 06 90 00") == "*2 90 00")
        #expect(command("01 2A 80 86 02 AA BB 00") == "01 2A 80 86 02 *2 00")
        #expect(command("00 88 00 00 01 AA") == "00 88 00 00 01 *1")
        #expect(command("00 84 00 00 08") == "00 84 00 00 08")
        #expect(response("01 02 03 04 05 06 07 08 90 00") == "*8 90 00")
    }

    @Test("Directories show, values do not")
    mutating func files() {
        #expect(command("00 A4 09 0C 06 3F 00 00 01 70 06") == "00 A4 09 0C 06 3F 00 00 01 70 06")
        #expect(response("90 00") == "90 00")
        #expect(command("00 B0 00 00 02") == "00 B0 00 00 02")
        #expect(response("30 00 90 00") == "30 00 90 00")
        _ = command("00 A4 09 0C 06 3F 00 00 01 D1 20")
        _ = response("90 00")
        _ = command("00 B0 00 00 02")
        #expect(response("41 42 90 00") == "*2 90 00")
        #expect(command("00 D6 00 00 02 41 42") == "00 D6 00 00 02 *2")
    }

    @Test("Nothing shows of a file that may be another one")
    mutating func unknownSelection() {
        _ = command("00 A4 09 0C 06 3F 00 00 01 70 06")
        _ = response("6A 82")
        _ = command("00 B0 00 00 02")
        #expect(response("41 42 90 00") == "*2 90 00")
        _ = command("00 A4 09 0C 06 3F 00 00 01 70 06")
        _ = response("90 00")
        exchange.forgetSelection()
        _ = command("00 B0 00 00 02")
        #expect(response("41 42 90 00") == "*2 90 00")
        _ = command("00 A4 02 0C 02 70 06")
        _ = response("90 00")
        _ = command("00 B0 81 00 02")
        #expect(response("41 42 90 00") == "*2 90 00")
    }

    @Test("Of the CPS2ter volet only headers and status words show")
    mutating func cps2ter() {
        _ = command("A0 A4 00 00 02 70 06")
        #expect(response("85 01 00 9F 10") == "*3 9F 10")
        _ = command("A0 B0 00 00 02")
        #expect(response("41 42 90 00") == "*2 90 00")
    }
}
