// SPDX-License-Identifier: Apache-2.0

/// Text of configuration files, taken apart.
extension StringProtocol {
    /// The lines that are not empty.
    public var lines: [String] { parts("\n") }

    /// What stands between separators and is not empty.
    /// - Parameter most: how many parts at most; the last one has the rest.
    public func parts(_ separator: Character, atMost most: Int = .max) -> [String] {
        Substring(self).split(maxSplits: most == .max ? .max : most - 1, omittingEmptySubsequences: true) {
            $0 == separator
        }.map(String.init)
    }

    /// Without the blanks around it.
    public var trimmed: String {
        String(String(drop { $0.isWhitespace }.reversed()).drop { $0.isWhitespace }.reversed())
    }
}
