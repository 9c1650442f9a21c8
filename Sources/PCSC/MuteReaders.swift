// SPDX-License-Identifier: Apache-2.0

import HostSystem
import ISO7816
import Synchronization

/// The readers whose card does not answer (put in the wrong way round, or broken).
///
/// Of such a reader libpcsclite tells the state only after 400 ms. It is looked at on a
/// context of its own, and not at each listing, so that the other readers' callers do
/// not wait for it.
final class MuteReaders: Sendable {
    private struct Look {
        let state: ReaderState
        /// Since when nothing has changed: a card that is being powered up is mute, too.
        let since: Deadline
        /// When listings look again.
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

    /// How long a card may take to be powered up, and how old what a listing says of a
    /// mute card may be, in milliseconds.
    private static let settling = 1000

    /// The states of those readers whose card is known to be mute. One that is asked for
    /// alone is looked at now, of several what was seen within the last second counts.
    func states(of readers: [String]) throws(ChannelError) -> [String: ReaderState] {
        let known = looks.withLock { looks in looks.filter { readers.contains($0.key) && $0.value.since.left == 0 } }
        if known.isEmpty { return [:] }
        let due = known.filter { readers.count == 1 || $0.value.next.left == 0 }.keys
        // Another thread that looks just now looks for this one as well.
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
            // The listing context finds out what there is now.
            box = nil
            forget()
            return [:]
        }
    }

    /// Takes note of what was seen in readers.
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

    /// Something has changed in some reader: all are looked at anew.
    func forget() { looks.withLock { $0 = [:] } }

    func close() { _ = context.withLockIfAvailable { $0 = nil } }
}
