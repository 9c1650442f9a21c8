// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The applications on a card (EF.DIR, ISO/IEC 7816-4 §8.2.1; cards.md §2.6).
enum ApplicationDirectory {
    /// The path of the application with this identifier; nil if it is not in the file.
    static func path(of identifier: [UInt8], in file: [UInt8]) -> FilePath? {
        var reader = BERTLVReader(file)
        while let template = try? reader.next() {
            guard template.tag == 0x61,
                let name = try? template.children.first(tag: 0x4F), name.value.elementsEqual(identifier),
                let path = try? template.children.first(tag: 0x51), path.value.count % 2 == 0
            else { continue }
            return FilePath(path.value)
        }
        return nil
    }
}
