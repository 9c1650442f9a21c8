// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// One line of a call trace. The library writes it (`text`); `cps trace` reads it again (`init?(_:)` in the target
/// TraceReading, with these same words).
///
/// A line has: seconds on the monotonic clock, process/thread, and one of
///
///     call FUNCTION ARGUMENT...
///     done FUNCTION CODE MICROSECONDS RESULT...
///     card NUMBER connected PROTOCOL READER
///     card NUMBER > COMMAND
///     card NUMBER keypad HEADER     (the PIN is typed on the reader)
///     card NUMBER < RESPONSE
///     card NUMBER failed ERROR
///     card NUMBER reset, was-reset or disconnected
///     readers failed ERROR
///
/// CODE is the name of the return code, ERROR that of a `ChannelError`. Bytes are those of `MaskedBytes`.
public struct TraceLine: Sendable {
    /// Microseconds on the monotonic clock.
    public let time: Int
    /// The process ID.
    public let process: Int
    /// The Linux thread ID.
    public let thread: Int
    /// What happened.
    public let event: Event

    /// What happened in the library.
    public enum Event: Sendable {
        /// A function was called. `arguments` are words `name=value`.
        case call(function: String, arguments: String)
        /// A function returned `code`, the name of the return code. `results` are words `name=value`.
        case done(function: String, code: String, microseconds: Int, results: String)
        /// Something happened on a connection to a card. Connections are numbered for each process.
        case card(Int, CardEvent)
        /// The readers could not be used.
        case readersFailed(ChannelError)
    }

    /// What happened on a connection to a card.
    public enum CardEvent: Sendable {
        /// The connection was made.
        case connected(TransportProtocol, reader: String)
        /// A command was sent.
        case command(MaskedBytes)
        /// A command was started whose PIN is typed on the reader; its header.
        case keypad(MaskedBytes)
        /// The response to the last command.
        case response(MaskedBytes)
        /// The last command, or the access to the card, failed.
        case failed(ChannelError)
        /// The library resets the card.
        case reset
        /// Another program has reset the card.
        case wasReset
        /// The connection was ended.
        case disconnected
    }

    /// The words that tell events apart.
    public enum Word: String, Sendable {
        case call, done, card, readers
        case connected, keypad, failed, reset, disconnected
        case wasReset = "was-reset"
        case command = ">"
        case response = "<"
    }

    /// Makes a line.
    public init(time: Int, process: Int, thread: Int, event: Event) {
        self.time = time
        self.process = process
        self.thread = thread
        self.event = event
    }

    /// The line in the file, without its end. Control characters are replaced.
    public var text: String {
        let fraction = String(time % 1_000_000)
        let seconds = "\(time / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
        let words = [seconds, "\(process)/\(thread)"] + event.words
        let scalars = words.joined(separator: " ").unicodeScalars
        return String(String.UnicodeScalarView(scalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
    }
}

extension TraceLine.Event {
    fileprivate var words: [String] {
        typealias Word = TraceLine.Word
        switch self {
        case .call(let function, let arguments):
            return [Word.call.rawValue, function] + (arguments.isEmpty ? [] : [arguments])
        case .done(let function, let code, let microseconds, let results):
            return [Word.done.rawValue, function, code, String(microseconds)] + (results.isEmpty ? [] : [results])
        case .card(let number, let event):
            return [Word.card.rawValue, String(number), event.word.rawValue] + (event.detail.map { [$0] } ?? [])
        case .readersFailed(let error):
            return [Word.readers.rawValue, Word.failed.rawValue, error.traceName]
        }
    }
}

extension TraceLine.CardEvent {
    fileprivate var word: TraceLine.Word {
        switch self {
        case .connected: .connected
        case .command: .command
        case .keypad: .keypad
        case .response: .response
        case .failed: .failed
        case .reset: .reset
        case .wasReset: .wasReset
        case .disconnected: .disconnected
        }
    }

    fileprivate var detail: String? {
        switch self {
        case .connected(let transport, let reader): transport.traceName + " " + reader
        case .command(let bytes), .keypad(let bytes), .response(let bytes): bytes.text
        case .failed(let error): error.traceName
        case .reset, .wasReset, .disconnected: nil
        }
    }
}

extension TransportProtocol {
    /// The protocol's name in the trace.
    public var traceName: String { self == .t0 ? "T=0" : "T=1" }
}

extension ChannelError {
    /// The error's name in the trace; for other PC/SC errors their return code in hexadecimal.
    public var traceName: String {
        switch self {
        case .cardRemoved: "card-removed"
        case .cardReset: "card-reset"
        case .cardUnresponsive: "card-unresponsive"
        case .readerUnavailable: "reader-unavailable"
        case .sharingViolation: "sharing-violation"
        case .serviceUnavailable: "service-unavailable"
        case .serviceSilent: "service-silent"
        case .accessRefused: "access-refused"
        case .noDescriptor: "no-descriptor"
        case .malformedResponse: "malformed-response"
        case .commandTooLong: "command-too-long"
        case .other(let code): "0x" + String(UInt32(truncatingIfNeeded: code), radix: 16, uppercase: true)
        }
    }
}
