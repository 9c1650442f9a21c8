// SPDX-License-Identifier: Apache-2.0

/// Text of configuration files, taken apart.
extension StringProtocol {
    /// The lines that are not empty.
    var lines: [String] { parts("\n") }

    /// What stands between separators and is not empty.
    func parts(_ separator: Character, atMost most: Int = .max) -> [String] {
        Substring(self).split(maxSplits: most == .max ? .max : most - 1, omittingEmptySubsequences: true) {
            $0 == separator
        }.map(String.init)
    }
}
