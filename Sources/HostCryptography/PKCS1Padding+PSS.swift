// SPDX-License-Identifier: Apache-2.0

/// EMSA-PSS with its mask generation function MGF1 (RFC 8017 §9.1 and appendix B.2.1), for any two hash functions and
/// any salt.
extension PKCS1Padding {
    /// The block of a PSS signature.
    /// - Parameters:
    ///   - digest: the hash of the message by `algorithm`.
    ///   - maskAlgorithm: the hash in MGF1.
    ///   - salt: random bytes, usually as many as the digest has.
    ///   - modulusBitCount: the size of the modulus in bits, 512 to 4096.
    /// - Returns: as many bytes as the modulus has; nil if the digest has the wrong length, or the salt is too long
    ///   for the modulus.
    public static func pssBlock(
        digest: [UInt8], algorithm: HashAlgorithm, maskAlgorithm: HashAlgorithm,
        salt: [UInt8], modulusBitCount: Int
    ) -> [UInt8]? {
        guard
            let shape = PSSShape(
                algorithm: algorithm, saltLength: salt.count, modulusBitCount: modulusBitCount),
            digest.count == algorithm.digestLength
        else { return nil }
        let hash = pssHash(digest: digest, salt: salt, algorithm: algorithm)
        let data = [UInt8](repeating: 0, count: shape.zeroCount) + [0x01] + salt
        var masked = exclusiveOr(data, mask(seed: hash, length: data.count, algorithm: maskAlgorithm))
        masked[0] &= shape.firstByteMask  // checked: PSSShape guarantees a first byte
        return [UInt8](repeating: 0, count: shape.leadingZeroCount) + masked + hash + [0xBC]
    }

    /// Whether the block is the PSS encoding of the digest, with a salt of exactly this length in bytes.
    static func isValidPSSBlock(
        _ block: [UInt8], digest: [UInt8], algorithm: HashAlgorithm, maskAlgorithm: HashAlgorithm,
        saltLength: Int, modulusBitCount: Int
    ) -> Bool {
        guard
            let shape = PSSShape(
                algorithm: algorithm, saltLength: saltLength, modulusBitCount: modulusBitCount),
            digest.count == algorithm.digestLength, block.count == (modulusBitCount + 7) / 8,
            block.last == 0xBC, block.prefix(shape.leadingZeroCount).allSatisfy({ $0 == 0 })
        else { return false }
        let masked = Array(block.dropFirst(shape.leadingZeroCount).prefix(shape.dataLength))
        let hash = Array(block.dropLast().suffix(algorithm.digestLength))
        // checked: PSSShape guarantees a first byte
        guard masked[0] & ~shape.firstByteMask == 0 else { return false }
        var data = exclusiveOr(masked, mask(seed: hash, length: masked.count, algorithm: maskAlgorithm))
        data[0] &= shape.firstByteMask  // checked: PSSShape guarantees a first byte
        // checked: PSSShape guarantees room for the zeros and one more byte
        guard data.prefix(shape.zeroCount).allSatisfy({ $0 == 0 }), data[shape.zeroCount] == 0x01 else {
            return false
        }
        return hash == pssHash(digest: digest, salt: Array(data.suffix(saltLength)), algorithm: algorithm)
    }

    /// MGF1: `length` bytes derived from the seed, at most 512 here.
    private static func mask(seed: [UInt8], length: Int, algorithm: HashAlgorithm) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt32 = 0
        while mask.count < length {
            mask += HashContext.digest(of: seed + BigEndian.bytes(of: counter), with: algorithm)
            counter &+= 1
        }
        return Array(mask.prefix(length))
    }

    /// H: the hash of M', which is eight zero bytes, digest, salt.
    private static func pssHash(digest: [UInt8], salt: [UInt8], algorithm: HashAlgorithm) -> [UInt8] {
        HashContext.digest(of: [UInt8](repeating: 0, count: 8) + digest + salt, with: algorithm)
    }

    private static func exclusiveOr(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }
}

/// The sizes in a PSS block. The encoded message is one bit shorter than the modulus, so it may be one byte shorter.
private struct PSSShape {
    /// Zero bytes before the encoded message, 0 or 1.
    let leadingZeroCount: Int
    /// The length of the masked data block, at least 1 byte.
    let dataLength: Int
    /// Zero bytes at the start of the data block.
    let zeroCount: Int
    /// The bits used in the data block's first byte.
    let firstByteMask: UInt8

    init?(algorithm: HashAlgorithm, saltLength: Int, modulusBitCount: Int) {
        guard RSAPublicKey.supportedBitCounts.contains(modulusBitCount) else { return nil }
        let bitCount = modulusBitCount - 1
        let length = (bitCount + 7) / 8
        // The hash and the byte BC follow the data block, which ends with 01 and the salt.
        dataLength = length - algorithm.digestLength - 1
        guard saltLength >= 0, saltLength <= dataLength - 1 else { return nil }
        zeroCount = dataLength - 1 - saltLength
        leadingZeroCount = (modulusBitCount + 7) / 8 - length
        firstByteMask = 0xFF >> (length * 8 - bitCount)
    }
}
