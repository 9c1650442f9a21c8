// SPDX-License-Identifier: Apache-2.0

/// A session's operation on data in one piece or in parts (PKCS#11 3.1 §5.8 to §5.15).
protocol MultipartOperation {
    /// Whether it has received a part.
    var isMultipart: Bool { get }

    /// Whether a function for data in one piece has returned the result's length.
    var isAskedInOnePiece: Bool { get set }

    /// Whether the operation stays active after an error for a missing pointer. This is against the standard, but the
    /// official library's test programs depend on it (numbers 613, 631, 711, ...).
    static var outlivesMissingPointers: Bool { get }

    /// Adds a part of the data.
    mutating func update(_ part: Span<UInt8>) throws(CryptokiError)
}

extension MultipartOperation {
    static var outlivesMissingPointers: Bool { true }
}

/// A session's place for one kind of operation: nil if none is active.
///
/// A function takes the operation out, and puts it back if it continues. So every error ends it, as the standard
/// says, except CKR_BUFFER_TOO_SMALL and, for most kinds, CKR_ARGUMENTS_BAD.
extension Optional where Wrapped: MultipartOperation {
    /// Starts an operation.
    /// - Throws: `.operationActive` if one is active.
    mutating func begin(_ operation: Wrapped) throws(CryptokiError) {
        guard self == nil else { throw .operationActive }
        self = operation
    }

    /// Takes the active operation out.
    /// - Throws: `.operationNotInitialized` if there is none.
    private mutating func take() throws(CryptokiError) -> Wrapped {
        guard let operation = self else { throw .operationNotInitialized }
        self = nil
        return operation
    }

    /// Takes the active operation out, for data in one piece.
    /// - Throws: `.operationNotInitialized`; `.operationActive` if it has received a part; `.argumentsBad` if there
    ///   is no pointer for the result.
    mutating func takeForOnePiece(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try take()
        guard !operation.isMultipart else { throw .operationActive }
        guard request != .nowhere else { throw missingPointer(operation) }
        return operation
    }

    /// The error for a missing pointer, after the operation was taken out.
    mutating func missingPointer(_ operation: Wrapped) -> CryptokiError {
        if Wrapped.outlivesMissingPointers { self = operation }
        return .argumentsBad
    }

    /// Takes the active operation out, after the last part.
    /// - Throws: `.operationNotInitialized`; `.argumentsBad` if there is no pointer for the result.
    mutating func takeForEnd(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try take()
        guard request != .nowhere else { throw missingPointer(operation) }
        return operation
    }

    /// Like `takeForEnd`, but refuses to end an operation without any part if the caller started with data in one
    /// piece.
    /// - Throws: `.operationActive` in that case.
    mutating func takeForEndOfParts(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try takeForEnd(request)
        guard operation.isMultipart || !operation.isAskedInOnePiece else { throw .operationActive }
        return operation
    }

    /// Adds a part to the active operation.
    /// - Parameter part: nil if the caller passed none.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`, or why the part is refused.
    mutating func update(_ part: Span<UInt8>?) throws(CryptokiError) {
        var operation = try take()
        guard let part else { throw missingPointer(operation) }
        try operation.update(part)
        self = operation
    }

    /// Adds a part to an active operation that outputs nothing before its end. A request for the length does not add
    /// the part: callers ask, allocate a buffer, and pass the same part again.
    /// - Parameter longest: the length to return for such a request. Not the real length 0: an empty buffer is a null
    ///   pointer, which would be a request for the length again.
    mutating func update(
        _ part: Span<UInt8>?, _ request: OutputRequest, longest: (Wrapped) -> Int
    ) throws(CryptokiError) -> OutputResult {
        var operation = try take()
        guard let part, request != .nowhere else { throw missingPointer(operation) }
        if request == .length {
            self = operation
            return .length(longest(operation))
        }
        try operation.update(part)
        self = operation
        return .bytes([])
    }
}
