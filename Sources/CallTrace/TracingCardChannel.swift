// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// A connection to a card that logs everything to a trace.
final class TracingCardChannel: CardChannel {
    private let channel: any CardChannel
    private let trace: CallTrace
    private let number = CallTrace.nextConnection
    private var exchange = MaskedExchange()

    init(_ channel: any CardChannel, reader: String, trace: CallTrace) {
        self.channel = channel
        self.trace = trace
        log(.connected(channel.transportProtocol, reader: reader))
    }

    var transportProtocol: TransportProtocol { channel.transportProtocol }
    var isUsedByOthers: Bool { channel.isUsedByOthers }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        let continuity = try logging { () throws(ChannelError) in try channel.beginTransaction() }
        exchange.forgetSelection()
        if continuity == .reset { log(.wasReset) }
        return continuity
    }

    func endTransaction() { channel.endTransaction() }

    func endTransactionCuttingPower() throws(ChannelError) {
        log(.reset)
        try logging { () throws(ChannelError) in try channel.endTransactionCuttingPower() }
    }

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        log(.command(exchange.command(command)))
        let response = try logging { () throws(ChannelError) in try channel.transmit(command) }
        log(.response(exchange.response(response)))
        return response
    }

    func look() -> CardContinuity? { channel.look() }

    func cutPower(patience: Int) throws(ChannelError) {
        log(.reset)
        try logging { () throws(ChannelError) in try channel.cutPower(patience: patience) }
    }

    func disconnect() {
        log(.disconnected)
        channel.disconnect()
    }

    var pinPad: (any PINPad)? { channel.pinPad.map { TracingPINPad(pad: $0, log: log) } }

    private func log(_ event: TraceLine.CardEvent) { trace.log(.card(number, event)) }

    private func logging<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            log(.failed(error))
            throw error
        }
    }
}

/// A keypad that logs its commands, without the PIN.
private struct TracingPINPad: PINPad {
    let pad: any PINPad
    let log: (TraceLine.CardEvent) -> Void

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
        log(.keypad(MaskedBytes(entry.header.map { .byte($0) })))
        do throws(ChannelError) {
            let status = try body()
            log(.response(MaskedBytes([.byte(status.sw1), .byte(status.sw2)])))
            return status
        } catch {
            log(.failed(error))
            throw error
        }
    }
}
