// SPDX-License-Identifier: Apache-2.0

/// Operations whose duration does not depend on their operands.
enum ConstantTime {
    /// All ones if the number is zero, else all zeros. Valid below 2³¹.
    static func maskIfZero(_ number: UInt32) -> UInt32 {
        0 &- ((number &- 1) >> 31)
    }

    /// All ones if `left` is less than `right`, else all zeros. Valid below 2³¹.
    static func maskIfLess(_ left: UInt32, _ right: UInt32) -> UInt32 {
        0 &- ((left &- right) >> 31)
    }
}
