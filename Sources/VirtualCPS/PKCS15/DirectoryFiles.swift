// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The directory files of one view of a card: over contacts, or contactless
/// (cards.md §2.9-§2.13, §9.4).
struct DirectoryFiles {
    let generation: CardGeneration
    var pinBlock = PINBlock.unpadded
    let keys: [CardKey]
    /// The keys whose certificate is missing on the card.
    var withoutCertificate: Set<CardKey> = []

    /// EF 7001. A CPS3 with padded PINs has a real card's file. That of a CPS4 is not known: it
    /// has the simple form, like a CPS3 with an unpadded PIN.
    var authenticationObjects: [UInt8] {
        if generation != .cps4, pinBlock == .padded { return DirectoryFiles.realAuthenticationObjects }
        let padding = pinBlock == .padded ? [5] : []
        let user = PINDirectoryEntry(
            label: "Code porteur de la carte CPX", unblockedBy: 0x02, identifier: 0x01, pinFlags: [4] + padding,
            lengths: pinBlock.lengths, reference: 0x01,
            padCharacter: pinBlock == .padded ? VirtualPIN.paddingByte : nil)
        let puk = PINDirectoryEntry(
            label: "Code de déblocage de la carte CPX", unblockedBy: nil, identifier: 0x02,
            pinFlags: [4, 6, 7] + padding, lengths: 8...8, reference: 0x02, padCharacter: nil)
        return user.encoded + puk.encoded
    }

    /// The whole EF 7001 of a real CPS3, 189 bytes (cards.md §2.9): malformed flags and
    /// access rules in both entries. The PIN refers to `02` for unblocking, an identifier that
    /// does not exist: the PUK, `04`, is recognised by its soPin flag alone.
    private static let realAuthenticationObjects: [UInt8] = [
        0x30, 0x61, 0x30, 0x3F, 0x0C, 0x1C, 0x43, 0x6F, 0x64, 0x65, 0x20, 0x70, 0x6F, 0x72, 0x74, 0x65,
        0x75, 0x72, 0x20, 0x64, 0x65, 0x20, 0x6C, 0x61, 0x20, 0x63, 0x61, 0x72, 0x74, 0x65, 0x20, 0x43,
        0x50, 0x53, 0x03, 0x01, 0x08, 0x04, 0x01, 0x02, 0x30, 0x19, 0x30, 0x06, 0x03, 0x02, 0x05, 0x20,
        0x05, 0x00, 0x30, 0x06, 0x03, 0x02, 0x06, 0x40, 0x05, 0x00, 0x30, 0x07, 0x03, 0x02, 0x03, 0x08,
        0x04, 0x01, 0x04, 0x30, 0x03, 0x04, 0x01, 0x01, 0xA1, 0x19, 0x30, 0x17, 0x03, 0x03, 0x04, 0x0C,
        0x10, 0x0A, 0x01, 0x01, 0x02, 0x01, 0x04, 0x02, 0x01, 0x08, 0x02, 0x01, 0x04, 0x80, 0x01, 0x01,
        0x04, 0x01, 0xFF, 0x30, 0x58, 0x30, 0x39, 0x0C, 0x22, 0x43, 0x6F, 0x64, 0x65, 0x20, 0x64, 0x65,
        0x20, 0x64, 0xC3, 0xA9, 0x62, 0x6C, 0x6F, 0x63, 0x61, 0x67, 0x65, 0x20, 0x64, 0x65, 0x20, 0x6C,
        0x61, 0x20, 0x63, 0x61, 0x72, 0x74, 0x65, 0x20, 0x43, 0x50, 0x53, 0x03, 0x01, 0x08, 0x30, 0x10,
        0x30, 0x06, 0x03, 0x02, 0x05, 0x20, 0x05, 0x00, 0x30, 0x06, 0x03, 0x02, 0x06, 0x40, 0x05, 0x00,
        0x30, 0x03, 0x04, 0x01, 0x04, 0xA1, 0x16, 0x30, 0x14, 0x03, 0x03, 0x04, 0x1D, 0x10, 0x0A, 0x01,
        0x01, 0x02, 0x01, 0x08, 0x02, 0x01, 0x08, 0x02, 0x01, 0x08, 0x80, 0x01, 0x02,
    ]

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

    /// EF 7004 / 7104. Empty on CPS3: the official library builds the public keys from the
    /// certificates, with its own labels (cards.md §11), and recognises the signature key by
    /// one of them (cards.md §2.11).
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
        keys.filter { !withoutCertificate.contains($0) }.flatMap { key in
            certificate(key, isMalformed: generation != .cps4 && key == .authentication).encoded
        }
    }

    func certificate(_ key: CardKey, isMalformed: Bool) -> CertificateEntry {
        CertificateEntry(
            label: key.certificateLabel, flags: isMalformed ? DER.malformedEmptyBits : DER.bits([]),
            identifier: key.identifier(on: generation), path: key.certificatePath)
    }
}
