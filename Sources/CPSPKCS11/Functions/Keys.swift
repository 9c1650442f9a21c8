// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Key management functions (PKCS#11 3.1 §5.18). Only the issuer makes a card's keys and writes them.

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
