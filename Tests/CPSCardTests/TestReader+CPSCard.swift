// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

extension TestReader {
    /// The card of the reader on a connection of its own.
    func connect() throws -> CPSCard {
        let card = CPSCard(model: try #require(CardModel(atr: card.atr))) { () throws(ChannelError) in
            try readers.connect(to: TestReader.name)
        }
        try card.reach()
        return card
    }

    /// The public half of one of the card's keys.
    func publicKey(of key: KeyObject) throws -> RSAPublicKey {
        let name: [KeyObject.Role: String] = [.signature: "signature", .authentication: "authentication"]
        let privateKey = credentials.keys.first { $0.key.rawValue == name[key.role] } ?? credentials.keys.first
        return try #require(privateKey).value.publicKey
    }
}

/// All directories of a card.
struct AllContents {
    var privateKeys: [KeyObject]
    var publicKeys: [KeyObject]
    var certificates: [CertificateObject]
    var dataObjects: [DataObject]
    var isComplete: Bool
}

extension CPSCard {
    func readContents(of identity: CardIdentity) throws -> AllContents {
        let first = try readKeysAndCertificates(of: identity)
        let keys = try readPublicKeys(of: identity, besides: first)
        let data = try readDataObjects(of: identity)
        return AllContents(
            privateKeys: keys.privateKeys, publicKeys: keys.publicKeys ?? [], certificates: keys.certificates,
            dataObjects: data.objects, isComplete: first.isComplete && keys.isComplete && data.isComplete)
    }

    /// The counter of one code, which the card must tell.
    func retryCounter(of pin: PINObject) throws -> RetryCounter { try #require(retryCounters(of: [pin])[0]) }
}

/// A card that is read, with what tests ask of it again and again.
struct ReadCard {
    let reader: TestReader
    let card: CPSCard
    let identity: CardIdentity
    let pins: CardPINs
    let contents: AllContents

    init(_ reader: TestReader) throws {
        self.reader = reader
        card = try reader.connect()
        identity = try card.readIdentity()
        pins = try card.readPINs(of: identity)
        contents = try card.readContents(of: identity)
    }

    init(_ kind: CardKind) throws { try self.init(TestReader(kind)) }

    var userPIN: PINObject { get throws { try #require(pins.userPIN) } }
    var puk: PINObject { get throws { try #require(pins.puk) } }

    func key(_ role: KeyObject.Role) throws -> KeyObject {
        try #require(contents.privateKeys.first { $0.role == role })
    }

    func data(_ label: String) throws -> DataObject {
        try #require(contents.dataObjects.first { $0.label == label })
    }

    func logIn(_ pin: String = "1234") throws {
        let userPIN = try userPIN
        try card.present(secret(pin), as: userPIN)
    }

    /// Signs a message.
    func sign(_ message: [UInt8], _ hash: HashAlgorithm, _ role: KeyObject.Role) throws -> [UInt8] {
        try sign(.message(hashed(message, hash)), by: .pkcs1Hash(hash), with: key(role))
    }

    func sign(_ input: SignatureInput, by mechanism: SignatureMechanism, with key: KeyObject) throws -> [UInt8] {
        try card.sign(input, by: mechanism, with: key, checkedBy: [reader.publicKey(of: key)])
    }
}

/// A message as it came in, in pieces that are no blocks.
func hashed(_ message: [UInt8], _ algorithm: HashAlgorithm) -> MessageHash {
    var hash = MessageHash(algorithm)
    for start in stride(from: 0, to: message.count, by: 37) {
        hash.update(message[start..<min(start + 37, message.count)].span)
    }
    return hash
}
