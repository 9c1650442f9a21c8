// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A file's place on the card, from the master file down: the bytes of the
/// two-byte file identifiers, without the leading 3F00.
public struct FilePath: Hashable, Sendable {
    public let bytes: [UInt8]

    /// - Parameter bytes: identifiers with or without a leading 3F00.
    public init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes.starts(with: FilePath.masterFile) ? bytes.dropFirst(2) : bytes.dropFirst(0))
    }

    public init(_ identifiers: UInt16...) {
        self.init(identifiers.flatMap(FilePath.bytes))
    }

    private static func bytes(of identifier: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: identifier >> 8), UInt8(truncatingIfNeeded: identifier)]
    }

    /// The identifier of the master file, 3F00.
    public static let masterFile: [UInt8] = [0x3F, 0x00]

    /// The directory that it is in; nil for the master file.
    public var parent: FilePath? { bytes.count < 2 ? nil : FilePath(bytes.dropLast(2)) }

    public func appending(_ identifier: UInt16) -> FilePath {
        FilePath(bytes + FilePath.bytes(of: identifier))
    }
}

extension FilePath: CustomStringConvertible {
    public var description: String { Hexadecimal.encode(FilePath.masterFile + bytes) }
}

extension FilePath {
    static let directory = FilePath(0x2F00)  // EF.DIR
    static let serialNumber = FilePath(0xD003)  // EF.SN
    static let updateLog = FilePath(0xD010)  // EF_ACTUA
}
