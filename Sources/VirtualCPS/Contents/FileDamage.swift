// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// What is wrong with one file of a card: for tests of bad cards.
public struct FileDamage: Sendable, Equatable {
    /// How a file is damaged. The card itself takes no notice.
    public enum Kind: Sendable, Equatable {
        /// The file, and its size in the FCI, end after so many bytes.
        case truncated(Int)
        /// The file holds these bytes instead.
        case replaced([UInt8])
        /// These bytes stand from an offset on.
        case overwritten(offset: Int, [UInt8])
    }

    /// The file, which must be there.
    public let path: VirtualFilePath
    /// What becomes of its bytes.
    public let kind: Kind

    /// Describes damage; it is done when a card is made.
    public init(path: VirtualFilePath, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// False when the card has no such file.
    func apply(to tree: inout FileTree) -> Bool {
        guard var contents = tree.elementary(path)?.contents else { return false }
        switch kind {
        case .truncated(let count): contents = Array(contents.prefix(max(count, 0)))
        case .replaced(let bytes): contents = bytes
        case .overwritten(let offset, let bytes):
            for (index, byte) in bytes.enumerated() where contents.indices.contains(offset + index) {
                contents[offset + index] = byte
            }
        }
        return tree.setContents(contents, of: path)
    }
}
