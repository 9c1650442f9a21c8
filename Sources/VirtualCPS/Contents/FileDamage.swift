// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The damage of one file, for tests of bad cards.
public struct FileDamage: Sendable, Equatable {
    /// The kind of damage. The card itself does not notice it.
    public enum Kind: Sendable, Equatable {
        /// The file, and its size in the FCI, is cut to this many bytes.
        case truncated(Int)
        /// The file holds these bytes instead.
        case replaced([UInt8])
        /// These bytes replace the contents from an offset on.
        case overwritten(offset: Int, [UInt8])
    }

    /// The file; it must exist.
    public let path: VirtualFilePath
    /// The damage.
    public let kind: Kind

    /// Describes damage; it is applied when a card is made.
    public init(path: VirtualFilePath, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// - Returns: false if the card has no such file.
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
