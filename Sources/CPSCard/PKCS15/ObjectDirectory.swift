// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The paths of a PKCS#15 application's directory files (EF.ODF, ISO/IEC 7816-15 §8.1; cards.md §2.7 step 5).
struct ObjectDirectory {
    var privateKeys: [FilePath] = []
    var publicKeys: [FilePath] = []
    var certificates: [FilePath] = []
    var dataObjects: [FilePath] = []
    var authenticationObjects: [FilePath] = []
    /// Whether every entry is well-formed.
    private(set) var isIntact = true

    init() {}

    /// The most entries that are read. Cards have one directory file of each kind; a damaged file with hundreds of
    /// entries would occupy the card for hours.
    private static let mostEntries = 32

    /// Reads the well-formed entries. Malformed ones are skipped.
    init(parsing file: [UInt8], application: FilePath) {
        var reader = BERTLVReader(file)
        var count = 0
        while let first = reader.remaining.first, first != 0x00, first != 0xFF {
            count += 1
            guard count <= ObjectDirectory.mostEntries, let entry = try? reader.next() else {
                isIntact = false
                return
            }
            var content = entry.children
            guard let element = try? content.next(),
                case .file(let path, _, _)? = try? element.pathValue(in: application)
            else {
                isIntact = false
                continue
            }
            switch entry.tag {
            case 0xA0: privateKeys.append(path)
            case 0xA1, 0xA2: publicKeys.append(path)
            case 0xA4, 0xA5, 0xA6: certificates.append(path)
            case 0xA7: dataObjects.append(path)
            case 0xA8: authenticationObjects.append(path)
            default: continue
            }
        }
    }

    /// The paths of the directory files on every known CPS card (cards.md §2.1), for a card whose EF.ODF cannot be
    /// read.
    static func standard(in application: FilePath, contactless: Bool) -> ObjectDirectory {
        let base: UInt16 = contactless ? 0x7100 : 0x7000
        var directory = ObjectDirectory()
        directory.privateKeys = [FilePath(0x0001, base + 2)]
        directory.publicKeys = [FilePath(0x0001, base + 4)]
        directory.certificates = [FilePath(0x0001, base + 5)]
        directory.dataObjects = [FilePath(0x0001, base + 6)]
        if !contactless { directory.authenticationObjects = [FilePath(0x0001, base + 1)] }
        return directory
    }

    /// Adds the files of another directory for the kinds that are missing in this one.
    func completed(by other: ObjectDirectory) -> ObjectDirectory {
        var directory = self
        if privateKeys.isEmpty { directory.privateKeys = other.privateKeys }
        if publicKeys.isEmpty { directory.publicKeys = other.publicKeys }
        if certificates.isEmpty { directory.certificates = other.certificates }
        if dataObjects.isEmpty { directory.dataObjects = other.dataObjects }
        if authenticationObjects.isEmpty { directory.authenticationObjects = other.authenticationObjects }
        return directory
    }

    /// Whether it has all kinds that every card with a PIN has (cards.md §2.1).
    var isWhole: Bool {
        !privateKeys.isEmpty && !certificates.isEmpty && !dataObjects.isEmpty && !authenticationObjects.isEmpty
    }

    var isEmpty: Bool {
        privateKeys.isEmpty && publicKeys.isEmpty && certificates.isEmpty && dataObjects.isEmpty
            && authenticationObjects.isEmpty
    }
}
