// SPDX-License-Identifier: Apache-2.0

/// EMSA-PSS and its mask generation function MGF1 (RFC 8017 §9.1 and appendix
/// B.2.1), for any pair of hash functions and any salt.
extension PKCS1Padding {
    /// The block of a PSS signature.
    /// - Parameters:
    ///   - digest: the hash of the message by `algorithm`.
    ///   - maskAlgorithm: the hash in MGF1.
    ///   - salt: random bytes, usually as many as the digest has.
    ///   - modulusBitCount: 512 to 4096.
    /// - Returns: as many bytes as the modulus has; nil when the digest has the
    ///   wrong length, or the salt is too long for the modulus.
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
        masked[0] &= shape.firstByteMask  // checked: PSSShape makes sure of a first byte
        return [UInt8](repeating: 0, count: shape.leadingZeroCount) + masked + hash + [0xBC]
    }

    /// Whether the block is the PSS encoding of the digest, with a salt of
    /// exactly this length.
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
        // checked: PSSShape makes sure of a first byte
        guard masked[0] & ~shape.firstByteMask == 0 else { return false }
        var data = exclusiveOr(masked, mask(seed: hash, length: masked.count, algorithm: maskAlgorithm))
        data[0] &= shape.firstByteMask  // checked: PSSShape makes sure of a first byte
        // checked: PSSShape: the zeros and one byte more fit
        guard data.prefix(shape.zeroCount).allSatisfy({ $0 == 0 }), data[shape.zeroCount] == 0x01 else {
            return false
        }
        return hash == pssHash(digest: digest, salt: Array(data.suffix(saltLength)), algorithm: algorithm)
    }

    /// MGF1: `length` bytes, at most 512 here, that stem from the seed.
    private static func mask(seed: [UInt8], length: Int, algorithm: HashAlgorithm) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt32 = 0
        while mask.count < length {
            mask += HashContext.digest(of: seed + BigEndian.bytes(of: counter), with: algorithm)
            counter &+= 1
        }
        return Array(mask.prefix(length))
    }

    /// H, the hash of M' = eight zero bytes, digest, salt.
    private static func pssHash(digest: [UInt8], salt: [UInt8], algorithm: HashAlgorithm) -> [UInt8] {
        HashContext.digest(of: [UInt8](repeating: 0, count: 8) + digest + salt, with: algorithm)
    }

    private static func exclusiveOr(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }
}

/// The sizes in a PSS block. The encoded message has one bit fewer than the
/// modulus, hence perhaps one byte fewer.
private struct PSSShape {
    /// Bytes before the encoded message, 0 or 1.
    let leadingZeroCount: Int
    /// Bytes of the masked data block, at least 1.
    let dataLength: Int
    /// Zero bytes that begin the data block.
    let zeroCount: Int
    /// The bits of the data block's first byte that count.
    let firstByteMask: UInt8

    init?(algorithm: HashAlgorithm, saltLength: Int, modulusBitCount: Int) {
        guard RSAPublicKey.supportedBitCounts.contains(modulusBitCount) else { return nil }
        let bitCount = modulusBitCount - 1
        let length = (bitCount + 7) / 8
        // The final byte BC and the hash come after the data block, 01 and the
        // salt stand at its end.
        dataLength = length - algorithm.digestLength - 1
        guard saltLength >= 0, saltLength <= dataLength - 1 else { return nil }
        zeroCount = dataLength - 1 - saltLength
        leadingZeroCount = (modulusBitCount + 7) / 8 - length
        firstByteMask = 0xFF >> (length * 8 - bitCount)
    }
}
