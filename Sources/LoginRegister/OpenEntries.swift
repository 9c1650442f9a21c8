// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The open entries of this process, for a forked child, which has copies of their descriptors. A child cannot wait
/// for a lock that another thread held during the fork. So this is a list without locks that only grows, by one place
/// per simultaneous login.
final class OpenEntries: Sendable {
    private let next: OpenEntries?
    /// The number of forks between the process that loaded the library and the one that uses this place.
    private let generation: UInt
    /// The descriptor, or `free` or `taken`.
    private let descriptor = Atomic<Int32>(OpenEntries.taken)
    private let device = Atomic<UInt64>(0)
    private let inode = Atomic<UInt64>(0)

    private static let free: Int32 = -1
    private static let taken: Int32 = -2

    private init(next: OpenEntries?, generation: UInt) {
        self.next = next
        self.generation = generation
    }

    /// Adds an entry.
    /// - Returns: its place.
    static func add(_ file: EntryFile, generation: UInt) -> OpenEntries {
        let place = freePlace(generation) ?? newPlace(generation)
        place.device.store(file.device, ordering: .relaxed)
        place.inode.store(file.inode, ordering: .relaxed)
        place.descriptor.store(file.descriptor, ordering: .releasing)
        return place
    }

    private static func freePlace(_ generation: UInt) -> OpenEntries? {
        var place = at(first.load(ordering: .acquiring))
        while let known = place {
            // A parent's place is not reused: another thread may be about to close the parent's entries.
            if known.generation == generation, known.claim(OpenEntries.free) { return known }
            place = known.next
        }
        return nil
    }

    private static func newPlace(_ generation: UInt) -> OpenEntries {
        while true {
            let head = first.load(ordering: .acquiring)
            let place = OpenEntries(next: at(head), generation: generation)
            let address = unsafe UInt(bitPattern: Unmanaged.passRetained(place).toOpaque())
            if first.compareExchange(expected: head, desired: address, ordering: .acquiringAndReleasing).exchanged {
                return place
            }
            unsafe Unmanaged.passUnretained(place).release()
        }
    }

    /// Closes the entry, unless it is closed already, and frees the place.
    func close() {
        let number = descriptor.load(ordering: .acquiring)
        guard number >= 0, claim(number) else { return }
        let file = EntryFile(
            descriptor: number, device: device.load(ordering: .relaxed), inode: inode.load(ordering: .relaxed))
        file.close()
        descriptor.store(OpenEntries.free, ordering: .releasing)
    }

    private func claim(_ number: Int32) -> Bool {
        descriptor.compareExchange(
            expected: number, desired: OpenEntries.taken, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Closes the copies of the entries of parent processes.
    static func closeEntries(before generation: UInt) {
        var place = at(first.load(ordering: .acquiring))
        while let known = place {
            if known.generation < generation { known.close() }
            place = known.next
        }
    }

    /// The address of the first place. Places are never freed.
    private static let first = Atomic<UInt>(0)

    private static func at(_ bits: UInt) -> OpenEntries? {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
        return unsafe Unmanaged<OpenEntries>.fromOpaque(pointer).takeUnretainedValue()
    }
}
