// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// What SELECT tells about a file (ISO/IEC 7816-4 §5.3.3). Of the FCP or FCI template only
/// the sizes are read, tags 80 and 81; other elements need only be whole.
public struct FileControlParameters: Sendable, Equatable {
    /// The tag of a template of file control parameters alone.
    static let fcpTemplate: UInt32 = 0x62
    /// The tag of a template of file control information, which has the same elements and more.
    static let fciTemplate: UInt32 = 0x6F

    /// The number of data bytes in the file; nil when the card does not say.
    public var size: Int?

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
