// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Functions added in PKCS#11 3.2: key encapsulation, verification with the signature first, validation flags,
/// asynchronous calls and authenticated key wrapping. No card needs them.

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
