// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file of lines `key=value`. What begins with `#` is a comment; blanks around keys and
/// values do not count.
struct SettingsFile {
    /// The lines in their order.
    let entries: [(key: String, value: String)]

    /// The most bytes that a file may have.
    static let longest = 64 * 1024

    /// - Parameter path: a file that root or this user owns, and nobody else may write to;
    ///   any other counts as empty. A link to such a file is as good.
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
        // Not to be kept waiting by a pipe that somebody put there.
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
