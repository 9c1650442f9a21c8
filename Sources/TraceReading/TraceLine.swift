// SPDX-License-Identifier: Apache-2.0

/// One line of a trace (the library's `CallTrace` tells what they are).
public struct TraceLine: Equatable, Sendable {
    /// Microseconds on the clock of the machine that is never set back.
    public var time: Int
    /// The number of the process.
    public var process: Int
    /// The number of the thread, as Linux counts them.
    public var thread: Int
    /// What happened.
    public var event: Event

    /// What a line tells. `code` and the rest are the words of the line, not yet explained.
    public enum Event: Equatable, Sendable {
        case call(function: String, arguments: String)
        case done(function: String, code: String, microseconds: Int, results: String)
        case command(card: Int, MaskedBytes)
        /// The header of a command for which a code is typed on the reader.
        case keypad(card: Int, MaskedBytes)
        case response(card: Int, MaskedBytes)
        /// A connection, a reset, a failure; the word and what follows it.
        case cardEvent(card: Int, word: String, detail: String)
        case readerEvent(word: String, detail: String)
    }

    /// - Returns: nil for what is no such line.
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
