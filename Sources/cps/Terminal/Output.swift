// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// What the command prints: text on stdout, remarks and errors on stderr.
enum Output {
    /// One line on stdout, at once also when that is a pipe.
    /// - Throws: `Failure` with `.fileFailed` when nobody reads any more, or the disk is full.
    static func say(_ text: String) throws(Failure) { try write(Array("\(text)\n".utf8)) }

    static func say(_ message: Message) throws(Failure) { try say(message.text) }

    /// Bytes as they are (a signature, a certificate).
    static func write(_ bytes: [UInt8]) throws(Failure) {
        guard put(bytes, to: STDOUT_FILENO) else {
            throw Failure(
                .fileFailed, Message("The output could not be written.", fr: "La sortie n'a pas pu être écrite."))
        }
    }

    /// One line on stderr; there is nobody to tell if that fails.
    static func sayOnErrors(_ text: String) { _ = put(Array("\(text)\n".utf8), to: STDERR_FILENO) }

    /// All of the bytes on a descriptor.
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
