// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Attribute values as bytes in a caller's memory (PKCS#11 3.1 §4.2).
enum AttributeValue {
    /// CK_TRUE or CK_FALSE.
    static func boolean(_ value: Bool) -> [UInt8] { [value ? 1 : 0] }

    /// A CK_ULONG in the machine's byte order.
    static func number(_ value: CK_ULONG) -> [UInt8] {
        var value = value
        return unsafe withUnsafeBytes(of: &value) { bytes in unsafe Array(bytes) }  // checked: a number's own bytes
    }

    static func numbers(_ values: [CK_ULONG]) -> [UInt8] { values.flatMap(number) }

    static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

    /// A CK_DATE: eight digits YYYYMMDD, or empty.
    static func date(_ value: String?) -> [UInt8] { value.map(text) ?? [] }
}

/// One attribute of a caller's template.
public struct Attribute: Sendable, Equatable {
    /// CKA_*.
    public var type: CK_ATTRIBUTE_TYPE
    /// The value as in the caller's memory: numbers in the machine's byte order, text without a final NUL.
    public var value: [UInt8]

    /// Makes an attribute. The value's length is checked when it is used.
    public init(type: CK_ATTRIBUTE_TYPE, value: [UInt8]) {
        self.type = type
        self.value = value
    }
}

/// CK_UNAVAILABLE_INFORMATION (PKCS#11 3.1 §3.1), a macro that Swift cannot import.
public let unavailableInformation = ~CK_ULONG(0)
