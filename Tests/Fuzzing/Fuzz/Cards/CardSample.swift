// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes
import VirtualCPSTestSupport

@testable import CPSCard
@testable import CardCache

/// What one virtual card holds and says: where the fuzzers begin.
struct CardSample: Sendable {
    let kind: CardKind
    /// The files of the card that the library reads, by their places.
    private let filesByPath: [FilePath: [UInt8]]
    private let application: FilePath
    private let directory: ObjectDirectory
    let certificates: [[UInt8]]
    /// The values of the data objects, by their labels.
    let dataByLabel: [String: [UInt8]]
    /// The commands of a whole conversation, and their answers.
    let exchanges: [(command: [UInt8], response: [UInt8])]

    init(_ kind: CardKind) throws {
        self.kind = kind
        let reader = try TestReader(kind)
        TokenConversation(with: .init(readers: reader.readers)).run()
        exchanges = reader.readers.exchanges.compactMap { exchange in
            exchange.response.map { (exchange.command, $0) }
        }

        let fresh = try TestReader(kind)
        guard let model = CardModel(atr: fresh.card.atr) else { throw FuzzError.noCard }
        let card = CPSCard(model: model) { () throws(ChannelError) in
            try fresh.readers.connect(to: TestReader.name)
        }
        let identity = try card.readIdentity()
        let contents = try card.readKeysAndCertificates(of: identity)
        directory = identity.directory
        certificates = try contents.certificates.map { try card.readCertificate($0) }
        var files: [FilePath: [UInt8]] = [:]
        application = card.application
        let directories = directory.all + [application.appending(0x5031), application.appending(0x5032)]
        for path in [.serialNumber, .updateLog, .directory] + directories {
            files[path] = try? card.transaction { () throws(CardError) in try card.commands.readFile(path, .whole) }
        }
        filesByPath = files
        let pins = try card.readPINs(of: identity)
        if let pin = pins.userPIN { try card.present(SecretBytes(Array("1234".utf8)), as: pin) }
        dataByLabel = Dictionary(
            try card.readDataObjects(of: identity).objects.compactMap { object in
                (try? card.readData(object)).map { (object.label, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Files

    enum Kind {
        case objectDirectory, privateKeys, publicKeys, certificates, dataObjects, authenticationObjects
    }

    var files: [[UInt8]] { Array(filesByPath.values) + certificates }

    /// What the card says about itself.
    var identityFiles: [[UInt8]] {
        [.serialNumber, .updateLog, .directory, application.appending(0x5032)].compactMap { filesByPath[$0] }
    }

    /// The directories of a kind.
    func files(_ kind: Kind) -> [[UInt8]] {
        let paths: [FilePath] =
            switch kind {
            case .objectDirectory: [application.appending(0x5031)]
            case .privateKeys: directory.privateKeys
            case .publicKeys: directory.publicKeys
            case .certificates: directory.certificates
            case .dataObjects: directory.dataObjects
            case .authenticationObjects: directory.authenticationObjects
            }
        return paths.compactMap { filesByPath[$0] }
    }

    /// The answers to SELECT that tell about a file.
    var fileControlParameters: [[UInt8]] {
        exchanges.map(\.response).filter { $0.first == 0x62 || $0.first == 0x6F }.map { $0.dropLast(2) }
    }

    // MARK: Keys

    var publicKeys: [RSAPublicKey] { certificates.compactMap { (try? X509Certificate(parsing: $0))?.publicKey } }

    var paddedBlocks: [[UInt8]] {
        let digest = [UInt8](repeating: 3, count: 32)
        return [
            PKCS1Padding.encryptionBlock(digest, length: 256), PKCS1Padding.signatureBlock(digest, length: 256),
            PKCS1Padding.pssBlock(
                digest: digest, algorithm: .sha256, maskAlgorithm: .sha256, salt: digest, modulusBitCount: 2048),
            DigestInfo.encode(algorithm: .sha256, digest: digest),
        ].compactMap { $0 }
    }

    // MARK: Kept files

    static let fingerprint = CardFingerprint(name: "cps4-80250000", state: [1, 2, 3])
    static let time: UInt64 = 1_800_000_000

    /// Without their checksum.
    var cacheFiles: [[UInt8]] {
        let record = CardRecord(files: filesByPath, givesLongResponses: true)
        return [CacheFile.encode(record, of: CardSample.fingerprint, at: CardSample.time - 60)].compactMap { file in
            file.map { Array($0.dropLast(HashAlgorithm.sha256.digestLength)) }
        }
    }
}

extension ObjectDirectory {
    fileprivate var all: [FilePath] { privateKeys + publicKeys + certificates + dataObjects + authenticationObjects }
}
