// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Signing functions (PKCS#11 3.1 §5.13).

/// Starts a signature with a private key. A null mechanism cancels the active one.
@c @implementation
public func C_SignInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    entryPoint([.session(session), unsafe .mechanism(mechanism), .key(key)]) { (provider) throws(CryptokiError) in
        guard let mechanism = try unsafe CallerMemory.mechanism(mechanism, orCancel: CKF_SIGN, provider, session) else {
            return
        }
        try provider.signInit(session, mechanism, key: key)
    }
}

/// Signs data in one piece on the card, or stores the length of the signature. The signature is verified with the
/// certificate's key before the caller gets it.
@c @implementation
public func C_Sign(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG,
    _ signature: UnsafeMutablePointer<UInt8>?, _ signatureLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("data", dataLength), unsafe .room(signature, signatureLength)],
        giving: [unsafe .result("signature", signatureLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(signature, signatureLength) { (request) throws(CryptokiError) in
            try unsafe CallerMemory.withSpan(data, dataLength) { (data) throws(CryptokiError) in
                try provider.sign(session, data: data, request)
            }
        }
    }
}

/// Adds a part of the data.
@c @implementation
public func C_SignUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("part", partLength)]) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.withSpan(part, partLength) { (part) throws(CryptokiError) in
            try provider.signUpdate(session, data: part)
        }
    }
}

/// Signs all parts on the card, like C_Sign.
@c @implementation
public func C_SignFinal(
    _ session: CK_SESSION_HANDLE, _ signature: UnsafeMutablePointer<UInt8>?,
    _ signatureLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), unsafe .room(signature, signatureLength)],
        giving: [unsafe .result("signature", signatureLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(signature, signatureLength) { (request) throws(CryptokiError) in
            try provider.signFinal(session, request)
        }
    }
}
