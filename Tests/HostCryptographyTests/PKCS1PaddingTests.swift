// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import Testing

@Suite("PKCS #1 v1.5 padding")
struct PKCS1PaddingTests {
    @Test("the block of a 35-byte DigestInfo has 218 bytes FF")
    func signatureBlock() {
        let data = [UInt8](repeating: 0x30, count: 35)
        let block = PKCS1Padding.signatureBlock(data, length: 256)
        #expect(block == [0, 1] + [UInt8](repeating: 0xFF, count: 218) + [0] + data)
    }

    @Test("at least eight bytes fill the block, and lengths of no modulus are refused")
    func limits() {
        #expect(PKCS1Padding.signatureBlock([UInt8](repeating: 0, count: 245), length: 256)?.count == 256)
        #expect(PKCS1Padding.signatureBlock([UInt8](repeating: 0, count: 246), length: 256) == nil)
        #expect(PKCS1Padding.encryptionBlock([UInt8](repeating: 0, count: 245), length: 256)?.count == 256)
        #expect(PKCS1Padding.encryptionBlock([UInt8](repeating: 0, count: 246), length: 256) == nil)
        for length in [Int.min, -1, 0, 10, 63, 513, Int.max] {
            #expect(PKCS1Padding.signatureBlock([], length: length) == nil)
            #expect(PKCS1Padding.encryptionBlock([], length: length) == nil)
        }
    }

    @Test("the message comes out of an encryption block, zero bytes and all")
    func removal() throws {
        for message in [[], [0], [0, 0, 1], [UInt8](repeating: 0xFF, count: 53)] as [[UInt8]] {
            let block = try #require(PKCS1Padding.encryptionBlock(message, length: 64))
            #expect(PKCS1Padding.removeEncryptionPadding(block) == message)
        }
    }

    @Test("a wrong first byte, a wrong type, a missing or an early separator is one failure")
    func wrongBlocks() {
        let fill = [UInt8](repeating: 0xA5, count: 61)
        let good: [UInt8] = [0, 2] + fill + [0]
        #expect(PKCS1Padding.removeEncryptionPadding(good) == [])
        for first in 1...255 { #expect(PKCS1Padding.removeEncryptionPadding([UInt8(first), 2] + fill + [0]) == nil) }
        for type in 0...255 where type != 2 {
            #expect(PKCS1Padding.removeEncryptionPadding([0, UInt8(type)] + fill + [0]) == nil)
        }
        #expect(PKCS1Padding.removeEncryptionPadding([0, 2] + fill + [1]) == nil)
        for index in 2..<63 {
            var block = good
            block[index] = 0
            #expect(PKCS1Padding.removeEncryptionPadding(block) == (index < 10 ? nil : Array(block[(index + 1)...])))
        }
        for fillByte in 1...255 {
            let block = [0, 2] + [UInt8](repeating: UInt8(fillByte), count: 61) + [0]
            #expect(PKCS1Padding.removeEncryptionPadding(block) == [])
        }
    }

    @Test("blocks of no modulus' length are refused")
    func wrongLengths() {
        for length in [0, 1, 2, 11, 63, 513] {
            #expect(PKCS1Padding.removeEncryptionPadding([UInt8](repeating: 0, count: length)) == nil)
        }
    }
}

@Suite("Random bytes and constant time")
struct SystemRandomTests {
    @Test("as many bytes come as asked for, and not the same twice")
    func counts() throws {
        for count in [0, 1, 256, 257, 100_000] {
            #expect(SystemRandom.bytes(count: count)?.count == count)
        }
        #expect(SystemRandom.bytes(count: 32) != SystemRandom.bytes(count: 32))
    }

    @Test("impossible counts give nothing")
    func impossibleCounts() {
        for count in [Int.min, -1, SystemRandom.maximumCount + 1, Int.max] {
            #expect(SystemRandom.bytes(count: count) == nil)
        }
    }
}
