// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Encryption and decryption functions (PKCS#11 3.1 §5.8, §5.10).

/// The longest block that is read, in bytes: longer than any block of a card's keys.
private let longestBlock = 1024

/// Starts an encryption with the public key of a decryption key. A null mechanism cancels the active one.
@c @implementation
public func C_EncryptInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    entryPoint([.session(session), unsafe .mechanism(mechanism), .key(key)]) { (provider) throws(CryptokiError) in
        guard let mechanism = try unsafe CallerMemory.mechanism(mechanism, orCancel: CKF_ENCRYPT, provider, session)
        else {
            return
        }
        try provider.encryptInit(session, mechanism, key: key)
    }
}

/// Encrypts one block on the host, or stores the length of the result.
@c @implementation
public func C_Encrypt(
    _ session: CK_SESSION_HANDLE, _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: CK_ULONG,
    _ encrypted: UnsafeMutablePointer<UInt8>?, _ encryptedLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("data", dataLength), unsafe .room(encrypted, encryptedLength)],
        giving: [unsafe .result("encrypted", encryptedLength)]
    ) { (provider) throws(CryptokiError) in
        let data = unsafe CallerMemory.bytes(data, dataLength, limit: longestBlock)
        try unsafe CallerMemory.output(encrypted, encryptedLength) { (request) throws(CryptokiError) in
            try provider.encrypt(session, data: data, request)
        }
    }
}

/// Adds a part of the block. There is no output.
@c @implementation
public func C_EncryptUpdate(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: CK_ULONG,
    _ encrypted: UnsafeMutablePointer<UInt8>?, _ encryptedLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("part", partLength), unsafe .room(encrypted, encryptedLength)],
        giving: [unsafe .result("encrypted", encryptedLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(encrypted, encryptedLength) { (request) throws(CryptokiError) in
            try unsafe CallerMemory.withSpan(part, partLength) { (part) throws(CryptokiError) in
                try provider.encryptUpdate(session, data: part, request)
            }
        }
    }
}

/// Encrypts all parts as one block.
@c @implementation
public func C_EncryptFinal(
    _ session: CK_SESSION_HANDLE, _ encrypted: UnsafeMutablePointer<UInt8>?,
    _ encryptedLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), unsafe .room(encrypted, encryptedLength)],
        giving: [unsafe .result("encrypted", encryptedLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(encrypted, encryptedLength) { (request) throws(CryptokiError) in
            try provider.encryptFinal(session, request)
        }
    }
}

/// Starts a decryption with the authentication key, after a login. A null mechanism cancels the active one.
@c @implementation
public func C_DecryptInit(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ key: CK_OBJECT_HANDLE
) -> CK_RV {
    entryPoint([.session(session), unsafe .mechanism(mechanism), .key(key)]) { (provider) throws(CryptokiError) in
        guard let mechanism = try unsafe CallerMemory.mechanism(mechanism, orCancel: CKF_DECRYPT, provider, session)
        else {
            return
        }
        try provider.decryptInit(session, mechanism, key: key)
    }
}

/// Decrypts one block on the card. A request for the length does not use the card.
@c @implementation
public func C_Decrypt(
    _ session: CK_SESSION_HANDLE, _ encrypted: UnsafeMutablePointer<UInt8>?, _ encryptedLength: CK_ULONG,
    _ data: UnsafeMutablePointer<UInt8>?, _ dataLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("encrypted", encryptedLength), unsafe .room(data, dataLength)],
        giving: [unsafe .result("data", dataLength)]
    ) { (provider) throws(CryptokiError) in
        let encrypted = unsafe CallerMemory.bytes(encrypted, encryptedLength, limit: longestBlock)
        try unsafe CallerMemory.output(data, dataLength) { (request) throws(CryptokiError) in
            try provider.decrypt(session, data: encrypted, request)
        }
    }
}

/// Adds a part of the block. There is no output.
@c @implementation
public func C_DecryptUpdate(
    _ session: CK_SESSION_HANDLE, _ encrypted: UnsafeMutablePointer<UInt8>?, _ encryptedLength: CK_ULONG,
    _ part: UnsafeMutablePointer<UInt8>?, _ partLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("encrypted", encryptedLength), unsafe .room(part, partLength)],
        giving: [unsafe .result("part", partLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(part, partLength) { (request) throws(CryptokiError) in
            try unsafe CallerMemory.withSpan(encrypted, encryptedLength) { (encrypted) throws(CryptokiError) in
                try provider.decryptUpdate(session, data: encrypted, request)
            }
        }
    }
}

/// Decrypts all parts as one block, on the card.
@c @implementation
public func C_DecryptFinal(
    _ session: CK_SESSION_HANDLE, _ part: UnsafeMutablePointer<UInt8>?, _ partLength: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), unsafe .room(part, partLength)],
        giving: [unsafe .result("data", partLength)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.output(part, partLength) { (request) throws(CryptokiError) in
            try provider.decryptFinal(session, request)
        }
    }
}
