// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// The state that the applications of one card share: files, PINs, keys, interface and
/// transport. Selections belong to the applications.
struct CardEnvironment {
    let generation: CardGeneration
    var transport: TransportProtocol
    var files: FileTree
    /// The old volet's files (CPS3 over contacts).
    var oldFiles: FileTree?
    var pins: PINs
    var keys: [CardKey: RSAPrivateKey]
    var options: VirtualCard.Options
    /// The number of RSA operations, for the latency model.
    var operationCount = 0

    var interface: CardInterface { generation.interface }

    /// Whether the condition is currently met.
    func meets(_ condition: AccessCondition) -> Bool {
        switch condition {
        case .always: true
        case .userPIN: pins.user.isVerified
        case .issuer, .never: false
        }
    }

    /// - Throws: what the card that this one is like answers to this form of SELECT.
    func refuseForm(of command: CardCommand, selecting path: VirtualFilePath) throws(Refusal) {
        guard let status = options.likeness?.refusal(of: command, selecting: files[path]) else { return }
        throw Refusal(status, "the card that this one is like refuses this form of SELECT")
    }

    /// The private operation of a key.
    mutating func apply(_ key: CardKey, to block: [UInt8]?) throws(Refusal) -> [UInt8] {
        guard let privateKey = keys[key] else {
            throw Refusal(.referencedDataNotFound, "the card has no \(key.rawValue) key")
        }
        guard let block, let result = privateKey.apply(block) else {
            throw Refusal(.incorrectData, "the block is not below the modulus, or of another length")
        }
        operationCount += 1
        return result
    }

    /// The length of the modulus in bytes.
    func modulusLength(_ key: CardKey) -> Int { keys[key]?.publicKey.modulusLength ?? 256 }

    func modulusBitCount(_ key: CardKey) -> Int { keys[key]?.publicKey.modulusBitCount ?? 2048 }
}
