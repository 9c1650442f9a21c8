// SPDX-License-Identifier: Apache-2.0

import Glibc

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
