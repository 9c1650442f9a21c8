// SPDX-License-Identifier: Apache-2.0

/// An operation of a session that takes its data in one piece or in parts
/// (PKCS#11 3.1 §5.8 to §5.15).
protocol MultipartOperation {
    /// Whether it was given a part.
    var isMultipart: Bool { get }

    /// Takes a part of the data.
    mutating func update(_ part: Span<UInt8>) throws(CryptokiError)
}

/// The place that a session has for an operation of a kind: nil when none is under way.
extension Optional where Wrapped: MultipartOperation {
    /// - Throws: `.operationActive` when one is under way.
    mutating func begin(_ operation: Wrapped) throws(CryptokiError) {
        guard self == nil else { throw .operationActive }
        self = operation
    }

    /// The operation under way.
    /// - Throws: `.operationNotInitialized` when there is none.
    func underWay() throws(CryptokiError) -> Wrapped {
        guard let self else { throw .operationNotInitialized }
        return self
    }

    /// The operation under way, for data in one piece.
    /// - Throws: `.operationNotInitialized`; `.operationActive` when it was given a part.
    func inOnePiece() throws(CryptokiError) -> Wrapped {
        let operation = try underWay()
        guard !operation.isMultipart else { throw .operationActive }
        return operation
    }

    /// Gives the operation under way a part; one that refuses it is over.
    /// - Parameter part: nil when the caller gave none; the operation then stays.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`, or why the part is refused.
    mutating func update(_ part: Span<UInt8>?) throws(CryptokiError) {
        var operation = try underWay()
        guard let part else { throw .argumentsBad }
        self = nil
        try operation.update(part)
        self = operation
    }
}
