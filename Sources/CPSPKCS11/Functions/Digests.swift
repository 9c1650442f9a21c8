// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Message digesting functions (PKCS#11 3.1 §5.12).

/// Starts a SHA-1 or SHA-2 hash, on the host. A null mechanism cancels the active one.
@c @implementation
public func C_DigestInit(_ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?) -> CK_RV {
    entryPoint([.session(session), unsafe .mechanism(mechanism)]) { (provider) throws(CryptokiError) in
        guard let mechanism = try unsafe CallerMemory.mechanism(mechanism, orCancel: CKF_DIGEST, provider, session)
        else {
            return
        }
        try provider.digestInit(session, mechanism)
    }
}

/// Hashes data in one piece, or stores the length of the hash.
@c @implementation
public func C_Digest(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG,
    _ digest: UnsafeMutablePointer<UInt8>?, _ digestLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("data", dataLength), unsafe .room(digest, digestLength)],
        giving: [unsafe .result("digest", digestLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(digest, digestLength) { (request) throws(CryptokiError) in
            try unsafe CallerMemory.withSpan(data, dataLength) { (data) throws(CryptokiError) in
                try provider.digest(session, data: data, request)
            }
        }
    }
}

/// Hashes the next part.
@c @implementation
public func C_DigestUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("part", partLength)]) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.withSpan(part, partLength) { (part) throws(CryptokiError) in
            try provider.digestUpdate(session, data: part)
        }
    }
}

/// Stores the hash of all parts.
@c @implementation
public func C_DigestFinal(
    _ session: CK_SESSION_HANDLE, _ digest: UnsafeMutablePointer<UInt8>?,
    _ digestLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), unsafe .room(digest, digestLength)],
        giving: [unsafe .result("digest", digestLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(digest, digestLength) { (request) throws(CryptokiError) in
            try provider.digestFinal(session, request)
        }
    }
}
