// SPDX-License-Identifier: Apache-2.0

/// What a caller requests from a function with variable-length output (PKCS#11 3.1 §5.2).
public enum OutputRequest: Sendable, Equatable {
    /// The length of the output only.
    case length
    /// The output, in a buffer of this size in bytes.
    case bytes(capacity: Int)
    /// The pointer for the length is missing.
    case nowhere
}

/// The result of such a function.
public enum OutputResult: Sendable, Equatable {
    /// The length of the output in bytes.
    case length(Int)
    /// The output.
    case bytes([UInt8])
}

extension OutputRequest {
    /// The immediate answer, to a request for the length or for a buffer that is too small. The operation is
    /// unchanged then.
    /// - Parameter length: the output's length in bytes.
    /// - Returns: nil if the buffer is large enough.
    func answer(forLength length: Int) -> Result<OutputResult, CryptokiError>? {
        switch self {
        case .length: .success(.length(length))
        case .bytes(let capacity) where capacity < length: .failure(.bufferTooSmall(needed: length))
        case .bytes, .nowhere: nil
        }
    }
}
