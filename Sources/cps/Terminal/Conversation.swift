// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import SmartCardBytes

/// Asks the person at the terminal, even if stdin and stdout are a pipe or a file (as ssh and
/// sudo do). A typed PIN is not shown. The terminal's settings are restored in every case,
/// after Ctrl-C, `kill` and Ctrl-Z, too.
final class Conversation {
    private let terminal: Int32

    /// - Parameter otherwise: what to do without a terminal.
    /// - Throws: `Failure` with `.cancelled` if there is no terminal.
    init(otherwise: Message) throws(Failure) {
        terminal = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else {
            throw Failure(
                .cancelled,
                Message("No terminal to ask for the PIN.", fr: "Aucun terminal pour demander le code porteur."),
                remedy: otherwise)
        }
    }

    deinit { close(terminal) }

    /// Prints a sentence on the terminal.
    func say(_ message: Message) { _ = Output.put(Array("\(message.text)\n".utf8), to: terminal) }

    /// Asks for a PIN, which is not shown.
    /// - Throws: `Failure` with `.cancelled` if nothing is typed, or after Ctrl-C or Ctrl-D.
    func askForPIN(_ question: Message) throws(Failure) -> SecretBytes {
        let secret = try ask(question.text, isShown: false)
        if secret.isEmpty {
            throw Failure(
                .cancelled,
                Message("Nothing was typed; nothing was done.", fr: "Rien n'a été saisi ; rien n'a été fait."))
        }
        return secret
    }

    /// Asks a question; true if the person types `yes` or `oui` in full.
    func confirms(_ question: Message) throws(Failure) -> Bool {
        let answer = try ask(question.text, isShown: true)
        return answer.withSpan { bytes in
            let text = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self).lowercased()
            return ["yes", "oui"].contains(text.drop { $0 == " " })
        }
    }

    /// Reads one line, without its end. A held signal ends the question; it is delivered
    /// by `Signals.release()`.
    private func ask(_ question: String, isShown: Bool) throws(Failure) -> SecretBytes {
        try Signals.holding { () throws(Failure) in
            let signals = Signals.descriptor()
            defer { if signals >= 0 { close(signals) } }
            while true {
                if let line = askOnce(question, isShown: isShown, signals) { return line }
                // Ctrl-Z stops the program here; when it continues, it asks again.
                try Signals.check()
                Signals.stopIfAsked()
            }
        }
    }

    /// - Returns: nil if a signal came first.
    private func askOnce(_ question: String, isShown: Bool, _ signals: Int32) -> SecretBytes? {
        let before = isShown ? nil : hide()
        defer { if let before { show(before) } }
        _ = Output.put(Array(question.utf8), to: terminal)
        let isTyped = waitForLine(or: signals)
        let line = isTyped ? readLine() : nil
        if !isTyped || !isShown { _ = Output.put([UInt8(ascii: "\n")], to: terminal) }
        return line
    }

    /// - Returns: true for a line or the end of input; false for a signal.
    private func waitForLine(or signals: Int32) -> Bool {
        var descriptors = [
            pollfd(fd: terminal, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = unsafe poll(&descriptors, 2, -1)
            if count < 0 { if errno == EINTR { continue } else { return true } }
            return descriptors[1].revents == 0
        }
    }

    /// The longest line, in bytes; no PIN is longer.
    private static let longestLine = 128

    /// Reads a line. In canonical mode a terminal delivers only whole lines.
    private func readLine() -> SecretBytes { SecretBytes.readingLine(from: terminal, upTo: Conversation.longestLine) }

    /// Turns the terminal's echo off.
    /// - Returns: the previous settings; nil if it is not a terminal.
    private func hide() -> termios? {
        var settings = termios()
        guard unsafe tcgetattr(terminal, &settings) == 0 else { return nil }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO | ECHOE | ECHOK | ECHONL)
        settings.c_lflag |= tcflag_t(ICANON | ISIG)
        unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
        return before
    }

    private func show(_ before: termios) {
        var settings = before
        unsafe tcsetattr(terminal, TCSADRAIN, &settings)
    }
}

extension SecretBytes {
    /// Reads one line of a descriptor, without its end. Reads byte by byte, so that the rest
    /// stays for the next read.
    /// - Parameter longest: the longest line in bytes.
    static func readingLine(from descriptor: Int32, upTo longest: Int) -> SecretBytes {
        var line = SecretBytes(capacity: longest)
        var byte: UInt8 = 0
        defer { byte = 0 }
        while true {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { return line }
            if byte != UInt8(ascii: "\r") { line.append(byte) }
        }
    }
}
