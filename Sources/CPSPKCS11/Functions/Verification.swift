// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Functions for verifying signatures (PKCS#11 3.1 §5.15).

/// The longest signature that is read, in bytes: longer than any signature by a card's key.
private let longestSignature = 1024

/// Starts a verification with a public key, on the host; no login is needed. A null mechanism cancels the active one.
@c @implementation
public func C_VerifyInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    entryPoint([.session(session), unsafe .mechanism(mechanism), .key(key)]) { (provider) throws(CryptokiError) in
        guard let mechanism = try unsafe CallerMemory.mechanism(mechanism, orCancel: CKF_VERIFY, provider, session)
        else {
            return
        }
        try provider.verifyInit(session, mechanism, key: key)
    }
}

/// Verifies the signature of data in one piece.
@c @implementation
public func C_Verify(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG,
    _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("data", dataLength), .length("signature", signatureLength)]) {
        (provider) throws(CryptokiError) in
        let signature = unsafe CallerMemory.bytes(signature, signatureLength, limit: longestSignature)
        try unsafe CallerMemory.withSpan(data, dataLength) { (data) throws(CryptokiError) in
            try provider.verify(session, data: data, signature: signature)
        }
    }
}

/// Adds a part of the data.
@c @implementation
public func C_VerifyUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("part", partLength)]) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.withSpan(part, partLength) { (part) throws(CryptokiError) in
            try provider.verifyUpdate(session, data: part)
        }
    }
}

/// Verifies the signature of all parts.
@c @implementation
public func C_VerifyFinal(
    _ session: CK_SESSION_HANDLE, _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("signature", signatureLength)]) { (provider) throws(CryptokiError) in
        let signature = unsafe CallerMemory.bytes(signature, signatureLength, limit: longestSignature)
        try provider.verifyFinal(session, signature: signature)
    }
}
