// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import SmartCardBytes

/// Questions to the person at the terminal, also when stdin and stdout are a pipe or
/// a file (as with ssh and sudo). What is typed as a code is not shown, and the
/// terminal is as before on every way out: after Ctrl-C, `kill`, Ctrl-Z too.
final class Conversation {
    private let terminal: Int32

    /// - Throws: `Failure` with `.cancelled` when there is no terminal.
    /// - Parameter otherwise: what to do without one.
    init(otherwise: Message) throws(Failure) {
        terminal = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else {
            throw Failure(
                .cancelled,
                Message("There is no terminal to ask on.", fr: "Il n'y a pas de terminal où poser la question."),
                remedy: otherwise)
        }
    }

    deinit { close(terminal) }

    /// A sentence to the person.
    func say(_ message: Message) { _ = Output.put(Array("\(message.text)\n".utf8), to: terminal) }

    /// Asks for a code, which is not shown.
    /// - Throws: `Failure` with `.cancelled` when nothing is typed, or Ctrl-C, Ctrl-D.
    func askForPIN(_ question: Message) throws(Failure) -> SecretBytes {
        let secret = try ask(question.text, isShown: false)
        if secret.isEmpty {
            throw Failure(
                .cancelled,
                Message("Nothing was typed; nothing was done.", fr: "Rien n'a été saisi ; rien n'a été fait."))
        }
        return secret
    }

    /// Whether the person types `yes` or `oui` in full.
    func confirms(_ question: Message) throws(Failure) -> Bool {
        let answer = try ask(question.text, isShown: true)
        return answer.withSpan { bytes in
            let text = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self).lowercased()
            return ["yes", "oui"].contains(text.drop { $0 == " " })
        }
    }

    /// One line, without its end. Held signals end the question; they are done to the
    /// program when it lets them through.
    private func ask(_ question: String, isShown: Bool) throws(Failure) -> SecretBytes {
        try Signals.holding { () throws(Failure) in
            let signals = Signals.descriptor()
            defer { if signals >= 0 { close(signals) } }
            while true {
                if let line = askOnce(question, isShown: isShown, signals) { return line }
                // A Ctrl-Z stops the program here; when it goes on, it asks again.
                try Signals.check()
                Signals.stopIfAsked()
            }
        }
    }

    /// nil when a signal came first.
    private func askOnce(_ question: String, isShown: Bool, _ signals: Int32) -> SecretBytes? {
        let before = isShown ? nil : hide()
        defer { if let before { show(before) } }
        _ = Output.put(Array(question.utf8), to: terminal)
        let isTyped = waitForLine(or: signals)
        let line = isTyped ? readLine() : nil
        if !isTyped || !isShown { _ = Output.put([UInt8(ascii: "\n")], to: terminal) }
        return line
    }

    /// Whether a line came (or the terminal's end); else it was a signal.
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

    /// The longest line that is kept; what is longer is no code.
    private static let longestLine = 128

    /// A terminal gives a whole line at once, however it was typed.
    private func readLine() -> SecretBytes { SecretBytes.readingLine(from: terminal, upTo: Conversation.longestLine) }

    /// Stops the terminal from showing what is typed.
    /// - Returns: what it was like; nil when it is no real terminal.
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
    /// One line of a descriptor, without its end; byte by byte, so that what follows
    /// stays there for the next reader.
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
