// SPDX-License-Identifier: Apache-2.0

/// Numbers as big-endian bytes, the byte order of all standards used here.
package enum BigEndian {
    package static func bytes(of number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { shift in
            UInt8(truncatingIfNeeded: number >> shift)
        }
    }

    /// The same unsigned number without its leading zero bytes; empty for zero.
    package static func withoutLeadingZeros(_ bytes: some Collection<UInt8>) -> [UInt8] {
        Array(bytes.drop { $0 == 0 })
    }

    /// The same unsigned number in exactly `length` bytes; nil if it needs more.
    package static func padded(_ bytes: some Collection<UInt8>, to length: Int) -> [UInt8]? {
        let digits = withoutLeadingZeros(bytes)
        guard digits.count <= length else { return nil }
        return [UInt8](repeating: 0, count: length - digits.count) + digits
    }
}
