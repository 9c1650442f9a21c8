// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing

@testable import VirtualCPS

/// The card's files against the bytes of cards.md §2.6 and §9.4.
@Suite struct BlueprintTests {
    @Test("EF.DIR of CPS3 has the 101 bytes of the reconstruction")
    func directory() {
        #expect(
            ApplicationDirectoryFile.cps3
                == hex(
                    """
                    61 2F 4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 50 07 43 50 58 20 49 41 53 51 04 3F 00 00 01 73 0F
                    4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10
                    61 32 4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 20 50 0A 43 50 58 20 49 41 53 20 43 4C 51 04 3F 00
                    00 02 73 0F 4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10
                    """))
    }

    @Test("EF.ATR has 57 bytes")
    func answerToReset() { #expect(AnswerToResetFile.cps3.count == 57) }

    @Test(
        "the check digit of EF.SN is that of two real cards",
        arguments: [
            ("99213845", "5A 0A 80 25 00 00 01 99 21 38 45 0F"), ("99214803", "5A 0A 80 25 00 00 01 99 21 48 03 8F"),
        ])
    func serialNumber(serial: String, file: String) {
        #expect(SerialNumberFile.encoded(serial: serial) == hex(file))
    }

    @Test("the two ODFs")
    func objectDirectories() {
        #expect(
            ObjectDirectoryFile.encoded(ObjectDirectoryFile.contact)
                == hex(
                    """
                    A0 0A 30 08 04 06 3F 00 00 01 70 02 A1 0A 30 08 04 06 3F 00 00 01 70 04 A4 0A 30 08 04 06 3F 00 00 01
                    70 05 A7 0A 30 08 04 06 3F 00 00 01 70 06 A8 0A 30 08 04 06 3F 00 00 01 70 01
                    """))
        #expect(
            ObjectDirectoryFile.encoded(ObjectDirectoryFile.contactless)
                == hex(
                    """
                    A0 0A 30 08 04 06 3F 00 00 01 71 02 A1 0A 30 08 04 06 3F 00 00 01 71 04 A4 0A 30 08 04 06 3F 00 00 01
                    71 05 A7 0A 30 08 04 06 3F 00 00 01 71 06
                    """))
    }

    @Test("TokenInfo, with and without the algorithms")
    func tokenInfo() {
        var file = TokenInfoFile(
            serialNumber: hex("0000019921 38450F"), label: "CPS3v3-2600000001", listsAlgorithms: false)
        #expect(
            file.encoded
                == hex(
                    """
                    30 41 02 01 00 04 08 00 00 01 99 21 38 45 0F 0C 0A 41 53 49 50 20 53 41 4E 54 45 80 11 43 50 53 33 76
                    33 2D 32 36 30 30 30 30 30 30 30 31 03 02 06 C0 85 0F 32 30 31 30 30 33 31 36 31 31 30 30 30 30 5A
                    """))
        file.listsAlgorithms = true
        #expect(
            file.encoded
                == hex(
                    """
                    30 81 EA 02 01 00 04 08 00 00 01 99 21 38 45 0F 0C 0A 41 53 49 50 20 53 41 4E 54 45 80 11 43 50 53 33
                    76 33 2D 32 36 30 30 30 30 30 30 30 31 03 02 06 C0
                    A2 81 A6 30 17 02 01 01 02 02 02 20 05 00 03 02 01 02 06 05 2B 0E 03 02 1A 02 01 10 30 1B 02 01 02 02
                    02 02 50 05 00 03 02 01 02 06 09 60 86 48 01 65 03 04 02 01 02 01 40 30 1A 02 01 03 02 01 06 05 00 03
                    02 06 40 06 09 2A 86 48 86 F7 0D 01 01 05 02 01 12 30 1A 02 01 04 02 01 40 05 00 03 02 06 40 06 09 2A
                    86 48 86 F7 0D 01 01 0B 02 01 42 30 1A 02 01 05 02 01 01 05 00 03 02 06 40 06 09 2A 86 48 86 F7 0D 01
                    01 01 02 01 02 30 1A 02 01 06 02 01 01 05 00 03 02 02 04 06 09 2A 86 48 86 F7 0D 01 01 01 02 01 1A
                    85 0F 32 30 31 30 30 33 31 36 31 31 30 30 30 30 5A
                    """))
    }

    @Test("the AODF of CPS3 is a real card's, 189 bytes; unpadded and on CPS4 it has the simple shape")
    func authenticationObjects() {
        #expect(
            DirectoryFiles(generation: .cps3, pinBlock: .padded, keys: []).authenticationObjects
                == hex(
                    """
                    30 61 30 3F 0C 1C 43 6F 64 65 20 70 6F 72 74 65 75 72 20 64 65 20 6C 61 20 63 61 72 74 65 20 43 50 53
                    03 01 08 04 01 02 30 19 30 06 03 02 05 20 05 00 30 06 03 02 06 40 05 00 30 07 03 02 03 08 04 01 04
                    30 03 04 01 01 A1 19 30 17 03 03 04 0C 10 0A 01 01 02 01 04 02 01 08 02 01 04 80 01 01 04 01 FF
                    30 58 30 39 0C 22 43 6F 64 65 20 64 65 20 64 C3 A9 62 6C 6F 63 61 67 65 20 64 65 20 6C 61 20 63 61 72
                    74 65 20 43 50 53 03 01 08 30 10 30 06 03 02 05 20 05 00 30 06 03 02 06 40 05 00
                    30 03 04 01 04 A1 16 30 14 03 03 04 1D 10 0A 01 01 02 01 08 02 01 08 02 01 08 80 01 02
                    """))
        let label = "0C 1C 43 6F 64 65 20 70 6F 72 74 65 75 72 20 64 65 20 6C 61 20 63 61 72 74 65 20 43 50 58"
        let puk = """
            30 45 30 27 0C 22 43 6F 64 65 20 64 65 20 64 C3 A9 62 6C 6F 63 61 67 65 20 64 65 20 6C 61 20 63 61 72 74 65
            20 43 50 58 03 01 00 30 03 04 01 02 A1 15 30 13 03 02 00 0B 0A 01 01 02 01 08 02 01 08 02 01 08 80 01 02
            """
        for generation in [CardGeneration.cps3, .cps4] {
            #expect(
                DirectoryFiles(generation: generation, pinBlock: .unpadded, keys: []).authenticationObjects
                    == hex(
                        """
                        30 42 30 24 \(label) 03 01 00 04 01 02 30 03 04 01 01 A1 15 30 13 03 02 03 08 0A 01 01 02 01 04
                        02 01 08 02 01 08 80 01 01 \(puk)
                        """))
        }
    }

    @Test(
        "PrKDF entries of both cards",
        arguments: [
            (
                CardGeneration.cps3, CardKey.signature,
                "30 45 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 53 49 47 03 02 07 80 04 01 01 30 20 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 01 03 03 06 00 40 01 01 FF 03 02 04 B0 02 02 00 81 A1 0A 30 08 30 02 04 00 02 02 08 00"
            ),
            (
                .cps3, .authentication,
                "30 44 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 41 55 54 03 02 06 C0 04 01 01 30 1F 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 02 03 02 05 60 01 01 FF 03 02 04 B0 02 02 00 82 A1 0A 30 08 30 02 04 00 02 02 08 00"
            ),
            (
                .cps4, .signature,
                "30 44 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 53 49 47 03 02 07 80 04 01 01 30 1F 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 10 03 03 06 00 40 01 01 FF 03 02 04 B0 02 01 10 A1 0A 30 08 30 02 04 00 02 02 08 00"
            ),
            (
                .cps4, .authentication,
                "30 43 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 41 55 54 03 02 07 80 04 01 01 30 1E 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 20 03 02 05 60 01 01 FF 03 02 04 B0 02 01 20 A1 0A 30 08 30 02 04 00 02 02 08 00"
            ),
        ])
    func privateKeys(generation: CardGeneration, key: CardKey, entry: String) {
        #expect(DirectoryFiles(generation: generation, keys: []).privateKey(key).encoded == hex(entry))
    }

    @Test("CDF entries, and the malformed BIT STRING of a real card")
    func certificates() {
        let files = DirectoryFiles(generation: .cps3, keys: [.signature, .authentication])
        let signature = hex(
            """
            30 42 30 20 0C 1B 43 65 72 74 69 66 69 63 61 74 20 64 65 20 53 69 67 6E 61 74 75 72 65 20 43 50 53 03 01 00 30
            10 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 01 A1 0C 30 0A 30 08 04 06 3F 00 00 01 A0 01
            """)
        let authentication = hex(
            """
            30 48 30 26 0C 21 43 65 72 74 69 66 69 63 61 74 20 64 27 41 75 74 68 65 6E 74 69 66 69 63 61 74 69 6F 6E 20 43
            50 53 03 01 00 30 10 04 0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 02 A1 0C 30 0A 30 08 04 06 3F 00 00 01 A0 02
            """)
        #expect(files.certificate(.signature, isMalformed: false).encoded == signature)
        #expect(files.certificate(.authentication, isMalformed: false).encoded == authentication)
        let both = Hexadecimal.encode(files.certificates)
        #expect(both.contains("030100") && both.contains("030108"))
    }

    @Test("DODF entries")
    func dataObjects() throws {
        let profile = try TestCard.profile("doctor-cps3")
        let common = VirtualDataObject.common(profile)
        #expect(
            common[0].entry.encoded
                == hex(
                    "30 22 30 0D 0C 0B 43 50 53 5F 49 44 5F 43 41 52 44 30 05 0C 03 43 50 53 A1 0A 30 08 04 06 3F 00 00 01 D1 01"
                ))
        #expect(
            common[4].entry.encoded
                == hex(
                    "30 23 30 0E 0C 08 43 50 53 5F 44 41 54 41 03 02 06 40 30 05 0C 03 43 50 53 A1 0A 30 08 04 06 3F 00 00 01 D1 07"
                ))
        #expect(
            VirtualDataObject.activities(profile)[0].entry.encoded
                == hex(
                    "30 30 30 1B 0C 12 43 50 53 5F 41 43 54 49 56 49 54 59 5F 30 31 5F 50 53 03 02 07 80 04 01 01 30 05 0C 03 43 50 53 A1 0A 30 08 04 06 3F 00 00 01 D1 20"
                ))
    }

    @Test("EF_ACTUA, and what may be in its place")
    func updateLog() throws {
        var profile = try TestCard.profile("student")
        #expect(
            BusinessData(profile: profile).updateLog
                == hex("EC 12 81 07 20 24 01 02 03 04 05 82 07 20 24 01 02 03 05 06"))
        profile.updateLog = .empty
        #expect(BusinessData(profile: profile).updateLog == [])
        profile.updateLog = .none
        #expect(BusinessData(profile: profile).updateLog == nil)
        profile.updateLog = .malformed
        #expect(BusinessData(profile: profile).updateLog?.count == 20)
    }

    @Test("an activity ends with its sector, CPS_INFO_PS with the speciality")
    func businessData() throws {
        let profile = try TestCard.profile("doctor-cps3")
        let data = BusinessData(profile: profile)
        let activity = data.activity(profile.activities[0])
        #expect(activity.first == 0xEE)
        #expect(activity.suffix(4).elementsEqual("SA07".utf8))
        #expect(data.information.suffix(4).elementsEqual("SM26".utf8))
        var elements = BERTLVReader(Array(activity))
        let outer = try #require(try elements.next())
        #expect(try outer.children.first(tag: 0x84)?.text() == "CABINET M DOC0073574")
        #expect(try outer.children.first(tag: 0x85)?.text() == "499700735741008")
    }
}
