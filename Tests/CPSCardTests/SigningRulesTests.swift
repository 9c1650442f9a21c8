// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// What is decided before a command is sent (cards.md §4.4, §4.5).
@Suite struct SigningRulesTests {

    private func key(_ role: KeyObject.Role, _ model: CardModel) throws -> KeyObject {
        switch (role, model) {
        case (.signature, .cps4): try Blueprint.key(Blueprint.signatureKeyCPS4)
        case (_, .cps4): try Blueprint.key(Blueprint.authenticationKeyCPS4)
        case (.signature, _): try Blueprint.key(Blueprint.signatureKeyCPS3)
        default: try Blueprint.key(Blueprint.authenticationKeyCPS3)
        }
    }

    private static let allHashes = HashAlgorithm.allCases.map(SignatureMechanism.pkcs1Hash)
    private static let cardHashes: [SignatureMechanism] = [.pkcs1Hash(.sha1), .pkcs1Hash(.sha256)]
    private static let pss: [SignatureMechanism] = [.pss(.sha1), .pss(.sha256)]

    @Test(
        "each key of each card has its mechanisms",
        arguments: [
            (.cps3, .signature, [.pkcs1] + cardHashes), (.cps3, .authentication, [.pkcs1] + allHashes),
            (.cps4, .signature, [.pkcs1] + cardHashes + pss), (.cps4, .authentication, [.pkcs1] + allHashes + pss),
            (.cps3Contactless, .authentication, [.pkcs1]),
        ] as [(CardModel, KeyObject.Role, [SignatureMechanism])])
    func mechanisms(model: CardModel, role: KeyObject.Role, expected: [SignatureMechanism]) throws {
        let key = try key(role, model)
        #expect(SigningRules.mechanisms(for: key, on: model) == expected)
        let every = [.pkcs1] + Self.allHashes + HashAlgorithm.allCases.map(SignatureMechanism.pss)
        for mechanism in every where !expected.contains(mechanism) {
            for input in [SignatureInput.data([UInt8](repeating: 1, count: 20)), .message(hashed([1], .sha1))] {
                #expect(throws: CardError.operationNotSupported) {
                    try SigningRules.operation(for: mechanism, of: input, with: key, on: model)
                }
            }
        }
    }

    @Test("a key that is for nothing signs nothing")
    func uselessKey() throws {
        let key = try Blueprint.key(hex("30 17 30 03 0C 01 4B 30 06 04 01 09 03 01 00 A1 08 30 06 30 04 04 02 70 99"))
        for model in CardModel.allCases { #expect(SigningRules.mechanisms(for: key, on: model).isEmpty) }
    }

    @Test(
        "the authentication key takes so many bytes and no more",
        arguments: [
            (.cps3, 102), (.cps3Contactless, 102), (.cps4, 245),
        ] as [(CardModel, Int)])
    func limits(model: CardModel, limit: Int) throws {
        let key = try key(.authentication, model)
        #expect(SigningRules.dataLimit(for: key, on: model) == limit)
        _ = try SigningRules.operation(
            for: .pkcs1, of: .data([UInt8](repeating: 1, count: limit)), with: key, on: model)
        #expect(throws: CardError.dataTooLong) {
            try SigningRules.operation(
                for: .pkcs1, of: .data([UInt8](repeating: 1, count: limit + 1)), with: key, on: model)
        }
        #expect(throws: CardError.dataNotUsable) {
            try SigningRules.operation(for: .pkcs1, of: .data([]), with: key, on: model)
        }
    }

    @Test(
        "the signature key takes a SHA-1 or SHA-256 hash, bare or in its DigestInfo",
        arguments: [CardModel.cps3, .cps4])
    func digests(model: CardModel) throws {
        let key = try key(.signature, model)
        for (algorithm, wanted) in [(HashAlgorithm.sha1, CardHash.sha1), (.sha256, .sha256)] {
            let digest = HashContext.digest(of: [1, 2, 3], with: algorithm)
            let info = try #require(DigestInfo.encode(algorithm: algorithm, digest: digest))
            for data in [digest, info] {
                let operation = try SigningRules.operation(for: .pkcs1, of: .data(data), with: key, on: model)
                guard case .signDigest(let hash, let sent) = operation else {
                    Issue.record("\(operation)")
                    continue
                }
                #expect(hash == wanted && sent == digest)
            }
        }
    }

    @Test("the DigestInfo of another hash is not this key's", arguments: [HashAlgorithm.sha224, .sha384, .sha512])
    func otherDigests(algorithm: HashAlgorithm) throws {
        let info = try #require(
            DigestInfo.encode(algorithm: algorithm, digest: [UInt8](repeating: 7, count: algorithm.digestLength)))
        for model in [CardModel.cps3, .cps4] {
            let key = try key(.signature, model)
            #expect(throws: CardError.operationNotSupported) {
                try SigningRules.operation(for: .pkcs1, of: .data(info), with: key, on: model)
            }
        }
    }

    @Test("a RIPEMD-160 DigestInfo is not signed as SHA-1")
    func ripemd() throws {
        let info = hex("30 21 30 09 06 05 2B 24 03 02 01 05 00 04 14") + [UInt8](repeating: 9, count: 20)
        let key = try key(.signature, .cps3)
        #expect(throws: CardError.self) {
            try SigningRules.operation(for: .pkcs1, of: .data(info), with: key, on: .cps3)
        }
    }

    @Test(
        "other data are no hash",
        arguments: [
            (0, .dataNotUsable), (19, .dataNotUsable), (21, .dataNotUsable), (31, .dataNotUsable), (33, .dataNotUsable),
            (48, .dataNotUsable), (64, .dataNotUsable), (83, .dataNotUsable), (84, .dataTooLong), (512, .dataTooLong),
        ] as [(Int, CardError)])
    func noDigest(count: Int, error: CardError) throws {
        let key = try key(.signature, .cps4)
        #expect(throws: error) {
            try SigningRules.operation(
                for: .pkcs1, of: .data([UInt8](repeating: 1, count: count)), with: key, on: .cps4)
        }
    }

    @Test(
        "messages end on the card with a CPS3, on the host with a CPS4 and with an empty message",
        arguments: [
            0, 1, 63, 64, 65, 128, 129,
        ])
    func messages(count: Int) throws {
        let message = [UInt8](repeating: 0x61, count: count)
        let cps3 = try SigningRules.operation(
            for: .pkcs1Hash(.sha256), of: .message(hashed(message, .sha256)), with: key(.signature, .cps3), on: .cps3)
        let cps4 = try SigningRules.operation(
            for: .pkcs1Hash(.sha256), of: .message(hashed(message, .sha256)), with: key(.signature, .cps4), on: .cps4)
        if case .signLastRound(.sha256, let state, let lastBlock) = cps3, count > 0 {
            #expect(lastBlock.count == (count - 1) % 64 + 1)
            #expect(state.count == (count > 64 ? 40 : 0))
        } else {
            guard case .signDigest(.sha256, _) = cps3, count == 0 else { throw MalformedBytes.truncated }
        }
        guard case .signDigest(.sha256, let digest) = cps4 else { throw MalformedBytes.truncated }
        #expect(digest == HashContext.digest(of: message, with: .sha256))
    }

    @Test("a PSS hash has the length of its hash")
    func pssLengths() throws {
        let key = try key(.authentication, .cps4)
        for count in [0, 19, 20, 31, 32, 33] {
            for (algorithm, length) in [(HashAlgorithm.sha1, 20), (.sha256, 32)] where count != length {
                #expect(throws: CardError.dataNotUsable) {
                    try SigningRules.operation(
                        for: .pss(algorithm), of: .data([UInt8](repeating: 0, count: count)), with: key, on: .cps4)
                }
            }
        }
    }

    @Test("a message hashed with one function is not signed as another's")
    func mixedHashes() throws {
        for model in [CardModel.cps3, .cps4] {
            let key = try key(.authentication, model)
            #expect(throws: CardError.operationNotSupported) {
                try SigningRules.operation(
                    for: .pkcs1Hash(.sha256), of: .message(hashed([1], .sha1)), with: key, on: model)
            }
            #expect(throws: CardError.operationNotSupported) {
                try SigningRules.operation(for: .pkcs1, of: .message(hashed([1], .sha1)), with: key, on: model)
            }
        }
    }
}
