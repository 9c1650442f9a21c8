// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The card's serial number (EF.SN; cards.md §2.3).
public struct SerialNumber: Hashable, Sendable {
    /// Eight decimal digits.
    public let digits: String

    /// The number of bytes in EF.SN.
    static let fileLength = 12

    /// The issuer's number, with which every CPS card number starts.
    private static let issuer: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01]

    /// Parses the twelve bytes of EF.SN: 5A 0A, the issuer's number, eight digits, a check digit and a filler.
    /// - Throws: `CardError.notACPSCard` for anything else.
    init(parsing file: [UInt8]) throws(CardError) {
        var reader = BERTLVReader(file)
        guard let number = try? reader.next(tag: 0x5A).value, number.count == 10,
            number.starts(with: SerialNumber.issuer)
        else { throw .notACPSCard }
        let text = Hexadecimal.encode(number.dropFirst(SerialNumber.issuer.count).dropLast())
        guard text.utf8.allSatisfy({ $0 <= UInt8(ascii: "9") }) else { throw .notACPSCard }
        digits = text
    }
}
