// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Owns one OpenSSL object and frees it.
@safe
struct OpenSSLObject: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// nil for a null pointer, which means failure; OpenSSL's error queue is then cleared.
    init?(_ pointer: OpaquePointer?, free: @escaping (OpaquePointer?) -> Void) {
        guard let pointer = unsafe pointer else {
            ERR_clear_error()
            return nil
        }
        unsafe self.pointer = pointer
        unsafe self.free = free
    }

    deinit { unsafe free(pointer) }
}

extension Optional where Wrapped == OpenSSLObject {
    /// nil for no object.
    var pointer: OpaquePointer? {
        switch self {
        case .some(let object): unsafe object.pointer
        case .none: nil
        }
    }
}

/// Encodes with an i2d_ function of OpenSSL.
func encoded(
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) -> [UInt8]? {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = unsafe encode(&bytes)
    guard count > 0, let start = unsafe bytes else {
        ERR_clear_error()
        return nil
    }
    defer { unsafe cps_free(start) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
}

/// Decodes all bytes with a d2i_ function of OpenSSL; nil if bytes are left.
func decoded(
    _ bytes: [UInt8], free: @escaping (OpaquePointer?) -> Void,
    _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
) -> OpenSSLObject? {
    var isWhole = false
    let pointer = unsafe bytes.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return unsafe OpaquePointer?.none }
        var position: UnsafePointer<UInt8>? = unsafe start
        defer { unsafe isWhole = position == start + buffer.count }
        return unsafe decode(&position, buffer.count)
    }
    guard let object = unsafe OpenSSLObject(pointer, free: free) else { return nil }
    return isWhole ? consume object : nil
}

/// The content of an ASN.1 string.
func content(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(max(0, ASN1_STRING_length(string)))))
}

/// The short name of an object identifier, or its numbers if it has none.
func name(of object: OpaquePointer?) -> String {
    let number = unsafe OBJ_obj2nid(object)
    if number != NID_undef, let name = unsafe OBJ_nid2sn(number) { return unsafe String(cString: name) }
    var text = [CChar](repeating: 0, count: 128)
    let capacity = Int32(text.count)
    let length = unsafe text.withUnsafeMutableBufferPointer { unsafe OBJ_obj2txt($0.baseAddress, capacity, object, 1) }
    return String(
        decoding: text.prefix(Int(max(0, min(length, capacity - 1)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
