// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// Signing and decrypting with whole cards; signatures are verified here, from
/// the key that the card was made with.
@Suite struct KeyTests {
    private static let lengths = [0, 1, 55, 56, 63, 64, 65, 100, 128, 1000]

    @Test("messages of all lengths, each hash of each key", arguments: CardKind.contacts)
    func messages(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        for key in read.contents.privateKeys {
            let publicKey = try read.reader.publicKey(of: key)
            for mechanism in CPSCard.signatureMechanisms(of: key, on: read.card.model) {
                for count in Self.lengths {
                    let message = [UInt8](repeating: 0x61, count: count)
                    switch mechanism {
                    case .pkcs1: continue
                    case .pkcs1Hash(let hash):
                        let signature = try read.sign(.message(hashed(message, hash)), by: mechanism, with: key)
                        let info = try #require(
                            DigestInfo.encode(algorithm: hash, digest: HashContext.digest(of: message, with: hash)))
                        #expect(publicKey.isValidSignature(signature, ofPKCS1: info), "\(key.label) \(hash) \(count)")
                    case .pss(let hash):
                        let digest = HashContext.digest(of: message, with: hash)
                        for input in [SignatureInput.message(hashed(message, hash)), .data(digest)] {
                            let signature = try read.sign(input, by: mechanism, with: key)
                            #expect(
                                publicKey.isValidPSSSignature(
                                    signature, digest: digest, algorithm: hash, maskAlgorithm: hash,
                                    saltLength: hash.digestLength), "\(key.label) \(hash) \(count)")
                        }
                    }
                }
            }
        }
        #expect(read.reader.presentations.count == 1)
    }

    @Test(
        "the caller's own data: what the authentication key takes, and hashes for the signature key",
        arguments: CardKind.allCases)
    func ownData(kind: CardKind) throws {
        let read = try ReadCard(kind)
        if kind != .contactless {
            try read.logIn()
            let signature = try read.key(.signature)
            for hash in [HashAlgorithm.sha1, .sha256] {
                let digest = HashContext.digest(of: [1, 2], with: hash)
                let info = try #require(DigestInfo.encode(algorithm: hash, digest: digest))
                for data in [digest, info] {
                    let made = try read.sign(.data(data), by: .pkcs1, with: signature)
                    #expect(try read.reader.publicKey(of: signature).isValidSignature(made, ofPKCS1: info))
                }
            }
        }
        let key = try read.key(.authentication)
        for count in [1, 35, 51, SigningRules.dataLimit(for: key, on: read.card.model)] {
            let data = [UInt8](repeating: 0x5A, count: count)
            let made = try read.sign(.data(data), by: .pkcs1, with: key)
            #expect(try read.reader.publicKey(of: key).isValidSignature(made, ofPKCS1: data))
        }
    }

    @Test("with T=0, too, a CPS4 signs and decrypts")
    func cps4T0() throws {
        let read = try ReadCard(TestReader(.cps4, transport: .t0))
        try read.logIn()
        _ = try read.sign([1, 2, 3], .sha512, .authentication)
        _ = try read.sign([1, 2, 3], .sha256, .signature)
        let key = try read.key(.authentication)
        let cryptogram = try #require(try read.reader.publicKey(of: key).encryptPKCS1([7, 8]))
        #expect(try read.card.decrypt(cryptogram, with: key) == [7, 8])
    }

    @Test(
        "the last round of a hash goes to a CPS3 byte for byte as in cards.md §10.5",
        arguments: [
            (
                HashAlgorithm.sha256, 3,
                [
                    "00A4090C043F000001", "002241AA03800140", "002A90A007" + "90008003616161", "002241B606800142840181",
                    "002A9E9A00",
                ]
            ),
            (
                .sha256, 100,
                [
                    "00A4090C043F000001", "002241AA03800140",
                    "002A90A0509028DF5BB81CE81E0626FB45A8944FD40F31B25E6816D6D499C1AB90492900635E6600000000000002008024"
                        + String(repeating: "61", count: 36), "002241B606800142840181", "002A9E9A00",
                ]
            ),
            (
                .sha1, 100,
                [
                    "00A4090C043F000001", "002241AA03800110",
                    "002A90A044901CDA4968EB2E377C1F884E8F528352" + "4BEBE74EBDBD00000000000002008024"
                        + String(repeating: "61", count: 36), "002241B606800112840181", "002A9E9A00",
                ]
            ),
            (
                .sha1, 64,
                [
                    "00A4090C043F000001", "002241AA03800110", "002A90A04490008040" + String(repeating: "61", count: 64),
                    "002241B606800112840181", "002A9E9A00",
                ]
            ),
        ])
    func lastRound(hash: HashAlgorithm, count: Int, commands: [String]) throws {
        let read = try ReadCard(.cps3)
        try read.logIn()
        let sent = try read.reader.sent { _ = try read.sign([UInt8](repeating: 0x61, count: count), hash, .signature) }
        // The card has given 256 bytes before: the signature is fetched at once.
        #expect(sent == commands + ["00C0000000"])
    }

    @Test("the other operations of cards.md §10, byte for byte")
    func exchanges() throws {
        let info = hex("3021300906052B0E03021A050004147D4DD05AF9FCADAC2ABDF70EE2B051D8299964D6")
        let cps3 = try ReadCard(.cps3)
        try cps3.logIn()
        let (signature, authentication) = (try cps3.key(.signature), try cps3.key(.authentication))
        let directory = "00A4090C043F000001"
        let fetch = ["00C0000000"]
        #expect(
            try cps3.reader.sent { _ = try cps3.sign(.data(info), by: .pkcs1, with: authentication) }
                == [directory, "002241A406800102840182", "0088000023" + Hexadecimal.encode(info)] + fetch)
        let digest = [UInt8](repeating: 0xBB, count: 32)
        #expect(
            try cps3.reader.sent { _ = try cps3.sign(.data(digest), by: .pkcs1, with: signature) }
                == [directory, "002241B606800142840181", "002A9E9A20" + Hexadecimal.encode(digest)] + fetch)
        let cryptogram = try #require(try cps3.reader.publicKey(of: authentication).encryptPKCS1([1, 2, 3]))
        var message: [UInt8] = []
        let decryption = try cps3.reader.sent { message = try cps3.card.decrypt(cryptogram, with: authentication) }
        #expect(message == [1, 2, 3])
        #expect(
            decryption
                == [
                    directory, "002241B80680011A840182", "102A8086FF81" + Hexadecimal.encode(cryptogram.prefix(254)),
                    "002A808602" + Hexadecimal.encode(cryptogram.suffix(2)), "00C0000003",
                ])

        let cps4 = try ReadCard(.cps4)
        try cps4.logIn()
        let authentication4 = try cps4.key(.authentication)
        let block = "0001" + String(repeating: "FF", count: 218) + "00" + Hexadecimal.encode(info)
        #expect(
            try cps4.reader.sent { _ = try cps4.sign(.data(info), by: .pkcs1, with: authentication4) }
                == ["01A40800020001", "012241B803830120", "112A8086FF" + block.dropLast(2), "012A808601D600"])
        let abc = Array("abc".utf8)
        let hash = Hexadecimal.encode(HashContext.digest(of: abc, with: .sha256))
        #expect(
            try cps4.reader.sent { _ = try cps4.sign(abc, .sha256, .signature) }
                == ["01A40800020001", "012281B60491022890", "012A9E9A20" + hash + "00"])
        #expect(
            try cps4.reader.sent {
                _ = try cps4.sign(.message(hashed(abc, .sha256)), by: .pss(.sha256), with: authentication4)
            } == ["01A40800020001", "012281B60491022CA0", "012A9E9A20" + hash + "00"])
    }

    @Test(
        "a key without a reference is used for nothing: only our application is selected",
        arguments: CardKind.contacts)
    func noReference(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        let right = try read.key(.authentication)
        var key = right
        key.reference = nil
        let sent = read.reader.sent {
            #expect(throws: CardError.operationNotSupported) {
                try read.card.sign(
                    .data([UInt8](repeating: 1, count: 35)), by: .pkcs1, with: key,
                    checkedBy: [read.reader.publicKey(of: right)])
            }
            #expect(throws: CardError.operationNotSupported) {
                try read.card.decrypt([UInt8](repeating: 1, count: 256), with: key)
            }
        }
        #expect(sent.allSatisfy { $0.dropFirst(2).hasPrefix("A4") }, "\(sent)")
    }

    @Test("what a key cannot do is refused before anything is sent", arguments: CardKind.allCases)
    func refusals(kind: CardKind) throws {
        let read = try ReadCard(kind)
        if kind != .contactless { try read.logIn() }
        let sent = try read.reader.sent {
            for key in read.contents.privateKeys {
                let able = CPSCard.signatureMechanisms(of: key, on: read.card.model)
                for hash in HashAlgorithm.allCases {
                    for mechanism in [SignatureMechanism.pkcs1Hash(hash), .pss(hash)] where !able.contains(mechanism) {
                        #expect(throws: CardError.operationNotSupported) {
                            try read.sign(.message(hashed([1], hash)), by: mechanism, with: key)
                        }
                    }
                }
                #expect(throws: CardError.dataTooLong) {
                    try read.sign(.data([UInt8](repeating: 1, count: 246)), by: .pkcs1, with: key)
                }
                #expect(throws: CardError.dataNotUsable) { try read.sign(.data([]), by: .pkcs1, with: key) }
                #expect(throws: CardError.self) { try read.card.decrypt([UInt8](repeating: 1, count: 255), with: key) }
            }
            if kind != .contactless {
                let key = try read.key(.signature)
                #expect(throws: CardError.operationNotSupported) {
                    try read.card.decrypt([UInt8](repeating: 1, count: 256), with: key)
                }
            }
        }
        #expect(sent.isEmpty)
    }

    @Test(
        "without a login of ours no key is used: nothing is sent, and nothing presented for it",
        arguments: CardKind.contacts)
    func withoutPIN(kind: CardKind) throws {
        let read = try ReadCard(kind)
        for role in [KeyObject.Role.signature, .authentication] {
            #expect(throws: CardError.notLoggedIn) { try read.sign([1], .sha256, role) }
        }
        let key = try read.key(.authentication)
        #expect(throws: CardError.notLoggedIn) {
            try read.card.decrypt([UInt8](repeating: 1, count: 256), with: key)
        }
        #expect(read.reader.presentations.isEmpty)
    }

    @Test("a wrong signature never leaves", arguments: CardKind.contacts)
    func wrongSignature(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        let key = try read.key(.authentication)
        let count = try read.reader.sent { _ = try read.sign([1], .sha256, .authentication) }.count
        read.reader.inject(.garbage([UInt8](repeating: 0x11, count: 256) + [0x90, 0x00]), at: count)
        #expect(throws: CardError.signatureNotConfirmed) { try read.sign([1], .sha256, .authentication) }
        read.reader.inject(.garbage([0x11, 0x90, 0x00]), at: count)
        #expect(throws: CardError.malformed(.truncated)) { try read.sign(.data([1]), by: .pkcs1, with: key) }
        _ = try read.sign([1], .sha256, .authentication)
    }

    @Test("cryptograms of all lengths of message are decrypted", arguments: CardKind.contacts)
    func decryption(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        let key = try read.key(.authentication)
        let publicKey = try read.reader.publicKey(of: key)
        for count in [0, 1, 32, 245] {
            let message = (0..<count).map { UInt8($0) }
            let cryptogram = try #require(publicKey.encryptPKCS1(message))
            #expect(try read.card.decrypt(cryptogram, with: key) == message, "\(count)")
        }
    }

    @Test("what is no padded message does not decrypt", arguments: CardKind.contacts)
    func noMessage(kind: CardKind) throws {
        let read = try ReadCard(kind)
        try read.logIn()
        let key = try read.key(.authentication)
        let publicKey = try read.reader.publicKey(of: key)
        let blocks = [
            [UInt8](repeating: 0, count: 255) + [5],
            [0x00, 0x01] + [UInt8](repeating: 0xFF, count: 250) + [0x00, 1, 2, 3],
        ]
        for block in blocks {
            let cryptogram = try #require(publicKey.apply(block))
            #expect(throws: CardError.decryptionFailed) { try read.card.decrypt(cryptogram, with: key) }
        }
        for count in [0, 1, 255, 257] {
            #expect(throws: CardError.dataNotUsable) {
                try read.card.decrypt([UInt8](repeating: 1, count: count), with: key)
            }
        }
    }

    @Test("CPS_DATA is written whole, filled with zeros, never beyond its end", arguments: CardKind.contacts)
    func writing(kind: CardKind) throws {
        let read = try ReadCard(kind)
        let object = try read.data("CPS_DATA")
        #expect(throws: CardError.status(.securityStatusNotSatisfied)) { try read.card.writeData([1], to: object) }
        try read.logIn()
        let whole = (0..<256).map { UInt8($0) }
        let sent = try read.reader.sent { try read.card.writeData(whole, to: object) }
        #expect(
            sent.filter { $0.dropFirst(2).hasPrefix("D6") }.map { String($0.dropFirst(4).prefix(6)) } == [
                "0000FF", "00FF01",
            ])
        #expect(try read.card.readData(object) == whole)
        let tooLong = read.reader.sent {
            #expect(throws: CardError.valueTooLong) { try read.card.writeData(whole + [0], to: object) }
        }
        #expect(!tooLong.contains { $0.dropFirst(2).hasPrefix("D6") })
        try read.card.writeData([9, 9], to: object)
        #expect(try read.card.readData(object) == [9, 9] + [UInt8](repeating: 0, count: 254))
        let other = try read.data("CPS_NAME_PS")
        let refused = read.reader.sent {
            #expect(throws: CardError.operationNotSupported) { try read.card.writeData([1], to: other) }
        }
        #expect(refused.isEmpty)
    }
}
