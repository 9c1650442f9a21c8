// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Sends commands over a channel and does what ISO/IEC 7816-4 asks for until the
/// response is complete: GET RESPONSE after 61xx, the right Le after 6Cxx,
/// command chaining for long data (cards.md §1.3).
public final class CommandExchange {
    /// The connection to the card; nil while there is none.
    public var channel: (any CardChannel)?
    /// The most response bytes to ask for at once, 1 to 256.
    public private(set) var maximumResponseLength: Int
    /// What every card of the kind gives.
    private let provenLength: Int
    /// A larger number that the card may take: the next long READ BINARY tries it.
    private var untriedLength: Int?

    /// No response of these cards comes in nearly as many parts; a card that goes on
    /// announcing more is not followed any further, be it byte by byte.
    private static let mostParts = 64

    /// - Parameters:
    ///   - maximumResponseLength: the most that every card of the kind gives at once.
    ///   - untriedLength: more than that, if the card at hand may give it. It is
    ///     tried with READ BINARY only, which can be repeated; a response that
    ///     could be lost is never asked for in a way that is not proven.
    public init(channel: (any CardChannel)? = nil, maximumResponseLength: Int, untriedLength: Int? = nil) {
        self.channel = channel
        provenLength = min(max(maximumResponseLength, 1), CommandAPDU.maximumResponseLength)
        self.maximumResponseLength = provenLength
        self.untriedLength = untriedLength
    }

    /// The most bytes to ask for in a READ BINARY.
    public var longestReadLength: Int { untriedLength ?? maximumResponseLength }

    /// Takes note of a READ BINARY that returned so many bytes of those wanted. An
    /// answer that is cut just where it always works shows that more does not.
    public func noteRead(of count: Int, wanted: Int) {
        guard let length = untriedLength else { return }
        if count == length { useLongResponses() }
        if count == maximumResponseLength, count < wanted { untriedLength = nil }
    }

    /// Whether more than every card gives is known to come in one answer.
    public private(set) var hasLongResponses = false

    /// From now on asks for the larger number: this card has given it before.
    public func useLongResponses() {
        guard let length = untriedLength else { return }
        maximumResponseLength = length
        untriedLength = nil
        hasLongResponses = true
    }

    /// Goes back to the proven length after a refusal. That can come where more was
    /// given before: in a reader that does not take as much.
    /// - Returns: whether more than that was asked for.
    public func giveUpLongResponses() -> Bool {
        let askedForMore = untriedLength != nil || maximumResponseLength > provenLength
        untriedLength = nil
        maximumResponseLength = provenLength
        hasLongResponses = false
        return askedForMore
    }

    /// Whether responses that nobody asked for are fetched all the same. A card may want
    /// that before it takes the next command; no known one does.
    public private(set) var fetchesEveryResponse = false

    /// Whether the last response that was announced (61xx) was left where it is.
    public private(set) var hasLeftResponse = false

    /// Runs something with every response fetched. That stays so if it succeeds.
    public func fetchingEveryResponse<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = fetchesEveryResponse
        fetchesEveryResponse = true
        do throws(Failure) {
            return try body()
        } catch {
            fetchesEveryResponse = before
            throw error
        }
    }

    /// The complete response to a command.
    public func send(_ command: CommandAPDU) throws(ChannelError) -> ResponseAPDU {
        guard command.data.count <= CommandAPDU.maximumDataLength else { throw .commandTooLong }
        var command = command
        var response = try transmit(command)
        if let length = response.status.correctLength, response.data.isEmpty,
            command.expectedLength != nil || command.data.isEmpty
        {
            command.expectedLength = length
            response = try transmit(command)
        }
        return try fetchRest(of: response, to: command)
    }

    /// Sends a command whose data field is secret and that has no response data
    /// (VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER). It is sent once,
    /// whatever the card answers.
    public func sendSecret(
        _ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: borrowing SecretBytes
    ) throws(ChannelError) -> StatusWord {
        guard data.count <= CommandAPDU.maximumDataLength else { throw .commandTooLong }
        var command = SecretBytes(capacity: 5 + data.count)
        command.append(contentsOf: [cla, ins, p1, p2, UInt8(truncatingIfNeeded: data.count)])
        command.append(data)
        guard let channel else { throw .cardRemoved }
        let bytes = try command.withSpan { (span) throws(ChannelError) in try channel.transmit(span) }
        return try ResponseAPDU(parsing: bytes).status
    }

    /// Sends data of any length by command chaining: blocks of 255 bytes with bit
    /// 5 of CLA set, each of which must be taken with 9000, then the last block.
    public func sendChained(_ command: CommandAPDU) throws(ChannelError) -> ResponseAPDU {
        var last = command
        var rest = command.data[...]
        while rest.count > CommandAPDU.maximumDataLength {
            let block = CommandAPDU(
                command.cla | 0x10, command.ins, command.p1, command.p2,
                data: Array(rest.prefix(CommandAPDU.maximumDataLength)))
            let response = try transmit(block)
            guard response.status.isSuccess else { return response }
            rest = rest.dropFirst(CommandAPDU.maximumDataLength)
        }
        last.data = Array(rest)
        return try send(last)
    }

    /// The last SELECT, if the card took it; nil when another program may have
    /// selected something since.
    public private(set) var lastSelection: CommandAPDU?

    /// To be called where other programs could use the card, and after a reset.
    public func forgetSelection() { lastSelection = nil }

    private func transmit(_ command: CommandAPDU) throws(ChannelError) -> ResponseAPDU {
        guard let channel else { throw .cardRemoved }
        let isSelection = command.ins == 0xA4
        if isSelection { lastSelection = nil }
        let bytes = command.encoded(for: channel.transportProtocol)
        var answer = try channel.transmit(bytes.span)
        defer { answer.wipe() }
        let response = try ResponseAPDU(parsing: answer)
        if isSelection, response.status.isSuccess || response.status.bytesAvailable != nil { lastSelection = command }
        return response
    }

    /// Follows 61xx (and 9Fxx of the CPS2ter application) with GET RESPONSE.
    private func fetchRest(of first: ResponseAPDU, to command: CommandAPDU) throws(ChannelError) -> ResponseAPDU {
        var response = first
        var parts = 1
        hasLeftResponse = false
        while let available = bytesWaiting(response.status) {
            guard command.expectedLength != nil || fetchesEveryResponse else {
                hasLeftResponse = true
                return ResponseAPDU(data: response.data, status: .success)
            }
            var next = try transmit(getResponse(available, after: command))
            if let length = next.status.correctLength {
                next = try transmit(getResponse(length, after: command))
            }
            if next.status == .wrongLength, next.data.isEmpty, available > provenLength, giveUpLongResponses() {
                next = try transmit(getResponse(available, after: command))
            }
            guard !next.data.isEmpty || !isWaiting(next.status) else { throw .malformedResponse }
            response.data.appendLeavingNothing(next.data)
            next.data.wipe()
            response.status = next.status
            parts += 1
            guard parts <= CommandExchange.mostParts else { throw .malformedResponse }
        }
        return response
    }

    private func getResponse(_ length: Int, after command: CommandAPDU) -> CommandAPDU {
        // The class of the command without the chaining bit.
        CommandAPDU(command.cla & ~0x10, 0xC0, 0, 0, expectedLength: min(length, maximumResponseLength))
    }

    private func isWaiting(_ status: StatusWord) -> Bool { bytesWaiting(status) != nil }

    private func bytesWaiting(_ status: StatusWord) -> Int? {
        if status.sw1 == 0x9F { return status.sw2 == 0 ? 256 : Int(status.sw2) }
        return status.bytesAvailable
    }
}
