// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing

@Suite("Hashes")
struct HashTests {
    /// FIPS 180-4 examples: "abc", the 448-bit message, and a million "a".
    static let known: [(algorithm: HashAlgorithm, abc: String, twoBlocks: String, million: String)] = [
        (
            .sha1, "a9993e364706816aba3e25717850c26c9cd0d89d",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1", "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
        ),
        (
            .sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
            "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525",
            "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67"
        ),
        (
            .sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
        (
            .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b",
            "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985"
        ),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
        ),
    ]

    @Test("the digests of the FIPS examples come out", arguments: known)
    func knownAnswers(algorithm: HashAlgorithm, abc: String, twoBlocks: String, million: String) {
        let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(HashContext.digest(of: Array("abc".utf8), with: algorithm) == Hexadecimal.decode(abc))
        #expect(HashContext.digest(of: long, with: algorithm) == Hexadecimal.decode(twoBlocks))
        var context = HashContext(algorithm)
        let part = [UInt8](repeating: 0x61, count: 1000)
        for _ in 0..<1000 { context.update(part) }
        #expect(context.byteCount == 1_000_000)
        #expect(context.finalize() == Hexadecimal.decode(million))
    }

    @Test("an empty message has a digest, and empty updates change nothing", arguments: HashAlgorithm.allCases)
    func emptyMessage(algorithm: HashAlgorithm) {
        var context = HashContext(algorithm)
        context.update([])
        context.update([1, 2, 3][3...])
        let digest = context.finalize()
        #expect(digest.count == algorithm.digestLength)
        #expect(digest == HashContext.digest(of: [], with: algorithm))
        if algorithm == .sha1 {
            #expect(digest == Hexadecimal.decode("da39a3ee5e6b4b0d3255bfef95601890afd80709"))
        }
    }

    @Test("pieces of any size give the digest of the whole", arguments: HashAlgorithm.allCases)
    func pieces(algorithm: HashAlgorithm) {
        let message = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let whole = HashContext.digest(of: message[...], with: algorithm)
        for size in [1, 63, 64, 65, 127, 128, 129, 299] {
            var context = HashContext(algorithm)
            for start in stride(from: 0, to: message.count, by: size) {
                context.update(message[start..<min(start + size, message.count)])
            }
            #expect(context.finalize() == whole)
        }
    }

    @Test("a finished context begins anew, and a copy goes its own way", arguments: HashAlgorithm.allCases)
    func valueSemantics(algorithm: HashAlgorithm) {
        var context = HashContext(algorithm)
        context.update(Array("ab".utf8))
        var copy = context
        context.update(Array("c".utf8))
        copy.update(Array("x".utf8))
        let abc = HashContext.digest(of: Array("abc".utf8), with: algorithm)
        #expect(context.finalize() == abc)
        #expect(copy.finalize() == HashContext.digest(of: Array("abx".utf8), with: algorithm))
        #expect(context.byteCount == 0)
        context.update(Array("abc".utf8))
        #expect(context.finalize() == abc)
    }

    @Test("the chaining value shows between blocks only, for SHA-1 and SHA-256 only")
    func chainingValue() {
        for algorithm in HashAlgorithm.allCases {
            var context = HashContext(algorithm)
            let isVisible = algorithm == .sha1 || algorithm == .sha256
            #expect((context.chainingValue != nil) == isVisible)
            context.update([UInt8](repeating: 0x61, count: 63))
            #expect(context.chainingValue == nil)
            context.update([0x61])
            switch algorithm {
            case .sha1:
                #expect(context.chainingValue == Hexadecimal.decode("DA4968EB2E377C1F884E8F5283524BEBE74EBDBD"))
            case .sha256:
                #expect(
                    context.chainingValue
                        == Hexadecimal.decode(
                            "DF5BB81CE81E0626FB45A8944FD40F31B25E6816D6D499C1AB90492900635E66"))
            default:
                #expect(context.chainingValue == nil)
            }
        }
    }
}

@Suite("A hash whose last round is on the card")
struct LastRoundHashTests {
    @Test("a short message stays whole for the card, without a state")
    func shortMessage() throws {
        var hash = try #require(LastRoundHash(.sha256))
        hash.update(Array("abc".utf8))
        #expect(hash.state.isEmpty)
        #expect(hash.lastBlock == Array("abc".utf8))
        #expect(
            Hexadecimal.encode(hash.digest())
                == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")
    }

    @Test(
        "100 bytes leave the state after 64 and their bit count",
        arguments: [
            (
                HashAlgorithm.sha256,
                "DF5BB81CE81E0626FB45A8944FD40F31B25E6816D6D499C1AB90492900635E660000000000000200",
                "2816597888E4A0D3A36B82B83316AB32680EB8F00F8CD3B904D681246D285A0E"
            ),
            (
                .sha1, "DA4968EB2E377C1F884E8F5283524BEBE74EBDBD0000000000000200",
                "7F9000257A4918D7072655EA468540CDCBD42E0C"
            ),
        ])
    func hundredBytes(algorithm: HashAlgorithm, state: String, digest: String) throws {
        var hash = try #require(LastRoundHash(algorithm))
        hash.update([UInt8](repeating: 0x61, count: 100))
        #expect(Hexadecimal.encode(hash.state) == state)
        #expect(hash.lastBlock == [UInt8](repeating: 0x61, count: 36))
        #expect(Hexadecimal.encode(hash.digest()) == digest)
        #expect(hash.byteCount == 100)
    }

    @Test("a complete block is kept as the last one")
    func completeBlocks() throws {
        for blocks in 1...3 {
            var hash = try #require(LastRoundHash(.sha256))
            hash.update([UInt8](repeating: 0x61, count: 64 * blocks))
            #expect(hash.lastBlock.count == 64)
            #expect(hash.state.count == (blocks == 1 ? 0 : 40))
            #expect(hash.state.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == UInt64(512 * (blocks - 1)))
        }
    }

    @Test("the empty message has a digest and nothing for the card")
    func emptyMessage() throws {
        var hash = try #require(LastRoundHash(.sha1))
        hash.update([])
        #expect(hash.state.isEmpty)
        #expect(hash.lastBlock.isEmpty)
        #expect(hash.digest() == HashContext.digest(of: [], with: .sha1))
    }

    @Test("other functions than the cards' are refused")
    func otherFunctions() {
        #expect(LastRoundHash(.sha224) == nil)
        #expect(LastRoundHash(.sha384) == nil)
        #expect(LastRoundHash(.sha512) == nil)
    }

    @Test("the pieces in which a message comes make no difference")
    func pieces() throws {
        for algorithm in [HashAlgorithm.sha1, .sha256] {
            for length in [1, 63, 64, 65, 127, 128, 129, 191, 192, 193, 300] {
                let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 5) }
                for size in [1, 7, 63, 64, 65, 128, 130] {
                    var hash = try #require(LastRoundHash(algorithm))
                    for start in stride(from: 0, to: length, by: size) {
                        hash.update(message[start..<min(start + size, length)])
                    }
                    let hashedCount = (length - 1) / 64 * 64
                    var context = HashContext(algorithm)
                    context.update(message[..<hashedCount])
                    #expect(hash.lastBlock[...] == message[hashedCount...])
                    #expect(hash.state.dropLast(8) == (hashedCount == 0 ? [] : (context.chainingValue ?? [])[...]))
                    #expect(hash.digest() == HashContext.digest(of: message, with: algorithm))
                }
            }
        }
    }
}

@Suite("Hashes taken up again")
struct ResumedHashTests {
    @Test("a hash goes on from the state that another one left", arguments: [HashAlgorithm.sha1, .sha256])
    func resuming(algorithm: HashAlgorithm) throws {
        let message = [UInt8](repeating: 0x61, count: 200)
        var first = HashContext(algorithm)
        first.update(message[..<128])
        let state = try #require(first.chainingValue)
        var second = try #require(HashContext(algorithm, resumingFrom: state, blockCount: 2))
        second.update(message[128...])
        #expect(second.finalize() == HashContext.digest(of: message, with: algorithm))
    }

    @Test("no hash goes on from a state of another length, another function, or an endless message")
    func refusals() {
        #expect(HashContext(.sha256, resumingFrom: [UInt8](repeating: 0, count: 20), blockCount: 1) == nil)
        #expect(HashContext(.sha512, resumingFrom: [UInt8](repeating: 0, count: 64), blockCount: 1) == nil)
        #expect(HashContext(.sha1, resumingFrom: [UInt8](repeating: 0, count: 20), blockCount: .max) == nil)
    }
}
