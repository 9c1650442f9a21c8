// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@Suite struct HexadecimalTests {
    @Test("every byte comes back from its text")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.decode(Hexadecimal.encode(all)) == all)
        #expect(Hexadecimal.decode(Hexadecimal.encode(all, separator: " ").lowercased()) == all)
    }

    @Test("text is upper case, separated as asked")
    func encoding() {
        #expect(Hexadecimal.encode([0x00, 0x9A, 0xFF]) == "009AFF")
        #expect(Hexadecimal.encode([0x00, 0x9A, 0xFF], separator: " ") == "00 9A FF")
        #expect(Hexadecimal.encode([]) == "")
    }

    @Test("blanks are ignored wherever they stand")
    func blanks() {
        #expect(Hexadecimal.decode(" 0 0\n9a\tFF ") == [0x00, 0x9A, 0xFF])
        #expect(Hexadecimal.decode("") == [])
    }

    @Test(
        "anything else is refused", arguments: ["0", "000", "0G", "0x00", "00:00", "é0", "0٣", "@0", "`0", "/0", ":0"])
    func refusals(text: String) { #expect(Hexadecimal.decode(text) == nil) }
}
