// SPDX-License-Identifier: Apache-2.0

/// Why an RSA key is not accepted.
public enum RSAError: Error, Equatable, Sendable {
    /// The modulus has fewer than 512 bits, or more than 4096.
    case modulusSizeNotSupported
    /// The modulus is even, so it is not a product of two odd primes.
    case modulusEven
    /// The public exponent is even, less than 3, or not less than the modulus.
    case publicExponentNotUsable
    /// The PEM text or DER of a private key is malformed.
    case malformedPrivateKey
    /// The numbers of a private key do not match each other.
    case inconsistentPrivateKey
}
