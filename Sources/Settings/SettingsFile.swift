// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file of lines `key=value`. A line that starts with `#` is a comment; blanks around keys and values are ignored.
struct SettingsFile {
    /// The settings, in the order of the lines.
    let entries: [(key: String, value: String)]

    /// The longest file that is read, in bytes.
    static let longest = 64 * 1024

    /// Reads a file that root or this user owns and that nobody else may write. Any other file counts as empty.
    /// Symbolic links are followed.
    init(path: String) {
        entries = SettingsFile.read(path).split(separator: UInt8(ascii: "\n")).compactMap { line in
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map(SettingsFile.trimmed)
            guard let key = parts.first, let value = parts.dropFirst().first, key.utf8.first != UInt8(ascii: "#")
            else { return nil }
            return (key, value)
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
        let tail = bytes.drop(while: isBlank)
        return String(decoding: tail.reversed().drop(while: isBlank).reversed(), as: UTF8.self)
    }

    private static func read(_ path: String) -> [UInt8] {
        // Opening a pipe must not block.
        let file = unsafe open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
            (0...longest).contains(Int(status.st_size))
        else { return [] }
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        return Array(bytes.prefix(max(count, 0)))
    }
}
