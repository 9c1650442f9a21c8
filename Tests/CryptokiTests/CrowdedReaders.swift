// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes
import VirtualCPSTestSupport

/// Readers at which another program acts at every moment at which pcscd would let it:
/// before each transaction, after it, and before each command outside of one. For one
/// thread.
final class CrowdedReaders: ReaderService, @unchecked Sendable {
    private let readers: InProcessReaders
    /// What the other program does. It uses the readers themselves.
    private let interruption: () -> Void
    /// How often it did.
    private(set) var interruptions = 0
    /// The commands that came through these readers, in hexadecimal.
    private(set) var commands: [String] = []

    init(_ readers: InProcessReaders, interruption: @escaping () -> Void) {
        self.readers = readers
        self.interruption = interruption
    }

    private func interrupt() {
        interruptions += 1
        interruption()
    }

    func readerNames() throws(ChannelError) -> [String] { try readers.readerNames() }
    func states(of names: [String]) throws(ChannelError) -> [ReaderState] { try readers.states(of: names) }
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) throws(ChannelError) {
        try readers.waitForChange(from: known, milliseconds: milliseconds)
    }
    func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        interrupt()
        return CrowdedChannel(try readers.connect(to: reader), self)
    }
    func cancelWaits() { readers.cancelWaits() }
    func close() { readers.close() }

    private final class CrowdedChannel: CardChannel {
        private let channel: any CardChannel
        private let readers: CrowdedReaders
        private var isInTransaction = false

        init(_ channel: any CardChannel, _ readers: CrowdedReaders) {
            self.channel = channel
            self.readers = readers
        }

        var transportProtocol: TransportProtocol { channel.transportProtocol }
        var isUsedByOthers: Bool { channel.isUsedByOthers }

        func beginTransaction() throws(ChannelError) -> CardContinuity {
            readers.interrupt()
            let continuity = try channel.beginTransaction()
            isInTransaction = true
            return continuity
        }

        func endTransaction() {
            channel.endTransaction()
            isInTransaction = false
            readers.interrupt()
        }

        func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
            if !isInTransaction { readers.interrupt() }
            readers.commands.append(Hexadecimal.encode(command.indices.map { command[$0] }))
            return try channel.transmit(command)
        }

        func look() -> CardContinuity? { channel.look() }
        func cutPower(patience: Int) throws(ChannelError) { try channel.cutPower(patience: patience) }
        func endTransactionCuttingPower() throws(ChannelError) { try channel.endTransactionCuttingPower() }
        func disconnect() { channel.disconnect() }
    }
}
