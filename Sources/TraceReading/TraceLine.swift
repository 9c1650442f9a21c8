// SPDX-License-Identifier: Apache-2.0

/// One parsed line of a trace (format: `CallTrace`, which writes it).
public struct TraceLine: Equatable, Sendable {
    /// Microseconds of the machine's monotonic clock.
    public var time: Int
    /// The process ID.
    public var process: Int
    /// The Linux thread ID.
    public var thread: Int
    /// What happened.
    public var event: Event

    /// The content of a line. Texts are words of the line, unparsed; `code` is the name of the return code.
    public enum Event: Equatable, Sendable {
        case call(function: String, arguments: String)
        case done(function: String, code: String, microseconds: Int, results: String)
        case command(card: Int, MaskedBytes)
        /// The header of a command whose PIN is typed on the reader.
        case keypad(card: Int, MaskedBytes)
        case response(card: Int, MaskedBytes)
        /// A connection, a reset or a failure: the word, and the text after it.
        case cardEvent(card: Int, word: String, detail: String)
        case readerEvent(word: String, detail: String)
    }

    /// - Returns: nil if the text is not a line of a trace.
    public init?(_ text: String) {
        let words = text.split(separator: " " as Character, omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 4 else { return nil }
        let clock = words[0].split(separator: ".")
        let ids = words[1].split(separator: "/")
        guard clock.count == 2, clock[1].utf8.count == 6, let seconds = Int(clock[0]), let fraction = Int(clock[1]),
            seconds >= 0, seconds < Int.max / 2_000_000, fraction >= 0, ids.count == 2,
            let process = Int(ids[0]), let thread = Int(ids[1]), let event = Event(Array(words[2...]))
        else { return nil }
        time = seconds * 1_000_000 + fraction
        self.process = process
        self.thread = thread
        self.event = event
    }
}

extension TraceLine.Event {
    init?(_ words: [String]) {
        func rest(from index: Int) -> String { words.dropFirst(index).joined(separator: " ") }
        switch words[0] {
        case "call":
            self = .call(function: words[1], arguments: rest(from: 2))
        case "done":
            guard words.count >= 4, let duration = Int(words[3]) else { return nil }
            self = .done(function: words[1], code: words[2], microseconds: duration, results: rest(from: 4))
        case "readers":
            self = .readerEvent(word: words[1], detail: rest(from: 2))
        case "card":
            guard words.count >= 3, let card = Int(words[1]) else { return nil }
            switch words[2] {
            case ">": self = .command(card: card, MaskedBytes(words[3...]))
            case "keypad": self = .keypad(card: card, MaskedBytes(words[3...]))
            case "<": self = .response(card: card, MaskedBytes(words[3...]))
            default: self = .cardEvent(card: card, word: words[2], detail: rest(from: 3))
            }
        default:
            return nil
        }
    }
}
