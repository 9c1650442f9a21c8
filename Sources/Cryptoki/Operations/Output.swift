// SPDX-License-Identifier: Apache-2.0

/// What a caller wants of a function that returns bytes of variable length
/// (PKCS#11 3.1 §5.2): the length only, or the bytes in a buffer of his.
public enum OutputRequest: Sendable, Equatable {
    case length
    case bytes(capacity: Int)
    /// There is not even a place for the length.
    case nowhere
}

/// What such a function returns.
public enum OutputResult: Sendable, Equatable {
    case length(Int)
    case bytes([UInt8])
}

extension OutputRequest {
    /// The answer where nothing is to be done for it: to a request for the length, or with
    /// too small a buffer. The operation then stays as it was.
    /// - Parameter length: of the bytes that the operation gives.
    /// - Returns: nil when the buffer is large enough.
    func answer(forLength length: Int) -> Result<OutputResult, CryptokiError>? {
        switch self {
        case .length: .success(.length(length))
        case .bytes(let capacity) where capacity < length: .failure(.bufferTooSmall(needed: length))
        case .bytes, .nowhere: nil
        }
    }
}
