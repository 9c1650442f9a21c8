// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Message-based functions (PKCS#11 3.1 §5.9, §5.11, §5.14, §5.16), for ciphers and signatures that RSA cards do not
/// support.

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
