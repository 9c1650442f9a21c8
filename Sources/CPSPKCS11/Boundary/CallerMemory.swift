// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki
import SmartCardBytes

/// Converts between a caller's pointers and Swift values. A required pointer that is null is `.argumentsBad`. Nothing
/// is read or written beyond the lengths from the caller.
enum CallerMemory {
    /// A caller's bytes for the duration of one call; nil for a null pointer with a length.
    static func withSpan<Result>(
        _ pointer: UnsafePointer<UInt8>?, _ length: CK_ULONG,
        _ body: (Span<UInt8>?) throws(CryptokiError) -> Result
    ) throws(CryptokiError) -> Result {
        guard let count = Int(exactly: length), count <= longestSpan else { return try body(nil) }
        guard count > 0 else { return try body(Span<UInt8>()) }
        guard let pointer = unsafe pointer else { return try body(nil) }
        return try body(unsafe Span(_unsafeStart: pointer, count: count))
    }

    /// More bytes than Linux gives a process by default. A longer length is invalid.
    private static let longestSpan = 1 << 47

    /// A copy of a caller's bytes; nil for a null pointer with a length.
    /// - Parameter limit: the most bytes that any caller needs. A length beyond it, such as
    ///   CK_UNAVAILABLE_INFORMATION, is not read, since it would run past the caller's buffer; `limit + 1` zero bytes
    ///   are returned so that the length check fails.
    static func bytes(_ pointer: UnsafePointer<UInt8>?, _ length: CK_ULONG, limit: Int = 4096) -> [UInt8]? {
        if length == 0 { return [] }
        guard let pointer = unsafe pointer else { return nil }
        guard let count = Int(exactly: length), count <= limit else { return [UInt8](repeating: 0, count: limit + 1) }
        return unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
    }

    /// A caller's PIN, in memory that is wiped. A PIN longer than `longestPIN` is not read; `longestPIN + 1` zero
    /// bytes are returned so that the length check fails.
    static func pin(_ pointer: UnsafePointer<UInt8>?, _ length: CK_ULONG) throws(CryptokiError) -> SecretBytes {
        guard let pointer = unsafe pointer else { throw .argumentsBad }
        guard let count = Int(exactly: length), count <= longestPIN else {
            return SecretBytes(repeatElement(0, count: longestPIN + 1))
        }
        return unsafe SecretBytes(copying: UnsafeRawBufferPointer(start: pointer, count: count))
    }

    /// The longest PIN in bytes that any PIN object allows.
    private static let longestPIN = 64

    /// A caller's CK_MECHANISM.
    static func mechanism(_ pointer: UnsafePointer<CK_MECHANISM>?) throws(CryptokiError) -> Mechanism {
        guard let mechanism = unsafe pointer?.pointee else { throw .argumentsBad }
        let parameter = unsafe mechanism.pParameter?.assumingMemoryBound(to: UInt8.self)
        guard let bytes = unsafe bytes(parameter, mechanism.ulParameterLen, limit: 1024) else {
            throw .mechanismParameterInvalid
        }
        return unsafe Mechanism(type: mechanism.mechanism, parameter: bytes)
    }

    /// A caller's CK_MECHANISM for an Init function. A null pointer cancels the active operation of that kind
    /// (PKCS#11 3.0 §5.2).
    /// - Returns: nil if the operation was cancelled.
    static func mechanism(
        _ pointer: UnsafePointer<CK_MECHANISM>?, orCancel flags: CK_FLAGS, _ provider: Provider,
        _ session: CK_SESSION_HANDLE
    ) throws(CryptokiError) -> Mechanism? {
        if unsafe pointer != nil { return try unsafe mechanism(pointer) }
        guard try provider.cancelOperations(session, flags) else { throw .argumentsBad }
        return nil
    }

    /// A caller's template.
    static func template(
        _ pointer: UnsafePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG
    ) throws(CryptokiError) -> [Attribute] {
        guard count > 0 else { return [] }
        guard let pointer = unsafe pointer, count <= longestTemplate else { throw .argumentsBad }
        var template: [Attribute] = []
        for index in 0..<Int(count) {
            let attribute = unsafe pointer[index]  // checked: below the count that the caller gave
            let value = unsafe attribute.pValue?.assumingMemoryBound(to: UInt8.self)
            guard let bytes = unsafe bytes(value, attribute.ulValueLen, limit: 65_536) else { throw .argumentsBad }
            template.append(unsafe Attribute(type: attribute.type, value: bytes))
        }
        return template
    }

    /// The most attributes in a template. No class of objects has nearly as many.
    static let longestTemplate: CK_ULONG = 1024

    /// Returns variable-length bytes to a caller by the rule of PKCS#11 3.1 §5.2: for a null buffer, or one that is
    /// too small, only the length is stored.
    static func output(
        _ buffer: UnsafeMutablePointer<UInt8>?, _ length: UnsafeMutablePointer<CK_ULONG>?,
        _ body: (OutputRequest) throws(CryptokiError) -> OutputResult
    ) throws(CryptokiError) {
        guard let length = unsafe length else {
            // This ends an operation.
            _ = try body(.nowhere)
            throw .argumentsBad
        }
        let request = unsafe buffer == nil ? OutputRequest.length : .bytes(capacity: Int(clamping: length.pointee))
        do throws(CryptokiError) {
            switch try body(request) {
            case .length(let count):
                unsafe length.pointee = CK_ULONG(count)
            case .bytes(var bytes):
                unsafe write(bytes, to: buffer)
                unsafe length.pointee = CK_ULONG(bytes.count)
                // It may be a decrypted message.
                bytes.wipe()
            }
        } catch .bufferTooSmall(let needed) {
            unsafe length.pointee = CK_ULONG(needed)
            throw .bufferTooSmall(needed: needed)
        }
    }

    /// Returns a list to a caller by the same rule. Lengths are numbers of elements.
    static func list<Element>(
        _ buffer: UnsafeMutablePointer<Element>?, _ count: UnsafeMutablePointer<CK_ULONG>?,
        length: () throws(CryptokiError) -> Int,
        elements: (Int) throws(CryptokiError) -> [Element]
    ) throws(CryptokiError) {
        guard let count = unsafe count else { throw .argumentsBad }
        guard let buffer = unsafe buffer else {
            unsafe count.pointee = CK_ULONG(try length())
            return
        }
        do throws(CryptokiError) {
            let capacity = unsafe Int(clamping: count.pointee)
            let list = try elements(capacity)
            guard list.count <= capacity else { throw .bufferTooSmall(needed: list.count) }
            for (index, element) in list.enumerated() { unsafe (buffer + index).initialize(to: element) }
            unsafe count.pointee = CK_ULONG(list.count)
        } catch .bufferTooSmall(let needed) {
            unsafe count.pointee = CK_ULONG(needed)
            throw .bufferTooSmall(needed: needed)
        }
    }

    /// Writes through a pointer.
    /// - Throws: `.argumentsBad` if it is null.
    static func store<Value>(_ value: Value, to pointer: UnsafeMutablePointer<Value>?) throws(CryptokiError) {
        guard let pointer = unsafe pointer else { throw .argumentsBad }
        unsafe pointer.initialize(to: value)
    }

    static func write(_ bytes: [UInt8], to buffer: UnsafeMutableRawPointer?) {
        guard let buffer = unsafe buffer else { return }
        unsafe bytes.withUnsafeBytes { source in
            unsafe buffer.copyMemory(from: source.baseAddress ?? UnsafeRawPointer(buffer), byteCount: source.count)
        }
    }

    /// Writes text into a fixed field of a C structure, padded with blanks and not terminated (PKCS#11 3.1 §3.1).
    /// Text that is too long is cut between two characters.
    static func fill<Field>(_ field: inout Field, with text: String) {
        let size = MemoryLayout<Field>.size
        var bytes: [UInt8] = []
        for character in text.unicodeScalars {
            let encoded = Array(String(character).utf8)
            if bytes.count + encoded.count > size { break }
            bytes += encoded
        }
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: size - bytes.count)
        unsafe withUnsafeMutableBytes(of: &field) { unsafe $0.copyBytes(from: bytes) }
    }
}
