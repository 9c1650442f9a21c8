// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

extension DataField {
    /// The fields of a data object, in order. Only the padding at the end of the file is
    /// dropped; bytes that are not BER-TLV become a field without tag.
    static func all(in file: [UInt8]) -> [DataField] { fields(in: file[...], under: [], depth: 0) }

    /// The deepest nesting that is followed; real objects have two levels.
    private static let deepest = 8

    private static func fields(in bytes: ArraySlice<UInt8>, under tags: [UInt32], depth: Int) -> [DataField] {
        var reader = BERTLVReader(bytes)
        var fields: [DataField] = []
        // The start of the padding, of either kind, at the end.
        let fillings = ([0x00, 0xFF] as [UInt8]).map { filling in
            bytes.lastIndex { $0 != filling }.map { $0 + 1 } ?? bytes.startIndex
        }
        while !reader.isAtEnd {
            let position = reader.remaining.startIndex
            if fillings.contains(where: { $0 <= position }) { break }
            guard let element = try? reader.next() else {
                fields.append(DataField(tags: tags, bytes: reader.remaining))
                break
            }
            let path = tags + [element.tag]
            if element.isConstructed, depth < deepest, isSeries(element.value) {
                fields += self.fields(in: element.value, under: path, depth: depth + 1)
            } else {
                fields.append(DataField(tags: path, bytes: element.value))
            }
        }
        return fields
    }

    /// Whether the bytes are a sequence of BER-TLV objects without a rest.
    private static func isSeries(_ bytes: ArraySlice<UInt8>) -> Bool {
        var reader = BERTLVReader(bytes)
        while !reader.isAtEnd {
            guard (try? reader.next()) != nil else { return false }
        }
        return !bytes.isEmpty
    }
}
