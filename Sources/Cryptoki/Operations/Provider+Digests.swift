import CPKCS11
import CPSCard
import HostCryptography

/// Hashing (PKCS#11 3.1 §5.11) and random numbers (§5.21).
extension Provider {
    public func digestInit(_ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism) throws(CryptokiError) {
        let session = try session(handle)
        guard let algorithm = HashAlgorithm(digestMechanism: mechanism.type) else { throw .mechanismInvalid }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard operations.digest == nil else { throw .operationActive }
            operations.digest = DigestOperation(algorithm)
        }
    }

    public func digest(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, _ request: OutputRequest
    ) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var operation = operations.digest else { throw .operationNotInitialized }
            guard !operation.isMultipart else { throw .operationActive }
            guard let data else { throw .argumentsBad }
            if let answer = try request.answer(forLength: operation.length) {
                operation.noteLengthQuery(data)
                operations.digest = operation
                return answer
            }
            operations.digest = nil
            return .bytes(operation.digest(of: data))
        }
    }

    public func digestUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        let session = try session(handle)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var operation = operations.digest else { throw .operationNotInitialized }
            guard let data else { throw .argumentsBad }
            operation.update(data)
            operations.digest = operation
        }
    }

    public func digestFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var operation = operations.digest else { throw .operationNotInitialized }
            if let answer = try request.answer(forLength: operation.length) { return answer }
            operations.digest = nil
            return .bytes(operation.finish())
        }
    }

    /// The most random bytes in one call; a card makes eight at a time.
    private static let longestRandom = 1 << 20

    /// Random bytes made by the card.
    public func generateRandom(_ handle: CK_SESSION_HANDLE, count: Int) throws(CryptokiError) -> [UInt8] {
        let session = try session(handle)
        guard count <= Provider.longestRandom else { throw .argumentsBad }
        return try withToken(session) { (token) throws(CardError) in
            try token.withCard { (card) throws(CardError) in try card.random(count: count) }
        }
    }
}
