// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import VirtualCPS

/// A key made once for all tests that need one of its size.
public struct TestKey: Sendable {
    /// As openssl has written it.
    public let pem: String
    /// The same key.
    public let privateKey: RSAPrivateKey
    /// The key that verifies what it signs.
    public var publicKey: RSAPublicKey { privateKey.publicKey }

    /// A new key.
    /// - Parameter bitCount: the length of the modulus.
    public init(bitCount: Int) throws {
        pem = try OpenSSL.newKey(bitCount: bitCount)
        privateKey = try RSAPrivateKey(pem: pem)
    }

    private static let made2048 = Result { try TestKey(bitCount: 2048) }
    private static let made1025 = Result { try TestKey(bitCount: 1025) }
    private static let made1031 = Result { try TestKey(bitCount: 1031) }

    /// As on the cards.
    public static var bits2048: TestKey { get throws { try made2048.get() } }
    /// PSS blocks one byte shorter than the modulus.
    public static var bits1025: TestKey { get throws { try made1025.get() } }
    /// A modulus whose first byte is not full.
    public static var bits1031: TestKey { get throws { try made1031.get() } }
}
