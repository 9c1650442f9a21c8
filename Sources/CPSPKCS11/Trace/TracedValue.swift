// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// An argument or result as it is logged: handles, names and lengths, never contents. Only memory that the functions
/// themselves read is read.
struct TracedValue {
    let text: String

    private init(_ name: String, _ value: String) { text = "\(name)=\(value)" }

    static func slot(_ slot: CK_SLOT_ID) -> TracedValue { TracedValue("slot", String(slot)) }

    static func session(_ session: CK_SESSION_HANDLE) -> TracedValue { TracedValue("session", String(session)) }

    static func object(_ object: CK_OBJECT_HANDLE) -> TracedValue { TracedValue("object", String(object)) }

    static func key(_ key: CK_OBJECT_HANDLE) -> TracedValue { TracedValue("key", String(key)) }

    static func flags(_ flags: CK_FLAGS) -> TracedValue { TracedValue("flags", hexadecimal(flags)) }

    static func user(_ type: CK_USER_TYPE) -> TracedValue { TracedValue("user", StandardName.userType(type)) }

    static func mechanism(_ type: CK_MECHANISM_TYPE) -> TracedValue {
        TracedValue("mechanism", StandardName.mechanism(type))
    }

    static func mechanism(_ pointer: UnsafePointer<CK_MECHANISM>?) -> TracedValue {
        guard let mechanism = unsafe pointer?.pointee else { return TracedValue("mechanism", "NULL") }
        return unsafe .mechanism(mechanism.mechanism)
    }

    /// A PIN: whether there is one, or it is typed on the reader.
    static func pin(_ name: String, _ pointer: UnsafePointer<UInt8>?) -> TracedValue {
        TracedValue(name, unsafe pointer == nil ? "NULL" : "**")
    }

    /// The length of a caller's data.
    static func length(_ name: String, _ length: CK_ULONG) -> TracedValue { TracedValue(name, String(length)) }

    /// The size of a caller's buffer; NULL for a request for the length.
    static func room<Element>(
        _ buffer: UnsafePointer<Element>?, _ length: UnsafePointer<CK_ULONG>?
    ) -> TracedValue {
        TracedValue("room", unsafe buffer == nil ? "NULL" : pointee(length))
    }

    /// A returned number.
    static func result(_ name: String, _ pointer: UnsafePointer<CK_ULONG>?) -> TracedValue {
        TracedValue(name, unsafe pointee(pointer))
    }

    private static func pointee(_ pointer: UnsafePointer<CK_ULONG>?) -> String {
        guard let pointer = unsafe pointer else { return "NULL" }
        return unsafe pointer.pointee == unavailableInformation ? "-1" : String(pointer.pointee)
    }

    /// The most attributes that are logged.
    private static let longestTemplate = 32

    /// The attribute types of a template, with their lengths.
    /// - Parameter showingClass: whether the value of CKA_CLASS is logged.
    static func template(
        _ pointer: UnsafePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, showingClass: Bool = false
    ) -> TracedValue {
        guard let pointer = unsafe pointer else { return TracedValue("template", "NULL") }
        guard count <= CallerMemory.longestTemplate else { return TracedValue("template", "(\(count))") }
        var entries: [String] = []
        for index in 0..<min(Int(count), longestTemplate) {
            let attribute = unsafe pointer[index]  // checked: below the count that the caller gave
            var entry = unsafe StandardName.attribute(attribute.type)
            if showingClass, unsafe attribute.type == CKA_CLASS, let value = unsafe attribute.pValue,
                unsafe attribute.ulValueLen == CK_ULONG(MemoryLayout<CK_ULONG>.size)
            {
                entry += unsafe ":" + StandardName.objectClass(value.loadUnaligned(as: CK_ULONG.self))
            } else if unsafe attribute.pValue == nil {
                entry += unsafe attribute.ulValueLen == 0 ? ":NULL" : ":NULL:" + length(attribute.ulValueLen)
            } else {
                entry += unsafe ":" + length(attribute.ulValueLen)
            }
            entries.append(entry)
        }
        if Int(count) > longestTemplate { entries.append("...") }
        return TracedValue("template", entries.joined(separator: ","))
    }

    private static func length(_ length: CK_ULONG) -> String {
        length == unavailableInformation ? "-1" : String(length)
    }
}

/// A number as in the standard's headers.
func hexadecimal(_ number: CK_ULONG) -> String { "0x" + String(number, radix: 16, uppercase: true) }
