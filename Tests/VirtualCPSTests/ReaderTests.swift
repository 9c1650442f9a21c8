// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import ISO7816
import Testing
import VirtualCPSTestSupport

@testable import VirtualCPS

/// Runs something that may block on a thread of its own: the threads of tasks
/// are as many as the processors, and blocking them stops all tests.
final class BackgroundCall: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var error: ChannelError?

    init(_ body: @escaping @Sendable () throws(ChannelError) -> Void) {
        Thread.detachNewThread {
            do throws(ChannelError) { try body() } catch { self.error = error }
            self.done.signal()
        }
    }

    /// Waits for the end, at most a minute; what was thrown.
    func result() -> ChannelError? {
        guard done.wait(timeout: .now() + 60) == .success else {
            Issue.record("not at its end after a minute")
            return nil
        }
        return error
    }
}

/// The readers of this process behave like pcscd's.
@Suite(.timeLimit(.minutes(5))) struct ReaderTests {
    static let reader = "Virtual Reader 00"
    static let selectSerial: [UInt8] = [0x00, 0xA4, 0x09, 0x0C, 0x04, 0x3F, 0x00, 0xD0, 0x03]
    static let read: [UInt8] = [0x00, 0xB0, 0x00, 0x00, 0x02]

    private func inserted() throws -> (InProcessReaders, any CardChannel) {
        let readers = InProcessReaders()
        readers.insert(try TestCard().card, into: Self.reader)
        return (readers, try readers.connect(to: Self.reader))
    }

    @Test("states and events of a reader")
    func states() throws {
        let readers = InProcessReaders()
        #expect(try readers.readerNames() == [Self.reader])
        #expect(try readers.states(of: [Self.reader, "other"]).map(\.presence) == [.noCard, .noReader])
        #expect(throws: ChannelError.cardRemoved) { _ = try readers.connect(to: Self.reader) }
        #expect(throws: ChannelError.readerUnavailable) { _ = try readers.connect(to: "other") }
        let card = try TestCard().card
        readers.insert(card, into: Self.reader)
        let state = try readers.states(of: [Self.reader])[0]
        #expect(state.presence == .card(atr: card.atr) && state.eventCount == 1)
        readers.insert(card, into: Self.reader)
        #expect(try readers.states(of: [Self.reader])[0].eventCount == 3)
        readers.insert(nil, into: Self.reader)
        #expect(try readers.states(of: [Self.reader])[0].presence == .muteCard)
        #expect(throws: ChannelError.cardUnresponsive) { _ = try readers.connect(to: Self.reader) }
        readers.setServiceRunning(false)
        #expect(throws: ChannelError.serviceUnavailable) { _ = try readers.readerNames() }
    }

    @Test("a connection ends with the card, also when the card comes back")
    func removal() throws {
        let (readers, channel) = try inserted()
        #expect(try channel.beginTransaction() == .same)
        #expect(try channel.transmit(Self.selectSerial.span) == [0x90, 0x00])
        let card = try TestCard().card
        readers.insert(card, into: Self.reader)
        #expect(throws: ChannelError.cardRemoved) { _ = try channel.transmit(Self.read.span) }
        #expect(throws: ChannelError.cardRemoved) { _ = try channel.beginTransaction() }
        channel.disconnect()
        readers.removeReader(Self.reader)
        #expect(throws: ChannelError.readerUnavailable) { _ = try channel.transmit(Self.read.span) }
    }

    @Test("a cut of the power is told to the other connections: when they look, and at their next transaction")
    func reset() throws {
        let (readers, first) = try inserted()
        let second = try readers.connect(to: Self.reader)
        #expect(first.look() == .same)
        try first.cutPower(patience: 0)
        #expect(first.look() == .same && second.look() == .reset)
        #expect(try first.beginTransaction() == .same)
        #expect(second.look() == .reset)
        first.endTransaction()
        #expect(throws: ChannelError.cardReset) { _ = try second.transmit(Self.read.span) }
        #expect(try second.beginTransaction() == .reset)
        second.endTransaction()
        #expect(try second.beginTransaction() == .same)
        second.endTransaction()
        readers.resetCard(in: Self.reader)
        #expect(try first.beginTransaction() == .reset)
    }

    @Test("faults come at their APDU, and everything is recorded")
    func faults() throws {
        let (readers, channel) = try inserted()
        readers.inject(.status(StatusWord(rawValue: 0x6F00)), atAPDU: 2, in: Self.reader)
        readers.inject(.garbage([0x01]), atAPDU: 3, in: Self.reader)
        readers.inject(.truncate(3), atAPDU: 4, in: Self.reader)
        readers.inject(.delay(milliseconds: 20), atAPDU: 5, in: Self.reader)
        readers.inject(.resetCard, atAPDU: 6, in: Self.reader)
        #expect(try channel.transmit(Self.selectSerial.span) == [0x90, 0x00])
        #expect(try channel.transmit(Self.read.span) == [0x5A, 0x0A, 0x6F, 0x00])
        #expect(throws: ChannelError.malformedResponse) { _ = try channel.transmit(Self.read.span) }
        #expect(try channel.transmit(Self.read.span) == [0x5A, 0x0A, 0x90])
        let before = Date()
        #expect(try channel.transmit(Self.read.span) == [0x5A, 0x0A, 0x90, 0x00])
        #expect(Date().timeIntervalSince(before) >= 0.02)
        #expect(throws: ChannelError.cardReset) { _ = try channel.transmit(Self.read.span) }
        #expect(try channel.beginTransaction() == .reset)
        #expect(try channel.transmit(Self.read.span) == [0x69, 0x86])
        readers.inject(.removeCard, atAPDU: 1, in: Self.reader)
        #expect(throws: ChannelError.cardRemoved) { _ = try channel.transmit(Self.read.span) }
        #expect(try readers.states(of: [Self.reader])[0].presence == .noCard)
        #expect(readers.exchanges.count == 8)
        #expect(readers.exchanges.last?.response == nil)
        #expect(readers.commands.first == "00A4090C043F00D003")
    }

    @Test("a transaction keeps the others waiting until it ends, or the card goes")
    func transactions() throws {
        let (readers, first) = try inserted()
        _ = try first.beginTransaction()
        let waiting = BackgroundCall { () throws(ChannelError) in
            _ = try readers.connect(to: Self.reader).transmit(Self.selectSerial.span)
        }
        Thread.sleep(forTimeInterval: 0.05)
        #expect(readers.exchanges.isEmpty)
        first.endTransaction()
        #expect(waiting.result() == nil)
        #expect(readers.exchanges.count == 1)

        _ = try first.beginTransaction()
        let other = BackgroundCall { () throws(ChannelError) in
            _ = try readers.connect(to: Self.reader).beginTransaction()
        }
        Thread.sleep(forTimeInterval: 0.05)
        readers.removeCard(from: Self.reader)
        #expect(other.result() == .cardRemoved)
    }

    @Test("a wait ends by an insertion, by a new reader, by time, by cancellation")
    func waits() throws {
        let readers = InProcessReaders()
        func wait(_ act: () -> Void) throws -> TimeInterval {
            let known = [(reader: Self.reader, state: try readers.states(of: [Self.reader])[0])]
            let before = Date()
            let background = BackgroundCall { () throws(ChannelError) in
                try readers.waitForChange(from: known, milliseconds: 60_000)
            }
            Thread.sleep(forTimeInterval: 0.05)
            act()
            #expect(background.result() == nil)
            return Date().timeIntervalSince(before)
        }
        let known = [(reader: Self.reader, state: try readers.states(of: [Self.reader])[0])]
        let before = Date()
        try readers.waitForChange(from: known, milliseconds: 50)
        #expect(Date().timeIntervalSince(before) >= 0.045)
        #expect(try wait { readers.addReader("second") } < 30)
        readers.removeReader("second")
        #expect(try wait { readers.insert(nil, into: Self.reader) } < 30)
        #expect(try wait { readers.cancelWaits() } < 30)
        #expect(try wait {} < 30)
    }

    @Test("another program holds the card for itself")
    func exclusive() throws {
        let (readers, _) = try inserted()
        readers.setExclusive(true, in: Self.reader)
        #expect(throws: ChannelError.sharingViolation) { _ = try readers.connect(to: Self.reader) }
        readers.setExclusive(false, in: Self.reader)
        _ = try readers.connect(to: Self.reader)
    }
}
