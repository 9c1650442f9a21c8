// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// The text output of a command: headings, and below each the names with their values,
/// wrapped at the terminal's width.
///
///     var page = Page()
///     page.heading("Reader 00")
///     page.field(Message("Holder", fr: "Titulaire"), "TEST DOC0073574")
///     try page.show()
struct Page {
    private enum Line {
        case heading(StyledText)
        case field(name: String, value: StyledText)
        case paragraph(StyledText)
        case space
    }

    private var lines: [Line] = []

    mutating func heading(_ text: StyledText) { lines.append(.heading(text)) }
    mutating func heading(_ message: Message) { heading(StyledText(message.text, .strong)) }

    /// Adds a name and its value; line breaks in the value are kept.
    mutating func field(_ name: Message, _ value: StyledText) { field(name.text, value) }
    mutating func field(_ name: String, _ value: StyledText) { lines.append(.field(name: name, value: value)) }

    /// Adds sentences below the last heading.
    mutating func paragraph(_ text: StyledText) { lines.append(.paragraph(text)) }
    mutating func paragraph(_ message: Message) { paragraph(StyledText(message.text)) }

    /// Adds an empty line, unless the page is empty.
    mutating func space() { if !lines.isEmpty { lines.append(.space) } }

    var isEmpty: Bool { lines.isEmpty }

    /// Writes the page to stdout.
    func show() throws(Failure) { try Output.write(Array(text(for: .output).utf8)) }

    /// Writes the page to stderr, when stdout carries something else.
    func showOnErrors() { _ = Output.put(Array(text(for: .errors).utf8), to: STDERR_FILENO) }

    /// The page as one text; each line ends with a newline.
    func text(for terminal: Terminal) -> String {
        let indent = 2
        var column = widestName(from: 0)
        var result = ""
        for (index, line) in lines.enumerated() {
            switch line {
            case .space:
                result += "\n"
            case .heading(let text):
                column = widestName(from: index + 1)
                result += Page.block(text, first: "", indent: 0, terminal)
            case .paragraph(let text):
                result += Page.block(text, first: String(repeating: " ", count: indent), indent: indent, terminal)
            case .field(let name, let value):
                let padding = String(repeating: " ", count: max(column - name.count, 0) + 2)
                let first = String(repeating: " ", count: indent) + name + padding
                result += Page.block(value, first: first, indent: first.count, terminal)
            }
        }
        return result
    }

    /// The length of the longest name up to the next heading.
    private func widestName(from start: Int) -> Int {
        var widest = 0
        for line in lines[start...] {
            switch line {
            case .heading: return widest
            case .field(let name, _): widest = max(widest, name.count)
            case .paragraph, .space: continue
            }
        }
        return widest
    }

    /// Text after `first`; further lines are indented.
    private static func block(_ text: StyledText, first: String, indent: Int, _ terminal: Terminal) -> String {
        let room = terminal.width.map { max($0 - indent, 20) }
        let lines = text.text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { wrap($0, room) }
        return lines.enumerated().map { index, line in
            var begin = index == 0 ? first : String(repeating: " ", count: indent)
            // No trailing spaces.
            if line.isEmpty { while begin.last == " " { begin.removeLast() } }
            return begin + StyledText(line, text.style).rendered(on: terminal) + "\n"
        }.joined()
    }

    /// Wraps a line between words; a word that is too long is not broken.
    static func wrap(_ line: Substring, _ room: Int?) -> [String] {
        guard let room, line.count > room else { return [String(line)] }
        var lines: [String] = []
        for word in words(of: line) {
            if let last = lines.last, last.count + 1 + word.count <= room {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// The parts that must not be broken. French puts a space before colons, semicolons and
    /// question marks and inside quotation marks; these stay with their word.
    private static func words(of line: Substring) -> [String] {
        var words: [String] = []
        for word in line.split(separator: " ", omittingEmptySubsequences: true) {
            let staysBehind = word.first.map { ":;?!»".contains($0) } ?? false
            if let last = words.last, staysBehind || last.hasSuffix("«") {
                words[words.count - 1] = "\(last) \(word)"
            } else {
                words.append(String(word))
            }
        }
        return words
    }
}

/// Text with a style that a terminal shows as colour. The words must carry the meaning, too:
/// not everybody sees colours.
struct StyledText: Equatable, ExpressibleByStringInterpolation {
    enum Style: Equatable {
        case plain
        /// A heading.
        case strong
        /// Secondary text.
        case faint
        case good
        case warning
        case bad
    }

    var text: String
    var style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }

    init(stringLiteral text: String) { self.init(text) }

    /// The text with escape sequences, if the terminal has colours.
    func rendered(on terminal: Terminal) -> String {
        guard terminal.hasColours, let code = style.code, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

extension StyledText.Style {
    /// The parameter of SGR (ECMA-48 §8.3.117). Uses the terminal's own palette, which suits
    /// its background.
    fileprivate var code: String? {
        switch self {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        }
    }
}

extension String {
    /// The text without control characters and changes of direction: card contents, reader
    /// names and file names are not trusted.
    var printable: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                text.unicodeScalars.append("\u{FFFD}")
            default:
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
