// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Dual-function cryptographic functions (PKCS#11 3.1 §5.17), which no card supports.

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
