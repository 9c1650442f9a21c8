// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The common structure of the entries in all directory files (ISO/IEC 7816-15 §8.2): SEQUENCE {
/// commonObjectAttributes, classAttributes, [subClassAttributes], [1] typeAttributes }.
struct PKCS15Entry {
    var label = ""
    /// Bit 0: private. Bit 1: modifiable.
    var flags = NamedBits(octets: [])
    /// The identifier of the PIN that protects this object.
    var authenticationID: [UInt8]?
    var classAttributes: BERTLVReader
    /// The SEQUENCE within the [1] of the entry.
    var typeAttributes: BERTLVReader

    static let typeAttributesTag: UInt32 = 0xA1

    init(_ element: BERTLV) throws(MalformedBytes) {
        guard element.tag == DER.sequence else {
            throw .unexpectedTag(expected: DER.sequence, found: element.tag)
        }
        var parts = element.children
        let common = try parts.next(tag: DER.sequence)
        classAttributes = try parts.next(tag: DER.sequence).children
        guard let type = try parts.first(tag: PKCS15Entry.typeAttributesTag) else {
            throw .missing(tag: PKCS15Entry.typeAttributesTag)
        }
        var inner = type.children
        typeAttributes = try inner.next(tag: DER.sequence).children

        var attributes = common.children
        if let element = try attributes.nextIfPresent(tag: DER.utf8String) { label = element.text() }
        if let element = try attributes.nextIfPresent(tag: DER.bitString) { flags = element.namedBits() }
        if let element = try attributes.nextIfPresent(tag: DER.octetString) { authenticationID = Array(element.value) }
    }

    var isPrivate: Bool { flags[0] }  // checked: absent bits are 0
    var isModifiable: Bool { flags[1] }  // checked: absent bits are 0
}

/// A directory file: consecutive entries, then padding.
enum PKCS15Directory {
    /// Decodes the well-formed entries and skips the others. A tag 00 or FF ends the file (cards.md §2.7).
    static func decode<Object>(
        _ file: [UInt8], as make: (BERTLV) throws(MalformedBytes) -> Object
    ) -> (objects: [Object], isIntact: Bool) {
        var objects: [Object] = []
        var isIntact = true
        var reader = BERTLVReader(file)
        while let first = reader.remaining.first, first != 0x00, first != 0xFF {
            guard let element = try? reader.next() else { return (objects, false) }
            do throws(MalformedBytes) {
                objects.append(try make(element))
            } catch {
                isIntact = false
            }
        }
        return (objects, isIntact)
    }
}

/// Where an object's value is (ISO/IEC 7816-15 §8.2.5).
public enum PKCS15Value: Sendable, Hashable {
    /// A file, or `count` bytes of it from `offset`, both in bytes.
    case file(FilePath, offset: Int, count: Int?)
    /// In the directory entry itself.
    case direct([UInt8])
    /// Nowhere on the card: the path is empty.
    case none
}

extension BERTLV {
    /// The value to which a Path SEQUENCE points. A path that does not start with 3F00 is relative to the
    /// application; an empty one stays empty (cards.md §2.7).
    func pathValue(in application: FilePath) throws(MalformedBytes) -> PKCS15Value {
        guard tag == DER.sequence else { throw .unexpectedTag(expected: DER.sequence, found: tag) }
        var parts = children
        let path = try parts.next(tag: DER.octetString).value
        let offset = try parts.nextIfPresent(tag: DER.integer)?.unsignedInteger() ?? 0
        let count = try parts.nextIfPresent(tag: 0x80)?.unsignedInteger()
        guard path.count % 2 == 0 else { throw .invalidContent(tag: tag) }
        if path.isEmpty { return .none }
        let isAbsolute = path.starts(with: FilePath.masterFile)
        return .file(isAbsolute ? FilePath(path) : FilePath(application.bytes + path), offset: offset, count: count)
    }
}
