// SPDX-License-Identifier: Apache-2.0

import CPCSC
import HostSystem
import ISO7816
import Synchronization

/// The readers that pcscd serves. A context that pcscd dropped (it was restarted)
/// is replaced at the next call; without a pcscd there are no readers. While a pcscd
/// does not answer, every call ends in `ChannelError.serviceSilent`.
public final class PCSCReaderService: ReaderService {
    private let daemon: DaemonConnection
    private let listing = Lock<ContextBox?>(nil)
    private let muteReaders: MuteReaders
    private let isCancelled = Atomic<Bool>(false)
    /// The contexts that threads wait on at the moment.
    private let waiting = Lock<[SCARDCONTEXT]>([])
    /// The number of reader events that the last wait ended with; 0 before the first.
    private let readerEvents = Atomic<UInt32>(0)

    /// A context in a place that can be empty.
    private final class ContextBox: Sendable {
        let context: PCSCContext
        init(_ daemon: DaemonConnection) throws(ChannelError) { context = try PCSCContext(daemon) }
    }

    /// Nothing is asked of pcscd before the first call.
    /// - Parameter patience: how long the first missing answer of pcscd is waited for, in
    ///   milliseconds.
    public init(patience: Int = 1000) {
        daemon = DaemonConnection(patience: patience)
        muteReaders = MuteReaders(daemon)
    }

    /// The names that pcscd lists now, empty without a reader. A pcscd that was restarted is connected to again.
    /// - Throws: `ChannelError.serviceUnavailable` when there is no pcscd, `.serviceSilent` while it does not
    ///   answer, `.accessRefused` when it refuses this user, `.noDescriptor` when no connection to it can be opened.
    public func readerNames() throws(ChannelError) -> [String] {
        try withListingContext { (context) throws(ChannelError) in try context.readerNames() }
    }

    /// The states now, in the order of the names. A reader that was unplugged counts as `.noReader`. Of several
    /// readers those with a mute card may be told as they were a second ago.
    /// - Throws: as `readerNames`.
    public func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        if readers.isEmpty { return [] }
        let mute = try muteReaders.states(of: readers)
        let others = readers.filter { !mute.keys.contains($0) }
        let seen = others.isEmpty ? [] : try listedStates(of: others)
        muteReaders.note(zip(others, seen))
        let byName = Dictionary(zip(others, seen), uniquingKeysWith: { first, _ in first })
        // checked: dictionaries
        return readers.map { mute[$0] ?? byName[$0] ?? ReaderState(presence: .noReader, eventCount: 0) }
    }

    private func listedStates(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        try withListingContext { (context) throws(ChannelError) in
            do throws(ChannelError) {
                return try context.states(of: readers)
            } catch .readerUnavailable {
                // One of them is gone, and pcscd does not say which.
                let present = Set(try context.readerNames())
                let known = readers.filter(present.contains)
                let states = known.isEmpty ? [] : try context.states(of: known)
                let byName = Dictionary(zip(known, states), uniquingKeysWith: { first, _ in first })
                // checked: a dictionary
                return readers.map { byName[$0] ?? ReaderState(presence: .noReader, eventCount: 0) }
            }
        }
    }

    /// The longest wait in one call to pcscd, in milliseconds. `cancelWaits` ends it
    /// earlier; the limit is for a cancellation that does not get through.
    private static let waitSlice = 1000

    /// Without a pcscd there is nothing to wait on: then the time passes, and the
    /// caller looks again.
    public func waitForChange(
        from known: [(reader: String, state: ReaderState)], milliseconds: Int
    ) throws(ChannelError) {
        let readers = known.map { (name: $0.reader, event: $0.state.eventWord) }
        let deadline = Deadline(milliseconds: milliseconds)
        do throws(ChannelError) {
            try daemon.requireAnswer()
            let box = try context()
            try withWaiting(on: box.context.handle) { () throws(ChannelError) in
                while deadline.left > 0, !isCancelled.load(ordering: .acquiring) {
                    var events = readerEvents.load(ordering: .relaxed)
                    defer { readerEvents.store(events, ordering: .relaxed) }
                    let slice = min(deadline.left, PCSCReaderService.waitSlice)
                    try daemon.requireAnswer()
                    if try box.context.waitForChange(of: readers, readerEvents: &events, milliseconds: slice) {
                        muteReaders.forget()
                        return
                    }
                }
            }
        } catch {
            let isOver: Bool =
                switch error {
                case .serviceUnavailable, .serviceSilent, .accessRefused: false
                default: true
                }
            let pause = isOver ? PCSCReaderService.pauseStep : PCSCReaderService.waitSlice
            let end = Deadline(milliseconds: min(deadline.left, pause))
            while end.left > 0, !isCancelled.load(ordering: .acquiring) {
                end.pause(milliseconds: PCSCReaderService.pauseStep)
            }
        }
    }

    /// Where there is no pcscd to wait on, in milliseconds: how often a thread looks
    /// whether its wait was cancelled.
    private static let pauseStep = 50

    /// Runs a wait on a context, which `cancelWaits` can end in the meantime.
    private func withWaiting(
        on context: SCARDCONTEXT, _ body: () throws(ChannelError) -> Void
    ) throws(ChannelError) {
        waiting.withLock { $0.append(context) }
        defer { waiting.withLock { $0.removeAll { $0 == context } } }
        try body()
    }

    /// Ends all waits, and those to come. May be called from any thread, and cannot be undone.
    public func cancelWaits() {
        isCancelled.store(true, ordering: .releasing)
        // pcsc-lite forgets a cancellation that comes before the wait has begun, so it is
        // repeated until no thread waits any more. The lock keeps the contexts alive.
        let deadline = Deadline(milliseconds: PCSCReaderService.waitSlice)
        while deadline.left > 0, !waiting.withLock({ $0.isEmpty }) {
            // A pcscd that does not answer would not take the cancellation either.
            guard (try? daemon.requireAnswer()) != nil else { return }
            waiting.withLock { contexts in for context in contexts { SCardCancel(context) } }
            deadline.pause(milliseconds: PCSCReaderService.cancellationStep)
        }
    }

    /// The time between two cancellations, in milliseconds.
    private static let cancellationStep = 5

    /// Connects in shared mode, with T=0 or T=1 as the card likes, over a context of its own, so that a slow card
    /// holds no other one up.
    /// - Throws: `ChannelError`, `.sharingViolation` for a card that another program holds for itself and
    ///   `.accessRefused` for one that pcscd keeps from this user among them.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        try daemon.requireAnswer()
        do throws(ChannelError) {
            return try PCSCCardChannel(reader: reader, daemon)
        } catch {
            // A pcscd that ends the conversation and goes on answering refuses the card to
            // this user (polkit, access_card).
            throw error == .serviceUnavailable && daemon.isSameDaemon ? .accessRefused : error
        }
    }

    /// Ends the waits and gives the listing context back. Channels stay connected.
    public func close() {
        cancelWaits()
        _ = listing.withLockIfAvailable { $0 = nil }
        muteReaders.close()
        daemon.close()
    }

    /// A new conversation with pcscd, of which an answer has been required.
    private func context() throws(ChannelError) -> ContextBox {
        do throws(ChannelError) {
            let box = try ContextBox(daemon)
            daemon.note(nil)
            return box
        } catch {
            daemon.note(error)
            throw error
        }
    }

    /// Runs a call on the listing context; a second time on a fresh one when the
    /// first context turns out to be dead.
    private func withListingContext<Result: Sendable>(
        _ body: (borrowing PCSCContext) throws(ChannelError) -> Result
    ) throws(ChannelError) -> Result {
        try daemon.withLock(listing) { (box) throws(ChannelError) in
            if let live = box {
                do throws(ChannelError) {
                    return try body(live.context)
                } catch .serviceUnavailable {
                    box = nil
                }
            }
            let fresh = try context()
            let result = try body(fresh.context)
            box = fresh
            return result
        }
    }
}
