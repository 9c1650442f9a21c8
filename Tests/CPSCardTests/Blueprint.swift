// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import VirtualCPSTestSupport

@testable import CPSCard

/// Directory entries as cards.md §9.4 has them.
enum Blueprint {
    static let application = FilePath(0x0001)

    static let signatureKeyCPS3 = hex(
        """
        30 45 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 53 49 47 03 02 07 80 04 01 01 30 20 04 0E E8 28 BD 08 0F 80 25 00 00 01
        FF 00 10 01 03 03 06 00 40 01 01 FF 03 02 04 B0 02 02 00 81 A1 0A 30 08 30 02 04 00 02 02 08 00
        """)
    static let authenticationKeyCPS3 = hex(
        """
        30 44 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 41 55 54 03 02 06 C0 04 01 01 30 1F 04 0E E8 28 BD 08 0F 80 25 00 00 01
        FF 00 10 02 03 02 05 60 01 01 FF 03 02 04 B0 02 02 00 82 A1 0A 30 08 30 02 04 00 02 02 08 00
        """)
    static let signatureKeyCPS4 = hex(
        """
        30 44 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 53 49 47 03 02 07 80 04 01 01 30 1F 04 0E E8 28 BD 08 0F 80 25 00 00 01
        FF 00 10 10 03 03 06 00 40 01 01 FF 03 02 04 B0 02 01 10 A1 0A 30 08 30 02 04 00 02 02 08 00
        """)
    static let authenticationKeyCPS4 = hex(
        """
        30 43 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 41 55 54 03 02 07 80 04 01 01 30 1E 04 0E E8 28 BD 08 0F 80 25 00 00 01
        FF 00 10 20 03 02 05 60 01 01 FF 03 02 04 B0 02 01 20 A1 0A 30 08 30 02 04 00 02 02 08 00
        """)
    static let userPIN = hex(
        """
        30 61 30 3F 0C 1C 43 6F 64 65 20 70 6F 72 74 65 75 72 20 64 65 20 6C 61 20 63 61 72 74 65 20 43 50 58
        03 01 08 04 01 02 30 19 30 06 03 02 05 20 05 00 30 06 03 02 06 40 05 00 30 07 03 02 03 08 04 01 02 30 03 04 01 01
        A1 19 30 17 03 03 04 08 00 0A 01 01 02 01 04 02 01 08 02 01 08 80 01 01 04 01 FF
        """)
    static let simpleUserPIN = hex(
        """
        30 42 30 24 0C 1C 43 6F 64 65 20 70 6F 72 74 65 75 72 20 64 65 20 6C 61 20 63 61 72 74 65 20 43 50 58 03 01 00 04 01
        02 30 03 04 01 01 A1 15 30 13 03 02 03 08 0A 01 01 02 01 04 02 01 08 02 01 08 80 01 01
        """)
    static let puk = hex(
        """
        30 45 30 27 0C 22 43 6F 64 65 20 64 65 20 64 C3 A9 62 6C 6F 63 61 67 65 20 64 65 20 6C 61 20 63 61 72 74 65 20 43 50
        58 03 01 00 30 03 04 01 02 A1 15 30 13 03 02 00 0B 0A 01 01 02 01 08 02 01 08 02 01 08 80 01 02
        """)
    static let signatureCertificate = hex(
        """
        30 42 30 20 0C 1B 43 65 72 74 69 66 69 63 61 74 20 64 65 20 53 69 67 6E 61 74 75 72 65 20 43 50 53 03 01 00 30 10 04
        0E E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 01 A1 0C 30 0A 30 08 04 06 3F 00 00 01 A0 01
        """)
    static let identityCard = hex(
        """
        30 22 30 0D 0C 0B 43 50 53 5F 49 44 5F 43 41 52 44 30 05 0C 03 43 50 53 A1 0A 30 08 04 06 3F 00 00 01 D1 01
        """)
    static let cpsData = hex(
        """
        30 23 30 0E 0C 08 43 50 53 5F 44 41 54 41 03 02 06 40 30 05 0C 03 43 50 53 A1 0A 30 08 04 06 3F 00 00 01 D1 07
        """)
    static let activity = hex(
        """
        30 30 30 1B 0C 12 43 50 53 5F 41 43 54 49 56 49 54 59 5F 30 31 5F 50 53 03 02 07 80 04 01 01 30 05 0C 03 43 50 53 A1
        0A 30 08 04 06 3F 00 00 01 D1 20
        """)

    /// The data object in these bytes.
    static func element(_ bytes: [UInt8]) throws -> BERTLV {
        var reader = BERTLVReader(bytes)
        guard let element = try reader.next() else { throw MalformedBytes.truncated }
        return element
    }

    static func key(_ bytes: [UInt8]) throws -> KeyObject { try KeyObject(element(bytes), application: application) }
    static func pin(_ bytes: [UInt8]) throws -> PINObject { try PINObject(element(bytes), application: application) }
    static func data(_ bytes: [UInt8]) throws -> DataObject { try DataObject(element(bytes), application: application) }
    static func certificate(_ bytes: [UInt8]) throws -> CertificateObject {
        try CertificateObject(element(bytes), application: application)
    }
}
