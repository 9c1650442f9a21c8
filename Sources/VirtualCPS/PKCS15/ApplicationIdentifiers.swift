// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The application identifiers of the cards (cards.md §1.4) and the files that
/// announce them.
public enum ApplicationIdentifier {
    /// The IAS-ECC applet of CPS3 and the ChipDoc applet of CPS4.
    public static let applet: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    /// The PKCS#15 application over contacts.
    public static let contact: [UInt8] = prefix + [0x10]
    /// The PKCS#15 application of the contactless CPS3.
    public static let contactless: [UInt8] = prefix + [0x20]
    /// The CPS2ter volet of a CPS3 (cards.md §2.14).
    public static let cps2ter: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]
    /// The application of the recovery sequence of CPS4 (cards.md §1.6).
    public static let issuerSecurityDomain: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]

    private static let prefix: [UInt8] = [
        0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00,
    ]
}

/// EF.DIR, 2F00 (cards.md §2.6).
enum ApplicationDirectoryFile {
    /// One application template: AID, label, path, and the AID again in the DDO.
    static func template(_ name: [UInt8], label: String, path: VirtualFilePath) -> [UInt8] {
        BERTLV.encode(
            tag: 0x61,
            parts: [
                BERTLV.encode(tag: 0x4F, name),
                BERTLV.encode(tag: 0x50, Array(label.utf8)),
                BERTLV.encode(tag: 0x51, path.absoluteBytes),
                // Both templates of a real CPS3 name the contact application here.
                BERTLV.encode(tag: 0x73, BERTLV.encode(tag: 0x4F, ApplicationIdentifier.contact)),
            ])
    }

    static let cps3 =
        template(ApplicationIdentifier.contact, label: "CPX IAS", path: VirtualFilePath(0x0001))
        + template(ApplicationIdentifier.contactless, label: "CPX IAS CL", path: VirtualFilePath(0x0002))

    static let cps4 = template(ApplicationIdentifier.contact, label: "CPX IAS", path: VirtualFilePath(0x0001))
}

/// EF.ATR, 2F01, byte for byte that of a real CPS3 (cards.md §2.6).
enum AnswerToResetFile {
    static let cps3: [UInt8] = [
        0x80, 0x43, 0x01, 0xB8, 0x46, 0x04, 0x04, 0xB0, 0xEC, 0xC1, 0x47, 0x03, 0x94, 0x01, 0x80, 0x4F,
        0x08, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00, 0xE0, 0x10, 0x02, 0x02, 0x01, 0x04, 0x02,
        0x02, 0x01, 0x04, 0x02, 0x02, 0x01, 0x00, 0x02, 0x02, 0x01, 0x00, 0x78, 0x08, 0x06, 0x06, 0x2B,
        0x81, 0x22, 0xF8, 0x78, 0x02, 0x82, 0x02, 0x90, 0x00,
    ]
}

/// EF.SN, D003 (cards.md §2.3).
enum SerialNumberFile {
    /// - Parameter serial: eight digits.
    static func encoded(serial: String) -> [UInt8] {
        let digits = ("8025000001" + serial).compactMap(\.wholeNumberValue)
        let nibbles = digits + [checkDigit(digits), 0x0F]
        let number = stride(from: 0, to: nibbles.count - 1, by: 2).map { index in
            UInt8(truncatingIfNeeded: nibbles[index] << 4 | nibbles[index + 1])
        }
        return BERTLV.encode(tag: 0x5A, number)
    }

    /// The Luhn digit that completes a number.
    static func checkDigit(_ digits: [Int]) -> Int {
        let sum = digits.reversed().enumerated().reduce(0) { sum, item in
            guard item.offset % 2 == 0 else { return sum + item.element }
            let doubled = item.element * 2
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return (10 - sum % 10) % 10
    }
}
