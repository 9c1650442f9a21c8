// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Names of the card's files (ISO/IEC 7816-4 §5.3.1; cards.md §2.1).

/// A file's two-byte identifiers from the MF down, without the MF itself:
/// `0001/D107`. The MF is the empty path.
public struct VirtualFilePath: Hashable, Sendable {
    /// Two bytes each, the outermost directory first.
    public let identifiers: [UInt16]

    /// Makes a path from identifiers, the outermost directory first.
    public init(_ identifiers: UInt16...) { self.identifiers = identifiers }
    /// Like `init(_:...)`, from an array.
    public init(_ identifiers: [UInt16]) { self.identifiers = identifiers }

    /// Parses `0001/D107`, with or without `3F00/` in front, with or without slashes; nil for
    /// any other text.
    public init?(parsing text: String) {
        guard let bytes = Hexadecimal.decode(text.filter { $0 != "/" }),
            let path = VirtualFilePath(bytes: bytes[...])
        else { return nil }
        self =
            path.identifiers.first == VirtualFilePath.masterFile
            ? VirtualFilePath(Array(path.identifiers.dropFirst())) : path
    }

    /// The identifiers in a SELECT command's data field; nil for an odd number of bytes.
    public init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count % 2 == 0 else { return nil }
        var reader = ByteReader(bytes)
        var identifiers: [UInt16] = []
        while let number = try? reader.readUnsigned(count: 2) { identifiers.append(UInt16(number)) }
        self.identifiers = identifiers
    }

    /// The identifier of the MF on every card.
    public static let masterFile: UInt16 = 0x3F00
    /// The MF.
    public static let root = VirtualFilePath()

    /// The parent directory; nil for the MF.
    public var parent: VirtualFilePath? {
        identifiers.isEmpty ? nil : VirtualFilePath(Array(identifiers.dropLast()))
    }

    /// The file's own identifier.
    public var identifier: UInt16 { identifiers.last ?? VirtualFilePath.masterFile }

    /// The path of something below this directory.
    public func appending(_ more: [UInt16]) -> VirtualFilePath { VirtualFilePath(identifiers + more) }
    /// The path of a file in this directory.
    public func appending(_ identifier: UInt16) -> VirtualFilePath { VirtualFilePath(identifiers + [identifier]) }

    /// The absolute path with 3F00 in front, as PKCS#15 directories write it.
    public var absoluteBytes: [UInt8] {
        ([VirtualFilePath.masterFile] + identifiers).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
}

extension VirtualFilePath: CustomStringConvertible {
    /// `3F00/0001/D107`.
    public var description: String {
        ([VirtualFilePath.masterFile] + identifiers)
            .map { Hexadecimal.encode([UInt8($0 >> 8), UInt8($0 & 0xFF)]) }
            .joined(separator: "/")
    }
}
