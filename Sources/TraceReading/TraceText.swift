// SPDX-License-Identifier: Apache-2.0

import CallTrace
import ISO7816
import Messages

/// Formats a trace for people: each call on one line; below it the commands that it sent to
/// the card with their status words, then the result.
///
///     C_GetSlotInfo slot=0 = CKR_OK (31 µs)
///     C_Login session=1 user=CKU_USER pin=**
///         SELECT 3F00/0001                        90 00 done
///         VERIFY PIN 01 ****                      63 C2 wrong PIN, 2 tries left
///       = CKR_PIN_INCORRECT (1.6 ms)
public struct TraceText {
    /// The process whose lines have no number in front.
    private let process: Int
    /// Whether the bytes of commands and responses are printed, too.
    private let showsBytes: Bool
    private var threads: [String: Thread] = [:]
    /// The sums over all lines so far.
    public private(set) var totals = Totals()

    /// The state of one thread.
    private struct Thread {
        /// A call that has not returned, as text; nil once it was printed.
        var call: String?
        var isInCall = false
        /// A command without its response yet, and the time when it was sent.
        var command: (text: String, asksForTries: Bool, bytes: String, time: Int)?
    }

    /// Sums over a trace, for its last lines.
    public struct Totals: Equatable, Sendable {
        /// Calls started, in all threads and processes.
        public var calls = 0
        /// Calls that returned anything but CKR_OK.
        public var failedCalls = 0
        /// Total time in calls, in microseconds.
        public var callTime = 0
        /// Commands sent to a card, including PINs typed on a keypad.
        public var commands = 0
        /// Total time from a command to its response or failure, in microseconds.
        public var cardTime = 0
        /// Bytes of commands, without those that a keypad builds.
        public var bytesSent = 0
        /// Bytes of responses, including status words.
        public var bytesReceived = 0
    }

    /// - Parameters:
    ///   - process: the ID of the traced process.
    ///   - showsBytes: whether to print the bytes of commands and responses, too.
    public init(process: Int, showsBytes: Bool = false) {
        self.process = process
        self.showsBytes = showsBytes
    }

    /// Adds one line of the trace. Text that is not a line of a trace is ignored.
    /// - Returns: the lines to print, possibly none.
    public mutating func add(_ text: String) -> [String] {
        guard let line = TraceLine(text) else { return [] }
        let key = "\(line.process)/\(line.thread)"
        let prefix = prefix(of: line)
        var thread = threads[key] ?? Thread()
        defer { threads[key] = thread }
        return lines(for: line, &thread).map { prefix + $0 }
    }

    /// The lines for calls and commands that have not ended.
    /// - Parameter atEnd: whether the trace has ended; otherwise only calls are printed.
    public mutating func rest(atEnd: Bool) -> [String] {
        var lines: [String] = []
        for (key, thread) in threads.sorted(by: { $0.key < $1.key }) {
            let ids = key.split(separator: "/").compactMap { Int($0) }
            let prefix = prefix(process: ids[0], thread: ids[1])
            if let call = thread.call { lines.append(prefix + call) }
            threads[key]?.call = nil
            if atEnd, let command = thread.command {
                lines.append(
                    prefix + TraceText.indent + command.text + Message("  (no answer)", fr: "  (pas de réponse)").text)
            }
            if atEnd, thread.isInCall {
                lines.append(prefix + "  " + Message("(did not return)", fr: "(n'est pas revenu)").text)
            }
        }
        return lines
    }

    private static let indent = "    "
    /// The column of the status words.
    private static let column = 48

    private func prefix(of line: TraceLine) -> String { prefix(process: line.process, thread: line.thread) }

    private func prefix(process: Int, thread: Int) -> String {
        if process == self.process { return thread == process ? "" : "[/\(thread)] " }
        return thread == process ? "[\(process)] " : "[\(process)/\(thread)] "
    }

    private mutating func lines(for line: TraceLine, _ thread: inout Thread) -> [String] {
        switch line.event {
        case .call(let function, let arguments):
            totals.calls += 1
            let before = thread.call.map { [$0] } ?? []
            thread = Thread(call: function + (arguments.isEmpty ? "" : " " + arguments), isInCall: true)
            return before
        case .done(_, let code, let duration, let results):
            totals.callTime += duration
            if code != "CKR_OK" { totals.failedCalls += 1 }
            let result =
                "= \(code)" + (results.isEmpty ? "" : " " + results) + " (\(Duration.text(microseconds: duration)))"
            defer { thread = Thread() }
            return [thread.call.map { "\($0) \(result)" } ?? "  " + result]
        case .card(_, let event): return lines(for: event, at: line.time, &thread)
        case .readersFailed(let error): return opened(&thread) + [TraceText.indent + TraceText.failure(error)]
        }
    }

    private mutating func lines(for event: TraceLine.CardEvent, at time: Int, _ thread: inout Thread) -> [String] {
        switch event {
        case .command(let bytes):
            totals.commands += 1
            totals.bytesSent += bytes.count
            thread.command = (
                CommandDescription.text(of: bytes), CommandDescription.asksForTries(bytes), bytes.text, time
            )
            return opened(&thread)
        case .keypad(let header):
            totals.commands += 1
            thread.command = (CommandDescription.text(ofKeypad: header), false, header.text, time)
            return opened(&thread)
        case .response(let bytes):
            totals.bytesReceived += bytes.count
            return opened(&thread) + answered(bytes, time, &thread)
        case .connected, .failed, .reset, .wasReset, .disconnected:
            var lines = opened(&thread)
            if let command = thread.command {
                // The command failed without a response.
                lines.append(TraceText.indent + command.text)
                totals.cardTime += max(time - command.time, 0)
                thread.command = nil
            }
            return lines + [TraceText.indent + TraceText.words(for: event)]
        }
    }

    /// The line of the call, if it was not printed yet.
    private func opened(_ thread: inout Thread) -> [String] {
        defer { thread.call = nil }
        return thread.call.map { [$0] } ?? []
    }

    private mutating func answered(_ bytes: MaskedBytes, _ time: Int, _ thread: inout Thread) -> [String] {
        let command = thread.command ?? (text: "?", asksForTries: false, bytes: "", time: time)
        thread.command = nil
        totals.cardTime += max(time - command.time, 0)
        var answer = bytes.text
        if let status = bytes.status.map(StatusWord.init(rawValue:)) {
            let word = status.description
            let meaning = StatusDescription.message(of: status, isCounter: command.asksForTries)
            answer = "\(word.prefix(2)) \(word.suffix(2)) \(meaning.text)"
            let count = bytes.count - 2
            if count > 0 { answer += Message(", \(count) bytes", fr: ", \(count) octets").text }
        }
        let space = String(repeating: " ", count: max(TraceText.column - command.text.count, 2))
        var lines = [TraceText.indent + command.text + space + answer]
        if showsBytes {
            lines.append(TraceText.indent + TraceText.indent + "> " + command.bytes)
            lines.append(TraceText.indent + TraceText.indent + "< " + bytes.text)
        }
        return lines
    }

    // MARK: Events

    /// An event that is neither a command nor a response.
    private static func words(for event: TraceLine.CardEvent) -> String {
        switch event {
        case .connected(let transport, let reader):
            Message(
                "connected: \(transport.traceName) \(reader)", fr: "connecté : \(transport.traceName) \(reader)"
            ).text
        case .disconnected: Message("disconnected", fr: "déconnecté").text
        case .reset: Message("card reset: it forgets the PIN", fr: "carte réinitialisée : elle oublie les codes").text
        case .wasReset: ChannelError.cardReset.message.text
        case .failed(let error): failure(error)
        case .command(let bytes), .keypad(let bytes), .response(let bytes): bytes.text
        }
    }

    private static func failure(_ error: ChannelError) -> String {
        Message("failed: \(error.message.english)", fr: "échec : \(error.message.french)").text
    }
}

extension ChannelError {
    /// What happened, in a few words.
    fileprivate var message: Message {
        switch self {
        case .cardRemoved: Message("the card was taken out", fr: "la carte a été retirée")
        case .cardReset:
            Message("another program has reset the card", fr: "un autre logiciel a réinitialisé la carte")
        case .cardUnresponsive: Message("the card does not answer", fr: "la carte ne répond pas")
        case .readerUnavailable: Message("the reader was unplugged", fr: "le lecteur a été débranché")
        case .sharingViolation:
            Message("another program holds the card exclusively", fr: "un autre logiciel garde la carte pour lui seul")
        case .serviceUnavailable: Message("pcscd cannot be reached", fr: "pcscd est injoignable")
        case .serviceSilent: Message("pcscd does not answer", fr: "pcscd ne répond pas")
        case .accessRefused: Message("pcscd refuses this user", fr: "pcscd refuse cet utilisateur")
        case .noDescriptor: Message("too many files are open", fr: "trop de fichiers sont ouverts")
        case .malformedResponse: Message("not a valid card response", fr: "réponse qui n'en est pas une")
        case .commandTooLong: Message("the command is too long", fr: "commande trop longue")
        case .other: Message("PC/SC \(traceName)", fr: "PC/SC \(traceName)")
        }
    }
}

extension TraceText.Totals {
    /// The sums in one line.
    public var message: Message {
        let (inCalls, onCard) = (Duration.text(microseconds: callTime), Duration.text(microseconds: cardTime))
        return Message(
            "\(calls) calls (\(failedCalls) failed) in \(inCalls); \(commands) commands in \(onCard), "
                + "\(bytesSent) bytes sent, \(bytesReceived) received",
            fr: "\(calls) appels (\(failedCalls) en échec) en \(inCalls) ; \(commands) commandes en \(onCard), "
                + "\(bytesSent) octets envoyés, \(bytesReceived) reçus")
    }
}

/// Formats a duration as µs, ms or s, with two or three significant digits.
enum Duration {
    static func text(microseconds: Int) -> String {
        let time = max(microseconds, 0)
        if time < 1000 { return "\(time) µs" }
        let (unit, tenths) = time < 1_000_000 ? ("ms", time / 100) : ("s", time / 100_000)
        if tenths >= 1000 { return "\(tenths / 10) \(unit)" }
        let point = Message(".", fr: ",").text
        return "\(tenths / 10)\(point)\(tenths % 10) \(unit)"
    }
}
