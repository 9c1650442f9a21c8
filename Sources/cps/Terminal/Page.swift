// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// What a command shows: headings, and under them names with their values, one below
/// the other, broken at the terminal's width.
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

    /// A name and its value; a value of several lines keeps them.
    mutating func field(_ name: Message, _ value: StyledText) { field(name.text, value) }
    mutating func field(_ name: String, _ value: StyledText) { lines.append(.field(name: name, value: value)) }

    /// Sentences, below the last heading.
    mutating func paragraph(_ text: StyledText) { lines.append(.paragraph(text)) }
    mutating func paragraph(_ message: Message) { paragraph(StyledText(message.text)) }

    /// An empty line, unless nothing stands above it.
    mutating func space() { if !lines.isEmpty { lines.append(.space) } }

    var isEmpty: Bool { lines.isEmpty }

    /// Writes the page on stdout.
    func show() throws(Failure) { try Output.write(Array(text(for: .output).utf8)) }

    /// Writes the page on stderr, where stdout is for something else.
    func showOnErrors() { _ = Output.put(Array(text(for: .errors).utf8), to: STDERR_FILENO) }

    /// The page as one text, each line ended.
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

    /// The longest name up to the next heading.
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

    /// Text behind a beginning, its further lines indented.
    private static func block(_ text: StyledText, first: String, indent: Int, _ terminal: Terminal) -> String {
        let room = terminal.width.map { max($0 - indent, 20) }
        let lines = text.text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { wrap($0, room) }
        return lines.enumerated().map { index, line in
            var begin = index == 0 ? first : String(repeating: " ", count: indent)
            // Nothing follows that the spaces would set apart.
            if line.isEmpty { while begin.last == " " { begin.removeLast() } }
            return begin + StyledText(line, text.style).rendered(on: terminal) + "\n"
        }.joined()
    }

    /// A line broken between words; a word that is too long stays whole.
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

    /// What must not be parted: French sets colons, semicolons, question marks and
    /// quotation marks apart, and they stay with their word all the same.
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
