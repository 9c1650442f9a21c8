// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// Hashing (PKCS#11 3.1 §5.12) and random numbers (§5.19).
extension Provider {
    /// Starts a hash, CKM_SHA_1 or SHA-2, computed on the host (C_DigestInit).
    /// - Throws: `.mechanismInvalid`, `.operationActive`.
    public func digestInit(_ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism) throws(CryptokiError) {
        let session = try session(handle)
        guard let algorithm = HashAlgorithm(digestMechanism: mechanism.type) else { throw .mechanismInvalid }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            try operations.digest.begin(DigestOperation(algorithm))
        }
    }

    /// Hashes data in one piece (C_Digest).
    /// - Throws: `.operationNotInitialized`, `.bufferTooSmall`; `.operationActive` after a `digestUpdate`;
    ///   `.argumentsBad` without data.
    public func digest(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.digest.takeForOnePiece(request)
            guard let data else { throw operations.digest.missingPointer(operation) }
            if let answer = request.answer(forLength: operation.length) {
                operation.note(onePiece: data)
                operations.digest = operation
                return try answer.get()
            }
            return .bytes(operation.digest(of: data))
        }
    }

    /// Hashes the next part, of any length (C_DigestUpdate).
    /// - Throws: `.operationNotInitialized`, `.argumentsBad` without data.
    public func digestUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            try operations.digest.update(data)
        }
    }

    /// The hash of all parts (C_DigestFinal). After a C_Digest that returned only the length, it is the hash of that
    /// data, as with the official library (cards.md §7.7).
    /// - Throws: `.operationNotInitialized`, `.bufferTooSmall`.
    public func digestFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError) -> OutputResult
    {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.digest.takeForEnd(request)
            if let answer = request.answer(forLength: operation.length) {
                operations.digest = operation
                return try answer.get()
            }
            return .bytes(operation.finish())
        }
    }

    /// The most random bytes per call. A card produces eight at a time.
    private static let longestRandom = 1 << 20

    /// The bytes per transaction, so that other programs get their turn: half a second with a CPS3.
    private static let randomPart = 256

    /// Random bytes from the card (C_GenerateRandom).
    /// - Parameter count: at most 2²⁰ bytes.
    /// - Throws: `.argumentsBad` for more, or why the card failed.
    public func generateRandom(_ handle: CK_SESSION_HANDLE, count: Int) throws(CryptokiError) -> [UInt8] {
        let session = try session(handle)
        guard count <= Provider.longestRandom else { throw .argumentsBad }
        return try withToken(session) { (token) throws(CardError) in
            var bytes: [UInt8] = []
            while bytes.count < count {
                let part = min(count - bytes.count, Provider.randomPart)
                bytes += try token.withCard { (state) throws(CardError) in try state.card.random(count: part) }
            }
            return bytes
        }
    }
}
