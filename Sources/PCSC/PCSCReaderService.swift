// SPDX-License-Identifier: Apache-2.0

import CPCSC
import HostSystem
import ISO7816
import Synchronization

/// The readers that pcscd serves. A context that pcscd dropped (it was restarted)
/// is replaced at the next call; without a pcscd there are no readers.
public final class PCSCReaderService: ReaderService {
    private let listing = Lock<ContextBox?>(nil)
    private let isCancelled = Atomic<Bool>(false)
    /// The contexts that threads wait on at the moment.
    private let waiting = Lock<[SCARDCONTEXT]>([])
    /// The number of reader events that the last wait ended with; 0 before the first.
    private let readerEvents = Atomic<UInt32>(0)

    /// A context in a place that can be empty.
    private final class ContextBox: Sendable {
        let context: PCSCContext
        init() throws(ChannelError) { context = try PCSCContext() }
    }

    /// Nothing is asked of pcscd before the first call.
    public init() {}

    /// The names that pcscd lists now, empty without a reader. A pcscd that was restarted is connected to again.
    /// - Throws: `ChannelError.serviceUnavailable` when there is no pcscd, `.noDescriptor` when no connection to it
    ///   can be opened.
    public func readerNames() throws(ChannelError) -> [String] {
        try withListingContext { (context) throws(ChannelError) in try context.readerNames() }
    }

    /// The states now, in the order of the names. A reader that was unplugged counts as `.noReader`.
    /// - Throws: as `readerNames`.
    public func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        if readers.isEmpty { return [] }
        return try withListingContext { (context) throws(ChannelError) in
            do throws(ChannelError) {
                return try PCSCReaderService.states(of: readers, in: context)
            } catch .readerUnavailable {
                // One of them is gone, and pcscd does not say which.
                let present = Set(try context.readerNames())
                let known = readers.filter(present.contains)
                let states = known.isEmpty ? [] : try PCSCReaderService.states(of: known, in: context)
                let byName = Dictionary(zip(known, states), uniquingKeysWith: { first, _ in first })
                // checked: a dictionary
                return readers.map { byName[$0] ?? ReaderState(presence: .noReader, eventCount: 0) }
            }
        }
    }

    private static func states(
        of readers: [String], in context: borrowing PCSCContext
    ) throws(ChannelError) -> [ReaderState] {
        try context.statusChange(of: readers.map { ($0, 0) }, milliseconds: 0) ?? []
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
            let box = try ContextBox()
            try withWaiting(on: box.context.handle) { () throws(ChannelError) in
                while deadline.left > 0, !isCancelled.load(ordering: .acquiring) {
                    var events = readerEvents.load(ordering: .relaxed)
                    defer { readerEvents.store(events, ordering: .relaxed) }
                    let slice = min(deadline.left, PCSCReaderService.waitSlice)
                    if try box.context.waitForChange(of: readers, readerEvents: &events, milliseconds: slice) { return }
                }
            }
        } catch {
            let pause = error == .serviceUnavailable ? PCSCReaderService.waitSlice : PCSCReaderService.pauseStep
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
        while deadline.left > 0 {
            let hasEnded = waiting.withLock { contexts in
                for context in contexts { SCardCancel(context) }
                return contexts.isEmpty
            }
            if hasEnded { return }
            deadline.pause(milliseconds: PCSCReaderService.cancellationStep)
        }
    }

    /// The time between two cancellations, in milliseconds.
    private static let cancellationStep = 5

    /// Connects in shared mode, with T=0 or T=1 as the card likes, over a context of its own, so that a slow card
    /// holds no other one up.
    /// - Throws: `ChannelError`, `.sharingViolation` for a card that another program holds for itself among them.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        try PCSCCardChannel(reader: reader)
    }

    /// Ends the waits and gives the listing context back. Channels stay connected.
    public func close() {
        cancelWaits()
        listing.withLock { $0 = nil }
    }

    /// Runs a call on the listing context; a second time on a fresh one when the
    /// first context turns out to be dead.
    private func withListingContext<Result: Sendable>(
        _ body: (borrowing PCSCContext) throws(ChannelError) -> Result
    ) throws(ChannelError) -> Result {
        try listing.withLock { (box) throws(ChannelError) in
            if let live = box {
                do throws(ChannelError) {
                    return try body(live.context)
                } catch .serviceUnavailable {
                    box = nil
                }
            }
            let fresh = try ContextBox()
            let result = try body(fresh.context)
            box = fresh
            return result
        }
    }
}
