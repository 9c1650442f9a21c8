// SPDX-License-Identifier: Apache-2.0

import HostSystem
import ISO7816
import Synchronization

/// The readers whose card does not answer (inserted the wrong way, or broken).
///
/// libpcsclite needs 400 ms to return the state of such a reader. It is therefore checked on its own context and not
/// at each listing, so that callers for other readers do not wait.
final class MuteReaders: Sendable {
    private struct Look {
        let state: ReaderState
        /// When the state counts as settled: a card that is being powered up is also mute.
        let since: Deadline
        /// When listings check it again.
        let next: Deadline
    }

    private let daemon: DaemonConnection
    private let looks = Lock<[String: Look]>([:])
    private let context = Lock<Box?>(nil)

    private final class Box: Sendable {
        let context: PCSCContext
        init(_ daemon: DaemonConnection) throws(ChannelError) { context = try PCSCContext(daemon) }
    }

    init(_ daemon: DaemonConnection) { self.daemon = daemon }

    /// The longest power-up of a card, and the greatest age of a mute card's state in a listing, in milliseconds.
    private static let settling = 1000

    /// The states of those readers whose card is known to be mute. A single reader is checked now. With several
    /// readers, a state from the last second is used.
    func states(of readers: [String]) throws(ChannelError) -> [String: ReaderState] {
        let known = looks.withLock { looks in looks.filter { readers.contains($0.key) && $0.value.since.left == 0 } }
        if known.isEmpty { return [:] }
        let due = known.filter { readers.count == 1 || $0.value.next.left == 0 }.keys
        // If another thread is checking now, its result will be used next time.
        let seen = known.mapValues(\.state)
        if due.isEmpty { return seen }
        let fresh = try context.withLockIfAvailable { (box) throws(ChannelError) in try look(at: Array(due), &box) }
        return seen.merging(fresh ?? [:]) { _, new in new }
    }

    private func look(at readers: [String], _ box: inout Box?) throws(ChannelError) -> [String: ReaderState] {
        try daemon.requireAnswer()
        do throws(ChannelError) {
            if box == nil { box = try Box(daemon) }
            guard let box else { return [:] }
            let states = Dictionary(
                zip(readers, try box.context.states(of: readers)), uniquingKeysWith: { first, _ in first })
            note(states.map { ($0.key, $0.value) })
            return states
        } catch {
            // The listing context finds out the current state.
            box = nil
            forget()
            return [:]
        }
    }

    /// Notes the states of readers.
    func note(_ seen: some Sequence<(String, ReaderState)>) {
        looks.withLock { looks in
            for (reader, state) in seen {
                let known = looks.removeValue(forKey: reader)
                guard state.presence == .muteCard else { continue }
                let next = Deadline(milliseconds: MuteReaders.settling)
                let since = known?.state == state ? known?.since : nil
                looks.updateValue(Look(state: state, since: since ?? next, next: next), forKey: reader)
            }
        }
    }

    /// Notes that some reader has changed: all are checked again.
    func forget() { looks.withLock { $0 = [:] } }

    func close() { _ = context.withLockIfAvailable { $0 = nil } }
}
