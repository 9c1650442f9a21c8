// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// What the applications of one card share: its files, PINs and keys, and how
/// it is being talked to. Selections belong to the applications.
struct CardEnvironment {
    let generation: CardGeneration
    var transport: TransportProtocol
    var files: FileTree
    /// The old volet's files (CPS3 over contacts).
    var oldFiles: FileTree?
    var pins: PINs
    var keys: [CardKey: RSAPrivateKey]
    var options: VirtualCard.Options
    /// How many RSA operations were done: for the latency model.
    var operationCount = 0

    var interface: CardInterface { generation.interface }

    /// Whether the condition is met now.
    func meets(_ condition: AccessCondition) -> Bool {
        switch condition {
        case .always: true
        case .userPIN: pins.user.isVerified
        case .issuer, .never: false
        }
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

    /// The bytes of the modulus.
    func modulusLength(_ key: CardKey) -> Int { keys[key]?.publicKey.modulusLength ?? 256 }

    func modulusBitCount(_ key: CardKey) -> Int { keys[key]?.publicKey.modulusBitCount ?? 2048 }
}
