// SPDX-License-Identifier: Apache-2.0

import CPCSC
import ISO7816
import Synchronization

/// The readers that pcscd serves. A context that pcscd dropped (it was restarted)
/// is replaced at the next call; without a pcscd there are no readers.
public final class PCSCReaderService: ReaderService {
    private let listing = Mutex<ContextBox?>(nil)
    private let isCancelled = Atomic<Bool>(false)

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

    /// How long one call to pcscd waits; between two calls a cancellation is noticed.
    private static let waitSlice = 200

    /// Without a pcscd there is nothing to wait on: then the time passes, and the
    /// caller looks again.
    public func waitForChange(
        from known: [(reader: String, state: ReaderState)], milliseconds: Int
    ) throws(ChannelError) {
        let readers = known.map { (name: $0.reader, event: $0.state.eventWord) }
        // The pseudo-reader by which pcsc-lite tells that readers come and go.
        let plugAndPlay = (name: "\\\\?PnP?\\Notification", event: DWORD(known.count) << 16)
        let box = try? ContextBox()
        let deadline = Deadline(milliseconds: milliseconds)
        while deadline.left > 0, !isCancelled.load(ordering: .acquiring) {
            let slice = min(deadline.left, PCSCReaderService.waitSlice)
            do throws(ChannelError) {
                guard let box else { throw .serviceUnavailable }
                if try box.context.statusChange(of: readers + [plugAndPlay], milliseconds: slice) != nil { return }
            } catch {
                deadline.pause(milliseconds: slice)
                if error != .serviceUnavailable { return }
            }
        }
    }

    /// Ends each wait within `waitSlice`. May be called from any thread, and cannot be undone.
    public func cancelWaits() { isCancelled.store(true, ordering: .releasing) }

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
