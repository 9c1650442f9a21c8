// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The directory files of one view of a card: over contacts, or contactless
/// (cards.md §2.9-§2.13, §9.4).
struct DirectoryFiles {
    let generation: CardGeneration
    let keys: [CardKey]

    /// EF 7001. CPS3 in the shape of a real card; CPS4, whose shape is not
    /// known, in the simple one.
    var authenticationObjects: [UInt8] {
        let isCPS3 = generation != .cps4
        let user = PINEntry(
            label: "Code porteur de la carte CPX",
            flags: isCPS3 ? DER.malformedEmptyBits : DER.bits([]),
            unblockedBy: 0x02, hasRules: isCPS3, identifier: 0x01,
            // A real card's entry has room for a second, empty octet.
            pinFlags: isCPS3 ? [0x03, 0x03, 0x04, 0x08, 0x00] : DER.bits([4]),
            minimumLength: 4, reference: 0x01, padCharacter: isCPS3 ? 0xFF : nil)
        let puk = PINEntry(
            label: "Code de déblocage de la carte CPX", flags: DER.bits([]), unblockedBy: nil, hasRules: false,
            identifier: 0x02, pinFlags: DER.bits([4, 6, 7]), minimumLength: 8, reference: 0x02, padCharacter: nil)
        return user.encoded + puk.encoded
    }

    /// EF 7002 / 7102.
    var privateKeys: [UInt8] { keys.flatMap { privateKey($0).encoded } }

    func privateKey(_ key: CardKey) -> KeyEntry {
        let isPrivate = key != .technical
        var flags: [Int] = isPrivate ? [0] : []
        // A real CPS3 declares its authentication key modifiable.
        if key == .authentication, generation != .cps4 { flags.append(1) }
        let usage: [Int] =
            switch key {
            case .signature: [9]
            case .authentication: [1, 2]
            case .technical: [2]
            }
        return KeyEntry(
            label: key.privateKeyLabel, flags: flags, authenticationIdentifier: isPrivate ? 0x01 : nil,
            identifier: key.identifier(on: generation), usage: usage,
            privateKey: ([0, 2, 3], key.reference(on: generation)))
    }

    /// EF 7004 / 7104. On CPS3 without entries: the official library makes the
    /// public keys from the certificates there, with labels of its own (cards.md
    /// §11), and tells the signature key by one of them (cards.md §2.11).
    var publicKeys: [UInt8] {
        guard generation == .cps4 else { return [UInt8](repeating: 0, count: 16) }
        return keys.flatMap { key in
            KeyEntry(
                label: key.publicKeyLabel, flags: [], identifier: key.identifier(on: generation),
                usage: key == .authentication ? [0, 6] : [6]
            ).encoded
        }
    }

    /// EF 7005 / 7105. One malformed BIT STRING on CPS3, as on real cards (cards.md §11).
    var certificates: [UInt8] {
        keys.flatMap { key in
            certificate(key, isMalformed: generation != .cps4 && key == .authentication).encoded
        }
    }

    func certificate(_ key: CardKey, isMalformed: Bool) -> CertificateEntry {
        CertificateEntry(
            label: key.certificateLabel, flags: isMalformed ? DER.malformedEmptyBits : DER.bits([]),
            identifier: key.identifier(on: generation), path: key.certificatePath)
    }
}
