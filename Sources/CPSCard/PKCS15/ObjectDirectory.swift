// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Where the directory files of a PKCS#15 application are (EF.ODF,
/// ISO/IEC 7816-15 §8.1; cards.md §2.7 step 5).
struct ObjectDirectory {
    var privateKeys: [FilePath] = []
    var publicKeys: [FilePath] = []
    var certificates: [FilePath] = []
    var dataObjects: [FilePath] = []
    var authenticationObjects: [FilePath] = []
    /// Whether every entry could be understood.
    private(set) var isIntact = true

    init() {}

    /// Cards have one directory file of each kind. A damaged file that names hundreds would
    /// keep the card busy for hours.
    private static let mostEntries = 32

    /// Reads what can be read: an entry that cannot be understood is left out.
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

    /// The files where every CPS card is known to have its directories
    /// (cards.md §2.1), for one whose EF.ODF cannot be read.
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

    /// With the files of another directory for the kinds that this one lacks.
    func completed(by other: ObjectDirectory) -> ObjectDirectory {
        var directory = self
        if privateKeys.isEmpty { directory.privateKeys = other.privateKeys }
        if publicKeys.isEmpty { directory.publicKeys = other.publicKeys }
        if certificates.isEmpty { directory.certificates = other.certificates }
        if dataObjects.isEmpty { directory.dataObjects = other.dataObjects }
        if authenticationObjects.isEmpty { directory.authenticationObjects = other.authenticationObjects }
        return directory
    }

    /// Whether there is an entry for what every card with a PIN has (cards.md §2.1).
    var isWhole: Bool {
        !privateKeys.isEmpty && !certificates.isEmpty && !dataObjects.isEmpty && !authenticationObjects.isEmpty
    }

    var isEmpty: Bool {
        privateKeys.isEmpty && publicKeys.isEmpty && certificates.isEmpty && dataObjects.isEmpty
            && authenticationObjects.isEmpty
    }
}
