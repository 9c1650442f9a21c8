// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// A connection to a card of which all is told to a trace.
final class TracingCardChannel: CardChannel {
    private let channel: any CardChannel
    private let trace: CallTrace
    private let number = CallTrace.nextConnection
    private var exchange = MaskedExchange()

    init(_ channel: any CardChannel, reader: String, trace: CallTrace) {
        self.channel = channel
        self.trace = trace
        tell("connected \(channel.transportProtocol == .t0 ? "T=0" : "T=1") \(reader)")
    }

    var transportProtocol: TransportProtocol { channel.transportProtocol }
    var isUsedByOthers: Bool { channel.isUsedByOthers }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        let continuity = try telling { () throws(ChannelError) in try channel.beginTransaction() }
        exchange.forgetSelection()
        if continuity == .reset { tell("was-reset") }
        return continuity
    }

    func endTransaction() { channel.endTransaction() }

    func endTransactionCuttingPower() throws(ChannelError) {
        tell("reset")
        try telling { () throws(ChannelError) in try channel.endTransactionCuttingPower() }
    }

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        tell("> " + exchange.command(command))
        let response = try telling { () throws(ChannelError) in try channel.transmit(command) }
        tell("< " + exchange.response(response))
        return response
    }

    func look() -> CardContinuity? { channel.look() }

    func cutPower(patience: Int) throws(ChannelError) {
        tell("reset")
        try telling { () throws(ChannelError) in try channel.cutPower(patience: patience) }
    }

    func disconnect() {
        tell("disconnected")
        channel.disconnect()
    }

    var pinPad: (any PINPad)? { channel.pinPad.map { TracingPINPad(pad: $0, tell: tell) } }

    private func tell(_ text: String) { trace.write("card \(number) \(text)") }

    private func telling<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            tell("failed \(error.name)")
            throw error
        }
    }
}

/// A keypad of which the commands are told, without the code that is typed.
private struct TracingPINPad: PINPad {
    let pad: any PINPad
    let tell: (String) -> Void

    var takesNewCodes: Bool { pad.takesNewCodes }

    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try telling(entry) { () throws(ChannelError) in try pad.verify(entry) }
    }

    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try telling(entry) { () throws(ChannelError) in try pad.modify(entry) }
    }

    private func telling(
        _ entry: PINEntry, _ body: () throws(ChannelError) -> StatusWord
    ) throws(ChannelError) -> StatusWord {
        tell("keypad " + Hexadecimal.encode(entry.header, separator: " "))
        do throws(ChannelError) {
            let status = try body()
            tell("< " + Hexadecimal.encode([status.sw1, status.sw2], separator: " "))
            return status
        } catch {
            tell("failed \(error.name)")
            throw error
        }
    }
}

extension ChannelError {
    /// The case's name; of an error of PC/SC's own the number.
    var name: String {
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
