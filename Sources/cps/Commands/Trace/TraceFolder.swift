// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// The trace file, in a folder that only the user can access.
final class TraceFolder {
    private let folder: String
    let path: String
    private var position = 0
    /// The start of an incomplete line.
    private var beginning: [UInt8] = []

    /// - Throws: `Failure` with `.fileFailed`.
    init() throws(Failure) {
        let parents = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { (name: String) -> String? in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
        for parent in parents + ["/tmp"] where parent.hasPrefix("/") {
            var name = "\(parent)/cps-trace.XXXXXX".utf8CString.map { $0 }
            guard unsafe mkdtemp(&name) != nil else { continue }
            folder = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = folder + "/trace"
            return
        }
        throw Failure(
            .fileFailed,
            Message("No folder for the trace could be made.", fr: "Impossible de créer un dossier pour la trace."))
    }

    deinit { remove() }

    /// The lines written since the last call.
    func newLines() -> [String] {
        let file = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe pread(file, &piece, piece.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            position += count
            beginning += piece.prefix(count)
        }
        guard let end = beginning.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = beginning[..<end].split(separator: UInt8(ascii: "\n"))
        beginning.removeSubrange(...end)
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    func remove() {
        _ = unsafe unlink(path)
        _ = unsafe rmdir(folder)
    }
}
