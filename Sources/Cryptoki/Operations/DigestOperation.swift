// SPDX-License-Identifier: Apache-2.0

import HostCryptography

/// Hashing on the host (PKCS#11 3.1 §5.12, cards.md §7.7).
struct DigestOperation: MultipartOperation {
    private var context: HashContext
    /// The hash including the data of a C_Digest that returned only the length. C_DigestFinal may follow and returns
    /// this hash, as with the official library.
    private var onePiece: HashContext?
    private(set) var isMultipart = false
    var isAskedInOnePiece = false
    static let outlivesMissingPointers = false

    var length: Int { context.algorithm.digestLength }

    init(_ algorithm: HashAlgorithm) { context = HashContext(algorithm) }

    mutating func note(onePiece data: Span<UInt8>) {
        var copy = context
        copy.update(data)
        onePiece = copy
    }

    mutating func update(_ part: Span<UInt8>) {
        isMultipart = true
        context.update(part)
    }

    /// The hash of all parts.
    mutating func finish() -> [UInt8] {
        var last = isMultipart ? context : onePiece ?? context
        return last.finalize()
    }

    /// The hash of data in one piece.
    func digest(of data: Span<UInt8>) -> [UInt8] {
        var copy = context
        copy.update(data)
        return copy.finalize()
    }
}
