// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// The security environment in the current directory of CPS3 (MSE SET), and the result of
/// PSO HASH (cards.md §4.2, §4.4).
struct IASSecurityEnvironment {
    /// Template AA.
    var hash: HashAlgorithm?
    /// Template B6.
    var signature: (key: CardKey, algorithm: HashAlgorithm)?
    /// Template A4.
    var authentication: CardKey?
    /// Template B8.
    var confidentiality: CardKey?
    /// The result of PSO HASH.
    var digest: (algorithm: HashAlgorithm, value: [UInt8])?

    mutating func clear() { self = IASSecurityEnvironment() }
}

extension IASApplet {
    /// MSE SET: `80 01 algorithm`, then `84 01 key` except for hashing.
    mutating func manageSecurityEnvironment(
        _ command: CardCommand, _ card: CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0x41, [0xAA, 0xB6, 0xA4, 0xB8].contains(command.p2) else {
            throw Refusal(.incorrectParameters, "only SET of AA, B6, A4 and B8")
        }
        try command.expectNoResponse(card.transport)
        guard !command.data.isEmpty else { throw Refusal(.wrongLength, "MSE SET without data") }
        guard command.data.count == (command.p2 == 0xAA ? 3 : 6), command.data.starts(with: [0x80, 0x01]) else {
            throw Refusal(.incorrectData, "the template must be 80 01 xx, with 84 01 xx behind for a key")
        }
        let algorithm = command.data[2]
        if command.p2 == 0xAA {
            guard let hash = IASApplet.hashes[algorithm] else { throw Refusal(.incorrectData, "not a hash algorithm") }
            environment.hash = hash
            environment.digest = nil
            return .done
        }
        guard command.data[3] == 0x84, command.data[4] == 0x01 else {
            throw Refusal(.incorrectData, "84 01 xx must follow the algorithm")
        }
        let key = try self.key(command.data[5], card)
        switch (command.p2, key) {
        case (0xB6, .signature):
            guard let hash = IASApplet.signatures[algorithm] else {
                throw Refusal(.incorrectData, "not a signature algorithm")
            }
            environment.signature = (key, hash)
        case (0xA4, .authentication), (0xA4, .technical):
            guard algorithm == 0x02 else { throw Refusal(.incorrectData, "not the authentication algorithm") }
            environment.authentication = key
        case (0xB8, .authentication):
            guard algorithm == 0x1A else { throw Refusal(.incorrectData, "not the decryption algorithm") }
            environment.confidentiality = key
        default: throw Refusal(.incorrectData, "the \(key.rawValue) key is not for this template")
        }
        return .done
    }

    private static let hashes: [UInt8: HashAlgorithm] = [0x10: .sha1, 0x40: .sha256]
    private static let signatures: [UInt8: HashAlgorithm] = [0x12: .sha1, 0x42: .sha256]

    /// The key of a reference byte. Keys are local to the directory of their PKCS#15
    /// application (INFERRED from the reference's bit 8).
    private func key(_ reference: UInt8, _ card: CardEnvironment) throws(Refusal) -> CardKey {
        let key: CardKey? =
            switch (reference, selection.directory) {
            case (0x81, VirtualFilePath(0x0001)): .signature
            case (0x82, VirtualFilePath(0x0001)): .authentication
            case (0x83, VirtualFilePath(0x0002)): .technical
            default: nil
            }
        guard let key, card.keys[key] != nil else {
            throw Refusal(.referencedDataNotFound, "no such key in \(selection.directory)")
        }
        return key
    }

    /// - Throws: 6982 if the PIN is not verified, or over the wrong interface.
    func checkAccess(to key: CardKey, _ card: CardEnvironment) throws(Refusal) {
        if key == .technical {
            guard card.interface == .contactless else {
                throw Refusal(.securityStatusNotSatisfied, "the technical key works contactless only")
            }
        } else {
            guard card.interface == .contact, card.pins.user.isVerified else {
                throw Refusal(.securityStatusNotSatisfied, "the \(key.rawValue) key needs the PIN, over contacts")
            }
        }
    }
}
