// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The keypad of a reader, and the person who types on it. Entries are used in order: one
/// for each PIN that the reader asks for, two for a new PIN.
public final class InProcessKeypad: @unchecked Sendable {
    /// What the person does when asked for a PIN.
    public enum Entry: Sendable {
        case digits(String)
        case cancel
        /// Types nothing, until the reader times out.
        case nothing
    }

    /// The entries not yet typed.
    public private(set) var entries: [Entry]
    /// Whether the reader can set new PINs, too.
    public let takesNewPINs: Bool

    /// A keypad on which these entries are typed.
    public init(_ entries: [Entry], takesNewPINs: Bool = true) {
        self.entries = entries
        self.takesNewPINs = takesNewPINs
    }

    fileprivate func next() -> Entry { entries.isEmpty ? .nothing : entries.removeFirst() }
}

/// The keypad as one connection sees it.
struct InProcessPINPad: PINPad {
    let keypad: InProcessKeypad
    let channel: InProcessChannel

    /// A response of the reader itself, not of the card.
    private struct Refusal: Error { let status: StatusWord }

    var takesNewPINs: Bool { keypad.takesNewPINs }

    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try answer(to: entry) { () throws(Refusal) in try block(for: entry) }
    }

    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try answer(to: entry) { () throws(Refusal) in
            let old = entry.carriesOldPIN ? try block(for: entry) : []
            let (new, confirmation) = (try block(for: entry), try block(for: entry))
            guard new == confirmation else { throw Refusal(status: .entriesDiffer) }
            return old + new
        }
    }

    private func block(for entry: PINEntry) throws(Refusal) -> [UInt8] {
        switch keypad.next() {
        case .cancel: throw Refusal(status: .entryCancelled)
        case .nothing: throw Refusal(status: .entryTimedOut)
        case .digits(let digits):
            guard (entry.minimumLength...entry.maximumLength).contains(digits.count) else {
                throw Refusal(status: .entryLengthWrong)
            }
            let padding = max((entry.paddedLength ?? 0) - digits.count, 0)
            return Array(digits.utf8) + [UInt8](repeating: entry.paddingByte, count: padding)
        }
    }

    private func answer(
        to entry: PINEntry, _ data: () throws(Refusal) -> [UInt8]
    ) throws(ChannelError) -> StatusWord {
        let block: [UInt8]
        do throws(Refusal) { block = try data() } catch { return error.status }
        let command = entry.header + [UInt8(block.count)] + block
        return try ResponseAPDU(parsing: channel.transmit(command.span)).status
    }
}
