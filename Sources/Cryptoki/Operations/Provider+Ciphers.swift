import CPKCS11
import CPSCard

/// Encrypting on the host (PKCS#11 3.1 §5.8) and decrypting on the card (§5.10).
extension Provider {
    public func encryptInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard let object = object(key, in: session) else { throw .keyHandleInvalid }
        guard case .publicKey(let publicKey) = object.kind else { throw .keyTypeInconsistent }
        guard try MechanismList.info(of: mechanism.type, on: session.token.model).flags & CKF_ENCRYPT != 0 else {
            throw .mechanismInvalid
        }
        // What is encrypted for the signature key nobody could decrypt.
        guard publicKey.canEncrypt else { throw .keyTypeInconsistent }
        let numbers = try self.publicKey(publicKey, session)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard operations.encryption == nil else { throw .operationActive }
            operations.encryption = EncryptionOperation(publicKey: numbers)
        }
    }

    public func encrypt(
        _ handle: CK_SESSION_HANDLE, data: [UInt8]?, _ request: OutputRequest
    ) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard let operation = operations.encryption else { throw .operationNotInitialized }
            guard !operation.block.isMultipart else { throw .operationActive }
            guard let data else { throw .argumentsBad }
            if let answer = try request.answer(forLength: operation.length) { return answer }
            operations.encryption = nil
            return .bytes(try operation.encrypt(data))
        }
    }

    /// Takes a part of the message; nothing is put out before the end.
    public func encryptUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        let session = try session(handle)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var operation = operations.encryption else { throw .operationNotInitialized }
            guard let data else { throw .argumentsBad }
            operations.encryption = nil
            guard operation.block.update(data) else { throw .dataLengthRange }
            operations.encryption = operation
        }
    }

    public func encryptFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard let operation = operations.encryption else { throw .operationNotInitialized }
            if let answer = try request.answer(forLength: operation.length) { return answer }
            operations.encryption = nil
            return .bytes(try operation.encrypt(operation.block.bytes))
        }
    }

    // MARK: Decrypting

    /// The login is checked before the key, and an unknown key is an invalid
    /// object, as with the official library (cards.md §7.7).
    public func decryptInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard session.token.loginState == .user else { throw .userNotLoggedIn }
        guard let object = object(key, in: session) else { throw .objectHandleInvalid }
        guard try MechanismList.info(of: mechanism.type, on: session.token.model).flags & CKF_DECRYPT != 0 else {
            throw .mechanismInvalid
        }
        guard case .privateKey(let keyObject, _) = object.kind, keyObject.usage.decrypt else {
            throw .keyTypeInconsistent
        }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard operations.decryption == nil else { throw .operationActive }
            operations.decryption = DecryptionOperation(key: keyObject)
        }
    }

    public func decrypt(
        _ handle: CK_SESSION_HANDLE, data: [UInt8]?, _ request: OutputRequest
    ) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard let operation = operations.decryption else { throw .operationNotInitialized }
            guard !operation.block.isMultipart else { throw .operationActive }
            guard let data else { throw .argumentsBad }
            return try finish(&operations, operation, data, request, session)
        }
    }

    public func decryptUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        let session = try session(handle)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var operation = operations.decryption else { throw .operationNotInitialized }
            guard let data else { throw .argumentsBad }
            operations.decryption = nil
            guard operation.block.update(data) else { throw .encryptedDataLengthRange }
            operations.decryption = operation
        }
    }

    public func decryptFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError) -> Output {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard let operation = operations.decryption else { throw .operationNotInitialized }
            return try finish(&operations, operation, operation.block.bytes, request, session)
        }
    }

    /// A request for the length is answered without the card: with the most that
    /// a message can have. A buffer that turns out too small keeps the message.
    private func finish(
        _ operations: inout Session.Operations, _ operation: DecryptionOperation, _ cryptogram: [UInt8],
        _ request: OutputRequest, _ session: Session
    ) throws(CryptokiError) -> Output {
        guard case .bytes(let capacity) = request else { return .length(operation.maximumLength) }
        var operation = operation
        operations.decryption = nil
        let message = try operation.decrypt(cryptogram, on: session.token)
        guard message.count <= capacity else {
            operations.decryption = operation
            throw .bufferTooSmall(needed: message.count)
        }
        return .bytes(message)
    }
}
