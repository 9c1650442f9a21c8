// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import OpenSSLTestSupport

/// A key made once for all tests that need one of its size.
struct TestKey: Sendable {
    let pem: String
    let privateKey: RSAPrivateKey
    var publicKey: RSAPublicKey { privateKey.publicKey }

    init(bitCount: Int) throws {
        pem = try OpenSSL.newKey(bitCount: bitCount)
        privateKey = try RSAPrivateKey(pem: pem)
    }

    private static let made2048 = Result { try TestKey(bitCount: 2048) }
    private static let made1025 = Result { try TestKey(bitCount: 1025) }
    private static let made1031 = Result { try TestKey(bitCount: 1031) }

    /// As on the cards.
    static var bits2048: TestKey { get throws { try made2048.get() } }
    /// PSS blocks one byte shorter than the modulus.
    static var bits1025: TestKey { get throws { try made1025.get() } }
    /// A modulus whose first byte is not full.
    static var bits1031: TestKey { get throws { try made1031.get() } }
}
