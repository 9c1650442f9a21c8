// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// Where the text goes: the standard error, so that the command's own output stays as
/// it is, or a file for the user alone.
struct TraceDestination {
    private let descriptor: Int32

    /// - Throws: `Failure` with `.fileFailed`.
    init(path: String?) throws(Failure) {
        descriptor = if let path { try PrivateFile.create(path) } else { STDERR_FILENO }
    }

    /// There is nobody to tell if that fails; the command goes on.
    func write(_ lines: [String]) {
        if lines.isEmpty { return }
        _ = Output.put(Array((lines.joined(separator: "\n") + "\n").utf8), to: descriptor)
    }
}
