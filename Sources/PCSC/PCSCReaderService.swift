// SPDX-License-Identifier: Apache-2.0

import CPCSC
import HostSystem
import ISO7816
import Synchronization

/// The readers of pcscd. A dead context (pcscd was restarted) is replaced at the next call. While pcscd does not
/// answer, every call throws `ChannelError.serviceSilent`.
public final class PCSCReaderService: ReaderService {
    let daemon: DaemonConnection
    private let listing = Lock<ContextBox?>(nil)
    private let muteReaders: MuteReaders
    private let isCancelled = Atomic<Bool>(false)
    /// The contexts on which threads are waiting.
    private let waiting = Lock<[SCARDCONTEXT]>([])
    /// The number of reader events after the last wait; 0 before the first.
    private let readerEvents = Atomic<UInt32>(0)

    /// An optional context.
    private final class ContextBox: Sendable {
        let context: PCSCContext
        init(_ daemon: DaemonConnection) throws(ChannelError) { context = try PCSCContext(daemon) }
    }

    /// Makes the service. pcscd is not used before the first call.
    /// - Parameter patience: the longest wait for pcscd's first missing answer, in milliseconds.
    public init(patience: Int = 1000) {
        daemon = DaemonConnection(patience: patience)
        muteReaders = MuteReaders(daemon)
    }

    /// The readers that pcscd lists; empty without a reader. If pcscd was restarted, it is connected again.
    /// - Throws: `ChannelError.serviceUnavailable` if pcscd does not run, `.serviceSilent` while it does not answer,
    ///   `.accessRefused` if it refuses this user, `.noDescriptor` without a free file descriptor.
    public func readerNames() throws(ChannelError) -> [String] {
        try withListingContext { (context) throws(ChannelError) in try context.readerNames() }
    }

    /// The current states, in the order of the names. A missing reader is `.noReader`. With several readers, the
    /// state of one with a mute card may be up to a second old.
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
                // One of the readers is gone; pcscd does not say which.
                let present = Set(try context.readerNames())
                let known = readers.filter(present.contains)
                let states = known.isEmpty ? [] : try context.states(of: known)
                let byName = Dictionary(zip(known, states), uniquingKeysWith: { first, _ in first })
                // checked: a dictionary
                return readers.map { byName[$0] ?? ReaderState(presence: .noReader, eventCount: 0) }
            }
        }
    }

    /// The longest wait in one call to pcscd, in milliseconds. `cancelWaits` ends it earlier; the limit is for a lost
    /// cancellation.
    private static let waitSlice = 1000

    /// Waits for a change of a reader. Throws nothing: if pcscd fails it waits part of the time, and the caller looks
    /// again.
    /// - Parameter milliseconds: the longest wait.
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

    /// The poll interval for a cancelled wait while pcscd does not run, in milliseconds.
    private static let pauseStep = 50

    /// Runs a wait on a context, which `cancelWaits` can end.
    private func withWaiting(
        on context: SCARDCONTEXT, _ body: () throws(ChannelError) -> Void
    ) throws(ChannelError) {
        waiting.withLock { $0.append(context) }
        defer { waiting.withLock { $0.removeAll { $0 == context } } }
        try body()
    }

    /// Ends all current and later waits. Any thread may call it; it cannot be undone.
    public func cancelWaits() {
        isCancelled.store(true, ordering: .releasing)
        // pcsc-lite ignores a cancellation before the wait has started, so it is repeated until no thread waits. The
        // lock keeps the contexts alive.
        let deadline = Deadline(milliseconds: PCSCReaderService.waitSlice)
        while deadline.left > 0, !waiting.withLock({ $0.isEmpty }) {
            // If pcscd does not answer, it does not process the cancellation either.
            guard (try? daemon.requireAnswer()) != nil else { return }
            waiting.withLock { contexts in for context in contexts { SCardCancel(context) } }
            deadline.pause(milliseconds: PCSCReaderService.cancellationStep)
        }
    }

    /// The time between two cancellations, in milliseconds.
    private static let cancellationStep = 5

    /// Connects in shared mode, with T=0 or T=1 as the card supports, on its own context, so that a slow card does
    /// not delay others.
    /// - Throws: `ChannelError`; among others `.sharingViolation` if another program has exclusive access to the
    ///   card, and `.accessRefused` if pcscd refuses this user access to it.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        try daemon.requireAnswer()
        do throws(ChannelError) {
            return try PCSCCardChannel(reader: reader, daemon)
        } catch {
            // If pcscd closes the connection but still answers, it refuses this user the card (polkit, access_card).
            throw error == .serviceUnavailable && daemon.isSameDaemon ? .accessRefused : error
        }
    }

    /// Ends the waits and releases the listing context. Channels stay connected.
    public func close() {
        cancelWaits()
        _ = listing.withLockIfAvailable { $0 = nil }
        muteReaders.close()
        daemon.close()
    }

    /// A new context. pcscd must have answered before.
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

    /// Runs a call on the listing context. If that context is dead, runs it again on a new one.
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
