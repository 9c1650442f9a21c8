// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import Testing

@Suite struct FileControlParametersTests {
    @Test("the templates of real cards are read")
    func realOnes() throws {
        let serial = try FileControlParameters(
            parsing: hex("62258002000C8201018302D0038801E0A1128C077BFFFFFFFFFF009C077BFFFFFFFFFF008A0105"))
        #expect(serial.size == 12)
        let master = try FileControlParameters(
            parsing: hex("621E82013883023F0084088025000001FF0100A1088C067AFFFFFFFF458A0105"))
        #expect(master.size == nil)
        let chipDoc = try FileControlParameters(parsing: hex("6F0E8002010082010183022F008A0105"))
        #expect(chipDoc.size == 256)
    }

    @Test(
        "a size has one to four bytes; 81 counts where there is no 80",
        arguments: [
            ("6203800105", 5), ("6204 80020102", 258), ("6206800400010000", 65_536), ("62048102000C", 12),
            ("6208 8102FFFF 8002000C", 12), ("6208 8002000C 8102FFFF", 12), ("6200", nil), ("6F00", nil),
        ] as [(String, Int?)])
    func sizes(bytes: String, size: Int?) throws {
        #expect(try FileControlParameters(parsing: hex(bytes)).size == size)
    }

    @Test(
        "what cannot be understood throws",
        arguments: [
            "", "62", "6204", "62058002000C82", "62028000", "62078005000000000C", "6204830100FF", "6303800105",
            "7F620100", "3003800105", "0000", "FFFF", "6281", "62802000",
        ])
    func malformed(bytes: String) {
        #expect(throws: MalformedBytes.self) { try FileControlParameters(parsing: hex(bytes)) }
    }

    @Test("other templates are named in the error")
    func otherTemplate() {
        #expect(throws: MalformedBytes.unexpectedTag(expected: 0x62, found: 0x64)) {
            try FileControlParameters(parsing: hex("6400"))
        }
    }

    @Test("no prefix of a template traps or is taken for the whole")
    func prefixes() {
        let whole = hex("62258002000C8201018302D0038801E0A1128C077BFFFFFFFFFF009C077BFFFFFFFFFF008A0105")
        for count in 0..<whole.count {
            #expect(throws: MalformedBytes.self) { try FileControlParameters(parsing: Array(whole.prefix(count))) }
        }
    }
}
