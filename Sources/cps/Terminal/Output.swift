// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// Prints text to stdout, and remarks and errors to stderr.
enum Output {
    /// Prints one line to stdout, unbuffered.
    /// - Throws: `Failure` with `.fileFailed` if the pipe is closed or the disk is full.
    static func say(_ text: String) throws(Failure) { try write(Array("\(text)\n".utf8)) }

    static func say(_ message: Message) throws(Failure) { try say(message.text) }

    /// Writes binary data to stdout (a signature, a certificate).
    /// - Throws: `Failure` with `.fileFailed`.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        guard put(bytes, to: STDOUT_FILENO) else {
            throw Failure(
                .fileFailed, Message("The output could not be written.", fr: "La sortie n'a pas pu être écrite."))
        }
    }

    /// Prints one line to stderr; errors are ignored.
    static func sayOnErrors(_ text: String) { _ = put(Array("\(text)\n".utf8), to: STDERR_FILENO) }

    /// Writes all bytes to a descriptor.
    /// - Returns: false on an error (errno).
    static func put(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
