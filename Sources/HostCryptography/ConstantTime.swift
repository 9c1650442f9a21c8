// SPDX-License-Identifier: Apache-2.0

/// Operations whose duration does not depend on the numbers that they see.
enum ConstantTime {
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
