// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// A connection to a card that logs everything to a trace.
final class TracingCardChannel: CardChannel {
    private let channel: any CardChannel
    private let trace: CallTrace
    private let number = CallTrace.nextConnection
    private var exchange = MaskedExchange()

    init(_ channel: any CardChannel, reader: String, trace: CallTrace) {
        self.channel = channel
        self.trace = trace
        log("connected \(channel.transportProtocol == .t0 ? "T=0" : "T=1") \(reader)")
    }

    var transportProtocol: TransportProtocol { channel.transportProtocol }
    var isUsedByOthers: Bool { channel.isUsedByOthers }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        let continuity = try logging { () throws(ChannelError) in try channel.beginTransaction() }
        exchange.forgetSelection()
        if continuity == .reset { log("was-reset") }
        return continuity
    }

    func endTransaction() { channel.endTransaction() }

    func endTransactionCuttingPower() throws(ChannelError) {
        log("reset")
        try logging { () throws(ChannelError) in try channel.endTransactionCuttingPower() }
    }

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        log("> " + exchange.command(command))
        let response = try logging { () throws(ChannelError) in try channel.transmit(command) }
        log("< " + exchange.response(response))
        return response
    }

    func look() -> CardContinuity? { channel.look() }

    func cutPower(patience: Int) throws(ChannelError) {
        log("reset")
        try logging { () throws(ChannelError) in try channel.cutPower(patience: patience) }
    }

    func disconnect() {
        log("disconnected")
        channel.disconnect()
    }

    var pinPad: (any PINPad)? { channel.pinPad.map { TracingPINPad(pad: $0, log: log) } }

    private func log(_ text: String) { trace.write("card \(number) \(text)") }

    private func logging<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            log("failed \(error.name)")
            throw error
        }
    }
}

/// A keypad that logs its commands, without the PIN.
private struct TracingPINPad: PINPad {
    let pad: any PINPad
    let log: (String) -> Void

    var takesNewPINs: Bool { pad.takesNewPINs }

    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try logging(entry) { () throws(ChannelError) in try pad.verify(entry) }
    }

    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        try logging(entry) { () throws(ChannelError) in try pad.modify(entry) }
    }

    private func logging(
        _ entry: PINEntry, _ body: () throws(ChannelError) -> StatusWord
    ) throws(ChannelError) -> StatusWord {
        log("keypad " + Hexadecimal.encode(entry.header, separator: " "))
        do throws(ChannelError) {
            let status = try body()
            log("< " + Hexadecimal.encode([status.sw1, status.sw2], separator: " "))
            return status
        } catch {
            log("failed \(error.name)")
            throw error
        }
    }
}

extension ChannelError {
    /// The error's name in the trace; for other PC/SC errors the return code.
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
