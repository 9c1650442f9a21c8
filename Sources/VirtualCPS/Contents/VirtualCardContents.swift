// SPDX-License-Identifier: Apache-2.0

/// The files of a new card (cards.md §2.1, §2.2, §9.4).
struct VirtualCardContents {
    let profile: CardProfile
    let certificates: [CardKey: [UInt8]]
    /// Whether TokenInfo omits the serial number.
    var hidesSerialNumber = false

    private var withoutCertificate: Set<CardKey> {
        Set(CardKey.allCases.filter { profile.certificates[$0] == .missing })
    }

    private var isCPS4: Bool { profile.generation == .cps4 }

    /// Padding after the last entry of a directory file and after a certificate, which every
    /// reader must tolerate (cards.md §2.7, §2.12).
    private static let padding = [UInt8](repeating: 0, count: 16)

    var tree: FileTree {
        var tree = FileTree(rootName: ApplicationIdentifier.applet)
        add(SerialNumberFile.encoded(serial: profile.serial), 0xD003, &tree, 0xE0, always(update: .never))
        add(
            isCPS4 ? ApplicationDirectoryFile.cps4 : ApplicationDirectoryFile.cps3, 0x2F00, &tree, 0xF0,
            always(update: .issuer))
        if !isCPS4 {
            add(AnswerToResetFile.cps3, 0x2F01, &tree, 0xE8, always(update: .issuer))
            if let log = BusinessData(profile: profile).updateLog {
                add(log, 0xD010, &tree, 0x00, (rule(.always, .issuer), AccessRule.nothing))
            }
        }
        tree[VirtualFilePath(0x0001)] = .directory(name: ApplicationIdentifier.contact)
        addContactView(&tree)
        addObjects(&tree)
        if !isCPS4 {
            tree[VirtualFilePath(0x0002)] = .directory(name: ApplicationIdentifier.contactless)
            addContactlessView(&tree)
        }
        return tree
    }

    /// The labels of certificates and data objects, with their files.
    var objectPaths: [String: VirtualFilePath] {
        let objects =
            VirtualDataObject.common(profile) + VirtualDataObject.activities(profile)
            + (isCPS4 ? VirtualDataObject.old(profile) : [])
        let keys = CardKey.allCases.map { ($0.certificateLabel, $0.certificatePath) }
        return Dictionary(objects.map { ($0.label, $0.path) } + keys, uniquingKeysWith: { first, _ in first })
    }

    private func addContactView(_ tree: inout FileTree) {
        let directories = DirectoryFiles(
            generation: profile.generation, pinBlock: profile.pinBlock, keys: [.signature, .authentication],
            withoutCertificate: withoutCertificate)
        let objects =
            VirtualDataObject.common(profile) + VirtualDataObject.activities(profile)
            + (isCPS4 ? VirtualDataObject.old(profile) : [])
        let only = (rule(.always, .issuer), AccessRule.nothing)
        let files: [(UInt16, [UInt8])] = [
            (0x5031, ObjectDirectoryFile.encoded(ObjectDirectoryFile.contact)),
            (0x5032, tokenInfo.encoded),
            (0x7001, directories.authenticationObjects),
            (0x7002, directories.privateKeys),
            (0x7004, directories.publicKeys),
            (0x7005, directories.certificates),
            (0x7006, objects.flatMap(\.entry.encoded) + VirtualCardContents.padding),
        ]
        for (identifier, contents) in files { add(contents, 0x0001, identifier, &tree, only) }
    }

    private func addContactlessView(_ tree: inout FileTree) {
        let directories = DirectoryFiles(
            generation: profile.generation, keys: [.technical], withoutCertificate: withoutCertificate)
        let only = (AccessRule.nothing, rule(.always, .never))
        // CPS_DATA exists but is not modifiable (cards.md §8, test 307).
        let entries = VirtualDataObject.common(profile).map { object in
            var entry = object.entry
            entry.flags = []
            return entry
        }
        add(ObjectDirectoryFile.encoded(ObjectDirectoryFile.contactless), 0x0002, 0x5031, &tree, only)
        add(tokenInfo.encoded, 0x0002, 0x5032, &tree, only)
        add(directories.privateKeys, 0x0001, 0x7102, &tree, only)
        add(directories.publicKeys, 0x0001, 0x7104, &tree, only)
        add(directories.certificates, 0x0001, 0x7105, &tree, only)
        add(entries.flatMap(\.encoded) + VirtualCardContents.padding, 0x0001, 0x7106, &tree, only)
    }

    private func addObjects(_ tree: inout FileTree) {
        for (key, certificate) in certificates where !withoutCertificate.contains(key) {
            tree[key.certificatePath] = .elementary(
                ElementaryFile(
                    certificate + VirtualCardContents.padding, contact: rule(.always, .issuer),
                    contactless: rule(.always, .never)))
        }
        let objects =
            VirtualDataObject.common(profile) + VirtualDataObject.activities(profile)
            + (isCPS4 ? VirtualDataObject.old(profile) : [])
        for object in objects {
            let contact =
                object.isModifiable
                ? AccessRule(read: .always, update: .userPIN) : rule(object.isPrivate ? .userPIN : .always, .issuer)
            tree[object.path] = .elementary(
                ElementaryFile(
                    object.value, contact: contact,
                    contactless: object.isPrivate ? .nothing : rule(.always, .never)))
        }
    }

    /// The old volet of CPS3 (cards.md §2.14): one file for each activity, and
    /// the invoicing situation.
    var oldTree: FileTree? {
        guard profile.generation == .cps3 else { return nil }
        let data = BusinessData(profile: profile)
        var tree = FileTree(rootName: ApplicationIdentifier.cps2ter)
        let afterPIN = (rule(.userPIN, .never), AccessRule.nothing)
        tree[VirtualFilePath(0x7F01)] = .directory(name: nil)
        add(data.invoicing, 0x7F01, 0x4000, &tree, afterPIN)
        for activity in profile.activities {
            add(data.oldActivity(activity), 0x400F + UInt16(activity.number), &tree, 0, afterPIN)
        }
        return tree
    }

    private var tokenInfo: TokenInfoFile {
        TokenInfoFile(
            serialNumber: hidesSerialNumber ? nil : Array(SerialNumberFile.encoded(serial: profile.serial).suffix(8)),
            label: (isCPS4 ? "CPS4v1-" : "CPS3v3-") + profile.cardNumber, listsAlgorithms: !isCPS4)
    }

    private typealias Rules = (contact: AccessRule, contactless: AccessRule)

    private func rule(_ read: AccessCondition, _ update: AccessCondition) -> AccessRule {
        AccessRule(read: read, update: update, delete: update)
    }

    private func always(update: AccessCondition) -> Rules { (rule(.always, update), rule(.always, .never)) }

    private func add(
        _ contents: [UInt8], _ identifier: UInt16, _ tree: inout FileTree, _ short: UInt8, _ rules: Rules
    ) {
        tree[VirtualFilePath(identifier)] = .elementary(
            ElementaryFile(contents, shortIdentifier: short, contact: rules.contact, contactless: rules.contactless))
    }

    private func add(
        _ contents: [UInt8], _ directory: UInt16, _ identifier: UInt16, _ tree: inout FileTree, _ rules: Rules
    ) {
        tree[VirtualFilePath(directory, identifier)] = .elementary(
            ElementaryFile(contents, contact: rules.contact, contactless: rules.contactless))
    }
}

extension ObjectDirectoryFile {
    static let contact: [(tag: UInt32, path: VirtualFilePath)] = [
        (0, VirtualFilePath(0x0001, 0x7002)), (1, VirtualFilePath(0x0001, 0x7004)),
        (4, VirtualFilePath(0x0001, 0x7005)),
        (7, VirtualFilePath(0x0001, 0x7006)), (8, VirtualFilePath(0x0001, 0x7001)),
    ]
    static let contactless: [(tag: UInt32, path: VirtualFilePath)] = [
        (0, VirtualFilePath(0x0001, 0x7102)), (1, VirtualFilePath(0x0001, 0x7104)),
        (4, VirtualFilePath(0x0001, 0x7105)),
        (7, VirtualFilePath(0x0001, 0x7106)),
    ]
}
