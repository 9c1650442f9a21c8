// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// What SELECT tells about a file (ISO/IEC 7816-4 §5.3.3): the elements of the
/// FCP or FCI template that are used here.
public struct FileControlParameters: Sendable, Equatable {
    /// The tag of a template of file control parameters alone.
    public static let fcpTemplate: UInt32 = 0x62
    /// The tag of a template of file control information, which has the same elements and more.
    public static let fciTemplate: UInt32 = 0x6F

    /// The number of data bytes in the file; nil when the card does not say.
    public var size: Int?
    /// The two-byte file identifier.
    public var identifier: UInt16?
    /// Whether the file is a dedicated file (a directory).
    public var isDedicatedFile = false
    /// The DF name (AID) of a dedicated file.
    public var name: [UInt8]?

    /// - Throws: `MalformedBytes` when the bytes are not one of the two
    ///   templates, or end within an element.
    public init(parsing bytes: [UInt8]) throws(MalformedBytes) {
        var reader = BERTLVReader(bytes)
        guard let template = try reader.next() else { throw .truncated }
        guard template.tag == FileControlParameters.fcpTemplate || template.tag == FileControlParameters.fciTemplate
        else { throw .unexpectedTag(expected: FileControlParameters.fcpTemplate, found: template.tag) }
        var totalSize: Int?
        var elements = template.children
        while let element = try elements.next() {
            switch element.tag {
            case 0x80: size = try FileControlParameters.number(element)
            case 0x81: totalSize = try FileControlParameters.number(element)
            case 0x82: isDedicatedFile = (element.value.first ?? 0) & 0x38 == 0x38
            case 0x83:
                guard element.value.count == 2 else { throw .invalidContent(tag: element.tag) }
                identifier = UInt16(try FileControlParameters.number(element))  // checked: two bytes, see above
            case 0x84: name = Array(element.value)
            default: continue
            }
        }
        if size == nil { size = totalSize }
    }

    private static func number(_ element: BERTLV) throws(MalformedBytes) -> Int {
        guard (1...4).contains(element.value.count) else { throw .invalidContent(tag: element.tag) }
        return element.value.reduce(0) { $0 << 8 | Int($1) }
    }
}
