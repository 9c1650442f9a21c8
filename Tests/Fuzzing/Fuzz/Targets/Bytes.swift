// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The forms of bytes that everything else is made of.
extension FuzzTarget {
    static let bytes = [
        FuzzTarget("BERTLV", seeds: { $0.files }) { bytes in
            _ = BERTLVReader.encodedLength(of: bytes[...])
            try read(BERTLVReader(bytes), depth: 0)
        },
        FuzzTarget("FileControlParameters", seeds: { $0.fileControlParameters }) { bytes in
            _ = try FileControlParameters(parsing: bytes)
        },
    ]

    private static func read(_ all: BERTLVReader, depth: Int) throws {
        var reader = all
        var encoding: [UInt8] = []
        while let element = try reader.next() {
            encoding += element.encoding
            _ = try? element.unsignedInteger()
            _ = element.namedBits()[17]
            _ = element.text()
            expect(
                BERTLVReader.encodedLength(of: element.encoding) == element.encoding.count,
                "an element is as long as it says")
            if element.isConstructed, depth < 8 { try? read(element.children, depth: depth + 1) }
        }
        expect(encoding == Array(all.remaining), "the elements are all that there is")
    }
}
