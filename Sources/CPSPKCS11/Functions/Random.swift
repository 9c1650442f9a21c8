// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Random number generation (PKCS#11 3.1 §5.19).

/// Seeds the generator: the card's takes no seed. CKR_RANDOM_SEED_NOT_SUPPORTED.
@c @implementation
public func C_SeedRandom(
    _ session: CK_SESSION_HANDLE, _ seed: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("length", length)]) {
        (provider) throws(CryptokiError) in
        try provider.checkSession(session)
        guard unsafe seed != nil || length == 0 else { throw .argumentsBad }
        throw .randomSeedNotSupported
    }
}

/// Stores random bytes from the card, which returns eight per command; at most 1 MiB per call.
@c @implementation
public func C_GenerateRandom(
    _ session: CK_SESSION_HANDLE, _ random: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .length("length", length)]) { (provider) throws(CryptokiError) in
        guard unsafe random != nil || length == 0 else { throw .argumentsBad }
        let bytes = try provider.generateRandom(session, count: Int(clamping: length))
        unsafe CallerMemory.write(bytes, to: random)
    }
}
