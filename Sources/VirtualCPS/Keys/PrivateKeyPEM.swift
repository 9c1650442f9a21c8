// SPDX-License-Identifier: Apache-2.0

/// The textual encoding of keys (RFC 7468), read without Foundation.
enum PrivateKeyPEM {
    /// The bytes between the first BEGIN line with this label and its END line;
    /// nil when there are none, or they are not base64.
    static func decode(_ text: String, label: String) -> [UInt8]? {
        let lines = text.split { $0.isNewline }.map(trimmed)
        guard let begin = lines.firstIndex(of: "-----BEGIN \(label)-----") else { return nil }
        let rest = lines[begin...].dropFirst()  // checked: a place found in the lines
        guard let end = rest.firstIndex(of: "-----END \(label)-----") else { return nil }
        return decodeBase64(rest[..<end].joined())  // checked: a place found in the rest
    }

    /// Base64 with padding and without blanks (RFC 4648 §4).
    static func decodeBase64(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        let digits = characters.prefix { $0 != UInt8(ascii: "=") }
        let padding = characters.dropFirst(digits.count)
        guard padding.count <= 2, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))  // checked: 0 to 7
            }
        }
        // What is left over must be zero bits, or two texts would mean the same.
        return bits & ((1 << UInt32(bitCount)) - 1) == 0 ? bytes : nil  // checked: 0 to 7
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        // checked: a digit within this range
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        // checked: a digit within this range
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        // checked: a digit within this range
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line.drop { $0.isWhitespace }
        while line.last?.isWhitespace == true { line.removeLast() }  // checked: there is a last one
        return String(line)
    }
}
