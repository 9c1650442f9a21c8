// SPDX-License-Identifier: Apache-2.0

/// An operation of a session that takes its data in one piece or in parts
/// (PKCS#11 3.1 §5.8 to §5.15).
protocol MultipartOperation {
    /// Whether it was given a part.
    var isMultipart: Bool { get }

    /// Whether a function for data in one piece has told the length of the result.
    var isAskedInOnePiece: Bool { get set }

    /// Whether an error for a missing pointer leaves the operation under way, against the
    /// standard: the test programs of the official library rest on it (numbers 613, 631, 711, ...).
    static var outlivesMissingPointers: Bool { get }

    /// Takes a part of the data.
    mutating func update(_ part: Span<UInt8>) throws(CryptokiError)
}

extension MultipartOperation {
    static var outlivesMissingPointers: Bool { true }
}

/// The place that a session has for an operation of a kind: nil when none is under way.
///
/// An operation that a function works on is taken out of its place, and put back when it
/// goes on. So every error ends it, as the standard says, but CKR_BUFFER_TOO_SMALL and, for
/// most kinds, CKR_ARGUMENTS_BAD.
extension Optional where Wrapped: MultipartOperation {
    /// - Throws: `.operationActive` when one is under way.
    mutating func begin(_ operation: Wrapped) throws(CryptokiError) {
        guard self == nil else { throw .operationActive }
        self = operation
    }

    /// Takes the operation under way out of its place.
    /// - Throws: `.operationNotInitialized` when there is none.
    private mutating func take() throws(CryptokiError) -> Wrapped {
        guard let operation = self else { throw .operationNotInitialized }
        self = nil
        return operation
    }

    /// Takes out the operation under way, for data in one piece.
    /// - Throws: `.operationNotInitialized`; `.operationActive` when it was given a part;
    ///   `.argumentsBad` when the result has nowhere to go.
    mutating func takeForOnePiece(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try take()
        guard !operation.isMultipart else { throw .operationActive }
        guard request != .nowhere else { throw missingPointer(operation) }
        return operation
    }

    /// The error for a pointer that a caller did not give, once the operation was taken.
    mutating func missingPointer(_ operation: Wrapped) -> CryptokiError {
        if Wrapped.outlivesMissingPointers { self = operation }
        return .argumentsBad
    }

    /// Takes out the operation under way, to end the data that came in parts.
    /// - Throws: `.operationNotInitialized`; `.argumentsBad` when the result has nowhere
    ///   to go.
    mutating func takeForEnd(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try take()
        guard request != .nowhere else { throw missingPointer(operation) }
        return operation
    }

    /// As `takeForEnd`, for an operation that is not to end with no data at all where the
    /// caller has shown his data in one piece.
    /// - Throws: `.operationActive` in that case.
    mutating func takeForEndOfParts(_ request: OutputRequest? = nil) throws(CryptokiError) -> Wrapped {
        let operation = try takeForEnd(request)
        guard operation.isMultipart || !operation.isAskedInOnePiece else { throw .operationActive }
        return operation
    }

    /// Gives the operation under way a part.
    /// - Parameter part: nil when the caller gave none.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`, or why the part is refused.
    mutating func update(_ part: Span<UInt8>?) throws(CryptokiError) {
        var operation = try take()
        guard let part else { throw missingPointer(operation) }
        try operation.update(part)
        self = operation
    }

    /// Gives the operation under way a part, of which nothing is put out before the end.
    /// A request for the length takes no part: callers ask, make a buffer, and pass the
    /// same part again.
    /// - Parameter longest: the answer to such a request. It is not the length 0 that the
    ///   output has: a caller's buffer of no bytes is a null pointer, and so the next
    ///   request for the length.
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
