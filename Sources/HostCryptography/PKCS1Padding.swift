// SPDX-License-Identifier: Apache-2.0

/// The paddings of PKCS #1 v1.5 (RFC 8017 §7.2 and §9.2). A block is as long as the modulus, and starts with a zero
/// byte so that it is less than the modulus.
public enum PKCS1Padding {
    /// The least number of padding bytes: 00, the block type, eight bytes, 00.
    public static let overhead = 11

    /// The block of a signature: 00 01 FF … FF 00 data.
    /// - Parameter length: the size of the modulus, 64 to 512 bytes.
    /// - Returns: nil if the data is longer than `length` - 11 bytes, or for another `length`.
    public static func signatureBlock(_ data: [UInt8], length: Int) -> [UInt8]? {
        guard let count = fillCount(data, length: length) else { return nil }
        return [0x00, 0x01] + [UInt8](repeating: 0xFF, count: count) + [0x00] + data
    }

    /// The block of an encryption: 00 02, non-zero random bytes, 00, message.
    /// - Parameter length: the size of the modulus, 64 to 512 bytes.
    /// - Returns: nil if the message is longer than `length` - 11 bytes, for another `length`, or if the system
    ///   returns no random bytes.
    public static func encryptionBlock(_ message: [UInt8], length: Int) -> [UInt8]? {
        guard let count = fillCount(message, length: length),
            let fill = nonZeroRandom(count: count)
        else { return nil }
        return [0x00, 0x02] + fill + [0x00] + message
    }

    /// The message in the block of an encryption; nil for any invalid block, without a reason. Runs in constant time
    /// for a given block length, until the message itself is copied; its length is not secret.
    public static func removeEncryptionPadding(_ block: [UInt8]) -> [UInt8]? {
        guard (minimumLength...maximumLength).contains(block.count) else { return nil }  // checked: constants
        var wrong = UInt32(block[0]) | (UInt32(block[1]) ^ 0x02)  // checked: 64 bytes or more; a byte each
        // The index of the first zero byte after the block type.
        var separator: UInt32 = 0
        var searching: UInt32 = .max
        for index in 2..<block.count {
            let found = searching & ConstantTime.maskIfZero(UInt32(block[index]))  // checked: within the block; a byte
            separator |= found & UInt32(truncatingIfNeeded: index)
            searching &= ~found
        }
        wrong |= searching
        wrong |= ConstantTime.maskIfLess(separator, UInt32(overhead - 1))  // checked: 10
        guard wrong == 0 else { return nil }
        return Array(block[(Int(separator) + 1)...])  // checked: found within the block
    }

    static let minimumLength = RSAPublicKey.supportedBitCounts.lowerBound / 8
    static let maximumLength = RSAPublicKey.supportedBitCounts.upperBound / 8

    /// The number of fill bytes, at least eight; nil if the data leaves no room for them.
    private static func fillCount(_ data: [UInt8], length: Int) -> Int? {
        // checked: constants
        guard (minimumLength...maximumLength).contains(length), data.count <= length - overhead else {
            return nil
        }
        return length - 3 - data.count
    }

    private static func nonZeroRandom(count: Int) -> [UInt8]? {
        var fill: [UInt8] = []
        while fill.count < count {
            guard let bytes = SystemRandom.bytes(count: count - fill.count) else { return nil }
            fill += bytes.lazy.filter { $0 != 0 }
        }
        return fill
    }
}

/// Operations whose duration does not depend on their operands.
private enum ConstantTime {
    /// All ones if the number is zero, else all zeros. Valid below 2³¹.
    static func maskIfZero(_ number: UInt32) -> UInt32 {
        0 &- ((number &- 1) >> 31)
    }

    /// All ones if `left` is less than `right`, else all zeros. Valid below 2³¹.
    static func maskIfLess(_ left: UInt32, _ right: UInt32) -> UInt32 {
        0 &- ((left &- right) >> 31)
    }
}
