// SPDX-License-Identifier: Apache-2.0

/// What a caller wants of a function that returns bytes of variable length
/// (PKCS#11 3.1 §5.2): the length only, or the bytes in a buffer of his.
public enum OutputRequest: Sendable, Equatable {
    case length
    case bytes(capacity: Int)
}

/// What such a function returns.
public enum Output: Sendable, Equatable {
    case length(Int)
    case bytes([UInt8])
}

extension OutputRequest {
    /// Answers a request for a length, or one with too small a buffer, without
    /// doing anything; nil when the buffer is large enough.
    /// - Throws: `.bufferTooSmall`.
    func answer(forLength length: Int) throws(CryptokiError) -> Output? {
        switch self {
        case .length: return .length(length)
        case .bytes(let capacity) where capacity < length: throw .bufferTooSmall(needed: length)
        case .bytes: return nil
        }
    }
}
