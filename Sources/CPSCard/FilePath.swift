// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A file's path on the card: the two-byte file identifiers from the master file down, without the leading 3F00.
public struct FilePath: Hashable, Sendable {
    /// Two bytes per identifier; empty for the master file itself.
    public let bytes: [UInt8]

    /// - Parameter bytes: identifiers with or without a leading 3F00.
    public init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes.starts(with: FilePath.masterFile) ? bytes.dropFirst(2) : bytes.dropFirst(0))
    }

    /// Makes a path from file identifiers, the outermost directory first.
    public init(_ identifiers: UInt16...) {
        self.init(identifiers.flatMap(FilePath.bytes))
    }

    private static func bytes(of identifier: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: identifier >> 8), UInt8(truncatingIfNeeded: identifier)]
    }

    /// The identifier of the master file, 3F00.
    public static let masterFile: [UInt8] = [0x3F, 0x00]

    /// The directory that contains the file; nil for the master file.
    public var parent: FilePath? { bytes.count < 2 ? nil : FilePath(bytes.dropLast(2)) }

    /// The path of a file in this directory.
    public func appending(_ identifier: UInt16) -> FilePath {
        FilePath(bytes + FilePath.bytes(of: identifier))
    }
}

extension FilePath: CustomStringConvertible {
    /// The path in hexadecimal, 3F00 included, as cards.md writes it.
    public var description: String { Hexadecimal.encode(FilePath.masterFile + bytes) }
}

extension FilePath {
    static let directory = FilePath(0x2F00)  // EF.DIR
    static let serialNumber = FilePath(0xD003)  // EF.SN
    static let updateLog = FilePath(0xD010)  // EF_ACTUA
    static let authenticationCertificate = FilePath(0x0001, 0xA002)
}
