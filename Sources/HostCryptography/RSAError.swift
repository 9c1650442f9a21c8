// SPDX-License-Identifier: Apache-2.0

/// Why a key is not one that this library works with.
public enum RSAError: Error, Equatable, Sendable {
    /// The modulus has fewer than 512 bits, or more than 4096.
    case modulusSizeNotSupported
    /// The modulus is even, which no product of two odd primes is.
    case modulusEven
    /// The public exponent is even, smaller than 3, or not below the modulus.
    case publicExponentNotUsable
    /// The text or the DER of a private key cannot be read.
    case malformedPrivateKey
    /// The numbers of a private key do not belong together.
    case inconsistentPrivateKey
}
