// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Sends commands over a channel until the response is complete (ISO/IEC 7816-4): GET RESPONSE after 61xx, the
/// correct Le after 6Cxx, command chaining for long data (cards.md §1.3).
public final class CommandExchange {
    /// The connection to the card; nil if there is none.
    public var channel: (any CardChannel)?
    /// The most response bytes to request at once, 1 to 256.
    public private(set) var maximumResponseLength: Int
    /// The response length that every card of this kind supports.
    private let provenLength: Int
    /// A longer response that the card may support. The next long READ BINARY tries it.
    private var untriedLength: Int?

    /// The most parts of one response. No response of these cards is nearly as long; a card that announces more parts
    /// is stopped here.
    private static let mostParts = 64

    /// Makes an exchange.
    /// - Parameters:
    ///   - maximumResponseLength: the response length that every card of this kind supports.
    ///   - untriedLength: a longer response that this card may support. Only READ BINARY tries it, since it can be
    ///     repeated: no response can get lost.
    public init(channel: (any CardChannel)? = nil, maximumResponseLength: Int, untriedLength: Int? = nil) {
        self.channel = channel
        provenLength = min(max(maximumResponseLength, 1), CommandAPDU.maximumResponseLength)
        self.maximumResponseLength = provenLength
        self.untriedLength = untriedLength
    }

    /// The most bytes to request in a READ BINARY.
    public var longestReadLength: Int { untriedLength ?? maximumResponseLength }

    /// Notes the result of a READ BINARY. A response that ends exactly at the proven length shows that longer ones do
    /// not work.
    public func noteRead(of count: Int, wanted: Int) {
        guard let length = untriedLength else { return }
        if count == length { useLongResponses() }
        if count == maximumResponseLength, count < wanted { untriedLength = nil }
    }

    /// Whether this card is known to support the longer responses.
    public private(set) var hasLongResponses = false

    /// Requests longer responses from now on: this card has returned them before.
    public func useLongResponses() {
        guard let length = untriedLength else { return }
        maximumResponseLength = length
        untriedLength = nil
        hasLongResponses = true
    }

    /// Returns to the proven length after a refusal. A card that supports more can be in a reader that does not.
    /// - Returns: whether more than the proven length was requested.
    public func giveUpLongResponses() -> Bool {
        let askedForMore = untriedLength != nil || maximumResponseLength > provenLength
        untriedLength = nil
        maximumResponseLength = provenLength
        hasLongResponses = false
        return askedForMore
    }

    /// Whether responses are fetched even if the caller does not want them. A card might require that before the next
    /// command; no known card does.
    public private(set) var fetchesEveryResponse = false

    /// Whether the last announced response (61xx) was left unfetched.
    public private(set) var hasLeftResponse = false

    /// Runs `body` with every response fetched. If `body` succeeds, this mode stays on.
    /// - Throws: what `body` throws; the earlier mode is back then.
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

    /// Sends a command and returns the complete response.
    /// - Throws: `.commandTooLong` for more than 255 bytes of data, `.cardRemoved` without a connection,
    ///   `.malformedResponse`, and what the channel throws.
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

    /// Sends a command with a secret data field and no response data (VERIFY, CHANGE REFERENCE DATA, RESET RETRY
    /// COUNTER). It is sent exactly once, whatever the card answers.
    /// - Throws: as `send`.
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

    /// Sends data of any length by command chaining: blocks of 255 bytes with bit 5 of CLA set, then the last block.
    /// Stops at the first block that is not answered with 9000.
    /// - Throws: as `send`.
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

    /// The last SELECT, if it succeeded; nil if another program may have selected something since.
    public private(set) var lastSelection: CommandAPDU?

    /// To be called when other programs could use the card, and after a reset.
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
        // The class byte without the chaining bit.
        CommandAPDU(command.cla & ~0x10, 0xC0, 0, 0, expectedLength: min(length, maximumResponseLength))
    }

    private func isWaiting(_ status: StatusWord) -> Bool { bytesWaiting(status) != nil }

    private func bytesWaiting(_ status: StatusWord) -> Int? {
        if status.sw1 == 0x9F { return status.sw2 == 0 ? 256 : Int(status.sw2) }
        return status.bytesAvailable
    }
}
