// SPDX-License-Identifier: Apache-2.0

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
