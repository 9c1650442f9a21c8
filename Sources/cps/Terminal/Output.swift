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

/// The properties of an output: a terminal with its width, or a file or pipe.
struct Terminal {
    static let output = Terminal(STDOUT_FILENO)
    static let errors = Terminal(STDERR_FILENO)

    let isTerminal: Bool
    /// The width in columns, at least 40; nil for a file or pipe, where lines are not wrapped.
    let width: Int?
    /// Whether to use colours: on a terminal that has them, unless NO_COLOR is set
    /// (no-color.org); elsewhere only with CLICOLOR_FORCE.
    let hasColours: Bool

    private init(_ descriptor: Int32) {
        isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let known = unsafe isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        // No layout fits below 40 columns.
        width = isTerminal ? max(known ? Int(size.ws_col) : 80, 40) : nil
        let set = { (name: String) in unsafe getenv(name).map { unsafe $0.pointee != 0 } ?? false }
        let isDumb = unsafe getenv("TERM").map { unsafe strcmp($0, "dumb") == 0 } ?? true
        hasColours = !set("NO_COLOR") && (set("CLICOLOR_FORCE") || isTerminal && !isDumb)
    }
}
