// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// The functions that a read-only RSA card does not need: each answers CKR_FUNCTION_NOT_SUPPORTED, in a library
/// that is initialized.
private func notSupported(function: StaticString = #function) -> CK_RV {
    entryPoint(function: function) { (_) throws(CryptokiError) in throw .functionNotSupported }
}

// MARK: State of operations, objects, secret data (PKCS#11 3.1 §5.6, §5.7, §5.12 to §5.15)

/// Saves the state of an operation: impossible on a card. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_GetOperationState(
    _ session: CK_SESSION_HANDLE, _ state: UnsafeMutablePointer<UInt8>?, _ length: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Restores the state of an operation: none can be saved. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SetOperationState(
    _ session: CK_SESSION_HANDLE, _ state: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG,
    _ encryptionKey: CK_OBJECT_HANDLE, _ authenticationKey: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Creates an object: cards are read-only, and there are no session objects. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_CreateObject(
    _ session: CK_SESSION_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG,
    _ object: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Copies an object: as C_CreateObject. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_CopyObject(
    _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
    _ count: CK_ULONG, _ newObject: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Destroys an object: all objects belong to the issuer. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DestroyObject(_ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE) -> CK_RV {
    notSupported()
}

/// Hashes a secret key: there are none. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DigestKey(_ session: CK_SESSION_HANDLE, _ key: CK_OBJECT_HANDLE) -> CK_RV {
    notSupported()
}

/// Starts a signature with message recovery: the cards have no such mechanism. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignRecoverInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Makes a signature with message recovery: the cards have no such mechanism. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignRecover(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG,
    _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Starts the recovery of data from a signature. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifyRecoverInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Recovers data from a signature. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifyRecover(
    _ session: CK_SESSION_HANDLE, _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

// MARK: Dual-function cryptographic functions (PKCS#11 3.1 §5.17)

/// Hashes and encrypts a part at once. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DigestEncryptUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG,
    _ result: UnsafeMutablePointer<UInt8>?, _ resultLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Decrypts and hashes a part at once. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecryptDigestUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG,
    _ result: UnsafeMutablePointer<UInt8>?, _ resultLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Signs and encrypts a part at once. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignEncryptUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG,
    _ result: UnsafeMutablePointer<UInt8>?, _ resultLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Decrypts and verifies a part at once. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecryptVerifyUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG,
    _ result: UnsafeMutablePointer<UInt8>?, _ resultLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

// MARK: Key management (PKCS#11 3.1 §5.18): only the issuer makes a card's keys and writes them

/// Makes a secret key: the cards have none. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_GenerateKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Makes a key pair: keys are the issuer's. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_GenerateKeyPair(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?,
    _ publicTemplate: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ publicCount: CK_ULONG,
    _ privateTemplate: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ privateCount: CK_ULONG,
    _ publicKey: UnsafeMutablePointer<CK_OBJECT_HANDLE>?, _ privateKey: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Wraps a key: no key leaves a card. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_WrapKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ wrappingKey: CK_OBJECT_HANDLE,
    _ key: CK_OBJECT_HANDLE, _ wrapped: UnsafeMutablePointer<UInt8>?, _ wrappedLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Unwraps a key: keys are the issuer's. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_UnwrapKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ unwrappingKey: CK_OBJECT_HANDLE,
    _ wrapped: UnsafeMutablePointer<UInt8>?, _ wrappedLength: CK_ULONG,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Derives a key: there are no secret keys. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DeriveKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ baseKey: CK_OBJECT_HANDLE,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

// MARK: Message-based functions (PKCS#11 3.1 §5.9, §5.11, §5.14, §5.16)

/// Starts the encryption of several messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageEncryptInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Encrypts one message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_EncryptMessage(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG,
    _ plaintext: UnsafeMutablePointer<UInt8>?, _ plaintextLength: CK_ULONG,
    _ ciphertext: UnsafeMutablePointer<UInt8>?, _ ciphertextLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Starts the encryption of one message in parts. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_EncryptMessageBegin(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Encrypts the next part of a message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_EncryptMessageNext(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ plaintext: UnsafeMutablePointer<UInt8>?, _ plaintextLength: CK_ULONG,
    _ ciphertext: UnsafeMutablePointer<UInt8>?, _ ciphertextLength: UnsafeMutablePointer<CK_ULONG>?,
    _ flags: CK_FLAGS
) -> CK_RV {
    notSupported()
}

/// Ends the encryption of messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageEncryptFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

/// Starts the decryption of several messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageDecryptInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Decrypts one message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecryptMessage(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG,
    _ ciphertext: UnsafeMutablePointer<UInt8>?, _ ciphertextLength: CK_ULONG,
    _ plaintext: UnsafeMutablePointer<UInt8>?, _ plaintextLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Starts the decryption of one message in parts. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecryptMessageBegin(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Decrypts the next part of a message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecryptMessageNext(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ ciphertext: UnsafeMutablePointer<UInt8>?, _ ciphertextLength: CK_ULONG,
    _ plaintext: UnsafeMutablePointer<UInt8>?, _ plaintextLength: UnsafeMutablePointer<CK_ULONG>?, _ flags: CK_FLAGS
) -> CK_RV {
    notSupported()
}

/// Ends the decryption of messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageDecryptFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

/// Starts the signing of several messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageSignInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Signs one message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignMessage(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG, _ signature: UnsafeMutablePointer<UInt8>?,
    _ signatureLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Starts the signing of one message in parts. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignMessageBegin(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Signs the next part of a message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_SignMessageNext(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG, _ signature: UnsafeMutablePointer<UInt8>?,
    _ signatureLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Ends the signing of messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageSignFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

/// Starts the verification of several messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageVerifyInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    notSupported()
}

/// Verifies one message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifyMessage(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG, _ signature: UnsafeMutablePointer<UInt8>?,
    _ signatureLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Starts the verification of one message in parts. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifyMessageBegin(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Verifies the next part of a message. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifyMessageNext(
    _ session: CK_SESSION_HANDLE, _ parameter: UnsafeMutableRawPointer?, _ parameterLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG, _ signature: UnsafeMutablePointer<UInt8>?,
    _ signatureLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Ends the verification of messages. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_MessageVerifyFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

// MARK: Functions added in PKCS#11 3.2

/// Makes a shared secret for a public key: the cards have no such mechanism. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_EncapsulateKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ publicKey: CK_OBJECT_HANDLE,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ ciphertext: UnsafeMutablePointer<UInt8>?,
    _ ciphertextLength: UnsafeMutablePointer<CK_ULONG>?, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Recovers a shared secret: the cards have no such mechanism. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_DecapsulateKey(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ privateKey: CK_OBJECT_HANDLE,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG, _ ciphertext: UnsafeMutablePointer<UInt8>?,
    _ ciphertextLength: CK_ULONG, _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

/// Starts a verification whose signature comes before the data. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifySignatureInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE,
    _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Verifies the earlier signature of data in one piece. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifySignature(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Adds a part of the data for the earlier signature. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifySignatureUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Verifies the earlier signature of all parts. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_VerifySignatureFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

/// Stores the validation flags of a session: no card has been validated. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_GetSessionValidationFlags(
    _ session: CK_SESSION_HANDLE, _ type: CK_SESSION_VALIDATION_FLAGS_TYPE, _ flags: UnsafeMutablePointer<CK_FLAGS>?
) -> CK_RV {
    notSupported()
}

/// Stores the result of an asynchronous call: there are none. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_AsyncComplete(
    _ session: CK_SESSION_HANDLE, _ functionName: UnsafeMutablePointer<UInt8>?,
    _ result: UnsafeMutablePointer<CK_ASYNC_DATA>?
) -> CK_RV {
    notSupported()
}

/// Stores the number of an asynchronous call: there are none. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_AsyncGetID(
    _ session: CK_SESSION_HANDLE, _ functionName: UnsafeMutablePointer<UInt8>?,
    _ identifier: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Joins an asynchronous call of another process: there are none. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_AsyncJoin(
    _ session: CK_SESSION_HANDLE, _ functionName: UnsafeMutablePointer<UInt8>?, _ identifier: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG
) -> CK_RV {
    notSupported()
}

/// Wraps a key with authenticated encryption: no key leaves a card. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_WrapKeyAuthenticated(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ wrappingKey: CK_OBJECT_HANDLE,
    _ key: CK_OBJECT_HANDLE, _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG,
    _ wrappedKey: UnsafeMutablePointer<UInt8>?, _ wrappedKeyLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    notSupported()
}

/// Unwraps a key with authenticated encryption: keys are the issuer's. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_UnwrapKeyAuthenticated(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?,
    _ unwrappingKey: CK_OBJECT_HANDLE, _ wrappedKey: UnsafeMutablePointer<UInt8>?, _ wrappedKeyLength: CK_ULONG,
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG,
    _ associatedData: UnsafeMutablePointer<UInt8>?, _ associatedDataLength: CK_ULONG,
    _ key: UnsafeMutablePointer<CK_OBJECT_HANDLE>?
) -> CK_RV {
    notSupported()
}

// MARK: Parallel function management (PKCS#11 3.1 §5.20): no function runs in parallel

/// The status of a parallel function. CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_GetFunctionStatus(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}

/// Cancels a parallel function. CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_CancelFunction(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}
