// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// Signing (PKCS#11 3.1 §5.13) and verifying (§5.15).
extension Provider {
    /// Starts a signature with a private key (C_SignInit). No signature command is sent yet.
    /// - Throws: `.keyHandleInvalid`; `.userNotLoggedIn` for a key that a PIN protects; `.mechanismInvalid` if the
    ///   card does not have it, `.mechanismParameterInvalid` for unsupported PSS parameters, `.keyTypeInconsistent`
    ///   if this key does not support the mechanism; `.operationActive`.
    public func signInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard let object = object(key, in: session) else { throw .keyHandleInvalid }
        if object.isPrivate, session.token.currentLogin() != .user { throw .userNotLoggedIn }
        let model = session.token.model
        guard case .privateKey(let keyObject, _) = object.kind,
            keyObject.role != .other
        else { throw .keyTypeInconsistent }
        guard try MechanismList.info(of: mechanism.type, on: model).flags & CKF_SIGN != 0 else {
            throw .mechanismInvalid
        }
        let signature = try mechanism.signatureMechanism()
        guard MechanismList.signatureMechanisms(of: keyObject, on: model).contains(signature) else {
            throw .keyTypeInconsistent
        }
        // A key may have several certificates; the one with its public key verifies the signature.
        let others = session.token.knownObjects.keys?.certificates ?? []
        let certificates = others.filter { $0.belongs(to: keyObject.identifier) }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            try operations.signature.begin(
                SignatureOperation(
                    key: keyObject, certificates: certificates, mechanism: signature,
                    data: DataToSign(signature, hashesMessage: mechanism.hashesMessage)))
        }
    }

    /// Signs data in one piece (C_Sign).
    /// - Parameter data: nil if the caller passed none. A request for the length needs none.
    /// - Throws: `.operationNotInitialized`, `.operationActive` after a `signUpdate`, `.argumentsBad`,
    ///   `.bufferTooSmall`, or why the card did not sign.
    public func sign(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, _ request: OutputRequest
    ) throws(CryptokiError) -> OutputResult {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.signature.takeForOnePiece(request)
            if let answer = request.answer(forLength: operation.length) {
                operation.isAskedInOnePiece = true
                operations.signature = operation
                return try answer.get()
            }
            guard let data else { throw operations.signature.missingPointer(operation) }
            try operation.data.append(data)
            return .bytes(try operation.sign(on: session.token))
        }
    }

    /// Adds a part of the data (C_SignUpdate).
    /// - Throws: `.operationNotInitialized`, `.argumentsBad` without data; `.dataLengthRange` for more than 512 bytes
    ///   of data that is not hashed.
    public func signUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            try operations.signature.update(data)
        }
    }

    /// Signs all parts, on the card (C_SignFinal).
    /// - Throws: `.operationNotInitialized`, `.operationActive`, `.bufferTooSmall`, or why the card did not sign;
    ///   then the operation ends.
    public func signFinal(_ handle: CK_SESSION_HANDLE, _ request: OutputRequest) throws(CryptokiError) -> OutputResult {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            let operation = try operations.signature.takeForEndOfParts(request)
            if let answer = request.answer(forLength: operation.length) {
                operations.signature = operation
                return try answer.get()
            }
            return .bytes(try operation.sign(on: session.token))
        }
    }

    // MARK: Verifying

    /// Starts a verification with a public key, on the host (C_VerifyInit).
    /// - Throws: `.keyHandleInvalid`, `.keyTypeInconsistent` for another kind of object, `.mechanismInvalid`,
    ///   `.mechanismParameterInvalid`, `.operationActive`.
    public func verifyInit(
        _ handle: CK_SESSION_HANDLE, _ mechanism: Mechanism, key: CK_OBJECT_HANDLE
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard let object = object(key, in: session) else { throw .keyHandleInvalid }
        guard case .publicKey(let publicKey) = object.kind else { throw .keyTypeInconsistent }
        guard try MechanismList.info(of: mechanism.type, on: session.token.model).flags & CKF_VERIFY != 0 else {
            throw .mechanismInvalid
        }
        let (signature, pss) = try mechanism.verificationMechanism()
        let numbers = try self.publicKey(publicKey, session)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            try operations.verification.begin(
                VerificationOperation(
                    publicKey: numbers, mechanism: signature, pss: pss,
                    completesHashes: publicKey.completesHashes,
                    data: DataToSign(signature, hashesMessage: mechanism.hashesMessage)))
        }
    }

    /// Verifies the signature of data in one piece (C_Verify).
    /// - Parameters:
    ///   - data: nil if the caller passed none.
    ///   - signature: nil if the caller passed none.
    /// - Throws: `.operationNotInitialized`, `.argumentsBad`, else as `verifyFinal`.
    public func verify(
        _ handle: CK_SESSION_HANDLE, data: Span<UInt8>?, signature: [UInt8]?
    ) throws(CryptokiError) {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            var operation = try operations.verification.takeForOnePiece()
            guard let data, let signature else { throw operations.verification.missingPointer(operation) }
            try operation.data.append(data)
            try operation.verify(signature)
        }
    }

    /// Adds a part of the data (C_VerifyUpdate).
    /// - Throws: as `signUpdate`.
    public func verifyUpdate(_ handle: CK_SESSION_HANDLE, data: Span<UInt8>?) throws(CryptokiError) {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            try operations.verification.update(data)
        }
    }

    /// Verifies the signature of all parts (C_VerifyFinal).
    /// - Throws: `.signatureLengthRange` if it is not as long as the modulus, `.signatureInvalid`; `.argumentsBad`
    ///   without a signature (the operation stays active).
    public func verifyFinal(_ handle: CK_SESSION_HANDLE, signature: [UInt8]?) throws(CryptokiError) {
        try session(handle).operations.withLock { (operations) throws(CryptokiError) in
            let operation = try operations.verification.takeForEnd()
            guard let signature else { throw operations.verification.missingPointer(operation) }
            try operation.verify(signature)
        }
    }

    /// The numbers of a public key, from its certificate.
    func publicKey(_ key: TokenObject.PublicKey, _ session: Session) throws(CryptokiError) -> RSAPublicKey {
        let certificate = try withToken(session) { (token) throws(CardError) in
            try key.certificate?.fields(from: token)
        }
        guard let numbers = certificate?.publicKey else { throw .keyTypeInconsistent }
        return numbers
    }
}
