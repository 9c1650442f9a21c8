// SPDX-License-Identifier: Apache-2.0

import CallTrace
import ISO7816

extension TraceLine {
    /// Parses a line.
    /// - Returns: nil if the text is not a line of a trace.
    init?(_ text: String) {
        let words = text.split(separator: " " as Character, omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 4 else { return nil }
        let clock = words[0].split(separator: ".")
        let ids = words[1].split(separator: "/")
        guard clock.count == 2, clock[1].utf8.count == 6, let seconds = Int(clock[0]), let fraction = Int(clock[1]),
            seconds >= 0, seconds < Int.max / 2_000_000, fraction >= 0, ids.count == 2,
            let process = Int(ids[0]), let thread = Int(ids[1]), let event = Event(Array(words[2...]))
        else { return nil }
        self.init(time: seconds * 1_000_000 + fraction, process: process, thread: thread, event: event)
    }
}

extension TraceLine.Event {
    /// - Parameter words: two words or more.
    fileprivate init?(_ words: [String]) {
        func rest(from index: Int) -> String { words.dropFirst(index).joined(separator: " ") }
        switch TraceLine.Word(rawValue: words[0]) {
        case .call:
            self = .call(function: words[1], arguments: rest(from: 2))
        case .done:
            guard words.count >= 4, let duration = Int(words[3]) else { return nil }
            self = .done(function: words[1], code: words[2], microseconds: duration, results: rest(from: 4))
        case .readers:
            guard words.count == 3, TraceLine.Word(rawValue: words[1]) == .failed,
                let error = ChannelError(traceName: words[2])
            else { return nil }
            self = .readersFailed(error)
        case .card:
            guard words.count >= 3, let card = Int(words[1]), let event = TraceLine.CardEvent(words[2], words[3...])
            else { return nil }
            self = .card(card, event)
        default:
            return nil
        }
    }
}

extension TraceLine.CardEvent {
    fileprivate init?(_ word: String, _ detail: ArraySlice<String>) {
        switch TraceLine.Word(rawValue: word) {
        case .command: self = .command(MaskedBytes(words: detail))
        case .keypad: self = .keypad(MaskedBytes(words: detail))
        case .response: self = .response(MaskedBytes(words: detail))
        case .reset: self = .reset
        case .wasReset: self = .wasReset
        case .disconnected: self = .disconnected
        case .connected:
            let protocols: [TransportProtocol] = [.t0, .t1]
            guard let transport = protocols.first(where: { $0.traceName == detail.first }) else { return nil }
            self = .connected(transport, reader: detail.dropFirst().joined(separator: " "))
        case .failed:
            guard let name = detail.first, let error = ChannelError(traceName: name) else { return nil }
            self = .failed(error)
        case .call, .done, .card, .readers, nil: return nil
        }
    }
}

extension ChannelError {
    /// All errors that have a name of their own in a trace.
    static let named: [ChannelError] = [
        .cardRemoved, .cardReset, .cardUnresponsive, .readerUnavailable, .sharingViolation, .serviceUnavailable,
        .serviceSilent, .accessRefused, .noDescriptor, .malformedResponse, .commandTooLong,
    ]

    fileprivate init?(traceName: String) {
        if let error = ChannelError.named.first(where: { $0.traceName == traceName }) {
            self = error
        } else if traceName.hasPrefix("0x"), let code = UInt32(traceName.dropFirst(2), radix: 16) {
            self = .other(Int(code))
        } else {
            return nil
        }
    }
}
