// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The answer to SELECT about a file (ISO/IEC 7816-4 §5.3.3). Only the sizes in the FCP or FCI template are used,
/// tags 80 and 81; other elements must only be well-formed.
public struct FileControlParameters: Sendable, Equatable {
    /// The tag of the FCP template (file control parameters).
    static let fcpTemplate: UInt32 = 0x62
    /// The tag of the FCI template (file control information), which contains the same elements and more.
    static let fciTemplate: UInt32 = 0x6F

    /// The number of data bytes in the file (tag 80, else 81); nil if the card returns neither.
    public var size: Int?

    /// Parses the response to SELECT.
    /// - Throws: `MalformedBytes` if the bytes are neither template, or truncated.
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
