// SPDX-License-Identifier: Apache-2.0

/// Operations whose duration does not depend on the bytes that they see, only
/// on how many there are.
public enum ConstantTime {
    /// Whether both are the same bytes. The lengths are no secret.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    /// All ones when the number is zero, else all zeros. Holds below 2³¹.
    static func maskIfZero(_ number: UInt32) -> UInt32 {
        0 &- ((number &- 1) >> 31)
    }

    /// All ones when `left` is smaller than `right`, else all zeros. Holds
    /// below 2³¹.
    static func maskIfLess(_ left: UInt32, _ right: UInt32) -> UInt32 {
        0 &- ((left &- right) >> 31)
    }
}
