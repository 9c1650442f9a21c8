// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard

/// Encrypting on the host (PKCS#11 3.1 §5.8) and decrypting on the card (§5.10).
extension Provider {
    /// Starts an encryption with a public key (C_EncryptInit). The key's numbers are read from its certificate.
    /// - Throws: `.keyHandleInvalid`, `.mechanismInvalid`; `.keyTypeInconsistent` if the card cannot decrypt with
    ///   that key; `.operationActive`.
    public func encryptInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard let object = object(key, in: session) else { throw .keyHandleInvalid }
        guard case .publicKey(let publicKey) = object.kind else { throw .keyTypeInconsistent }
        guard try MechanismList.info(of: mechanism.type, on: session.token.model).flags & CKF_ENCRYPT != 0 else {
            throw .mechanismInvalid
        }
        // Nobody could decrypt with the signature key.
        guard publicKey.canEncrypt else { throw .keyTypeInconsistent }
        let numbers = try self.publicKey(publicKey, session)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            try operations.encryption.begin(EncryptionOperation(publicKey: numbers))
        }
    }

    /// Encrypts a message, at most 11 bytes shorter than the modulus (C_Encrypt). The cryptogram is as long as the
    /// modulus.
    /// - Throws: `.argumentsBad` without data (the operation stays active); `.dataLengthRange` for a longer message;
    ///   `.bufferTooSmall`.
    public func encrypt(
        _ handle: CK_SESSION_HANDLE, data: [UInt8]?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.encryption.takeForOnePiece(request)
            guard let data else { throw operations.encryption.missingPointer(operation) }
            if let answer = request.answer(forLength: operation.length) {
                operation.isAskedInOnePiece = true
                operations.encryption = operation
                return try answer.get()
            }
            return .bytes(try operation.encrypt(data))
        }
    }

    /// Adds a part of the message (C_EncryptUpdate). There is no output before the end.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`; `.dataLengthRange` if the message is too long.
    public func encryptUpdate(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            try operations.encryption.update(data, request) { $0.length }
        }
    }

    /// Encrypts all parts as one message (C_EncryptFinal).
    /// - Throws: `.operationNotInitialized`, `.operationActive`, `.bufferTooSmall`.
    public func encryptFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError)
        -> OutputResult
    {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            let operation = try operations.encryption.takeForEndOfParts(request)
            if let answer = request.answer(forLength: operation.length) {
                operations.encryption = operation
                return try answer.get()
            }
            return .bytes(try operation.encrypt(operation.block.bytes))
        }
    }

    // MARK: Decrypting

    /// Starts a decryption with a private key (C_DecryptInit). As with the official library, the login is checked
    /// before the key, and an unknown key is an invalid object (cards.md §7.7).
    /// - Throws: `.userNotLoggedIn`, `.objectHandleInvalid`, `.mechanismInvalid`; `.keyTypeInconsistent` if the key
    ///   does not decrypt; `.operationActive`.
    public func decryptInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard session.token.currentLogin() == .user else { throw .userNotLoggedIn }
        guard let object = object(key, in: session) else { throw .objectHandleInvalid }
        guard try MechanismList.info(of: mechanism.type, on: session.token.model).flags & CKF_DECRYPT != 0 else {
            throw .mechanismInvalid
        }
        guard case .privateKey(let keyObject, _) = object.kind, keyObject.usage.decrypt else {
            throw .keyTypeInconsistent
        }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            try operations.decryption.begin(DecryptionOperation(key: keyObject))
        }
    }

    /// Decrypts a cryptogram as long as the modulus, on the card (C_Decrypt). A request for the length returns that
    /// of the longest possible message, without the card.
    /// - Throws: `.encryptedDataLengthRange` for another length, `.encryptedDataInvalid` if the padding is wrong,
    ///   `.bufferTooSmall` with the message's length. The operation stays active then, and the card is not asked
    ///   again.
    public func decrypt(
        _ handle: CK_SESSION_HANDLE, data: [UInt8]?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.decryption.takeForOnePiece(request)
            guard let data else { throw operations.decryption.missingPointer(operation) }
            operation.isAskedInOnePiece = true
            return try finish(&operations, operation, data, request, session)
        }
    }

    /// Adds a part of the cryptogram (C_DecryptUpdate). There is no output before the end.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`; `.encryptedDataLengthRange` beyond the length of the
    ///   modulus.
    public func decryptUpdate(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            try operations.decryption.update(data, request) { $0.maximumLength }
        }
    }

    /// Decrypts all parts, on the card (C_DecryptFinal).
    /// - Throws: as `decrypt`.
    public func decryptFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError)
        -> OutputResult
    {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            let operation = try operations.decryption.takeForEndOfParts(request)
            return try finish(&operations, operation, operation.block.bytes, request, session)
        }
    }

    /// A request for the length returns that of the longest possible message, without the card. If the buffer is too
    /// small, the message is held for the next call, as long as the user is logged in.
    private func finish(
        _ operations: inout Session.Operations, _ operation: DecryptionOperation, _ cryptogram: [UInt8],
        _ request: OutputRequest, _ session: Session
    ) throws(CryptokiError) -> OutputResult {
        guard case .bytes(let capacity) = request else {
            operations.decryption = operation
            return .length(operation.maximumLength)
        }
        var operation = operation
        guard session.token.login.now == .user else { throw .userNotLoggedIn }
        let message = try operation.decrypt(cryptogram, on: session.token)
        guard message.count <= capacity else {
            operation.keep(message, of: cryptogram)
            operations.decryption = operation
            throw .bufferTooSmall(needed: message.count)
        }
        return .bytes(message)
    }
}
