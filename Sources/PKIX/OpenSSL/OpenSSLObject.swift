// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// One object of OpenSSL's that is ours, and is freed when it goes.
@safe
struct OpenSSLObject: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// nil for the null pointer by which OpenSSL says that it could not: why stands in
    /// its list of errors, which is emptied.
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
    /// The null pointer for none, as OpenSSL has it.
    var pointer: OpaquePointer? {
        switch self {
        case .some(let object): unsafe object.pointer
        case .none: nil
        }
    }
}

/// Bytes that OpenSSL writes, by a function of its i2d_ family.
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

/// An object that OpenSSL reads from all of some bytes, by a function of its d2i_
/// family; nil when something follows it.
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

/// The content of a string type of ASN.1.
func content(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(max(0, ASN1_STRING_length(string)))))
}

/// The usual short name of an object identifier; where there is none, its numbers.
func name(of object: OpaquePointer?) -> String {
    let number = unsafe OBJ_obj2nid(object)
    if number != NID_undef, let name = unsafe OBJ_nid2sn(number) { return unsafe String(cString: name) }
    var text = [CChar](repeating: 0, count: 128)
    let capacity = Int32(text.count)
    let length = unsafe text.withUnsafeMutableBufferPointer { unsafe OBJ_obj2txt($0.baseAddress, capacity, object, 1) }
    return String(
        decoding: text.prefix(Int(max(0, min(length, capacity - 1)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
