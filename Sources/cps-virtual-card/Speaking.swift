// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import VirtualCPS

/// Prints one line to stdout, unbuffered.
func say(_ message: Message) { put(message.text, to: STDOUT_FILENO) }

/// Prints one line to stderr.
func sayOnErrors(_ text: String) { put(text, to: STDERR_FILENO) }

private func put(_ text: String, to descriptor: Int32) {
    let bytes = Array("\(text)\n".utf8)
    unsafe bytes.withUnsafeBytes { _ = unsafe write(descriptor, $0.baseAddress, $0.count) }
}

/// A log file as a class, so that a closure can hold it.
final class LogFile {
    private let file: RestrictedFile

    init(path: String) throws(VirtualCardError) { file = try RestrictedFile(appendingTo: path) }

    func write(_ text: String) { file.write(Array(text.utf8)) }
}
