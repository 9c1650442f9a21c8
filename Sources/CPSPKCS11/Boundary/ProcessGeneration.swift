// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Tells a forked child from its parent (docs/architecture.md, "Fork").
///
/// The kernel empties a page of ours in each child, however it is made: `_Fork` and
/// clone() run no handler of pthread_atfork, and getpid() may give the same number in
/// another PID namespace.
enum ProcessGeneration {
    /// A number that no ancestor of this process had: 1 in the one that loaded the
    /// library.
    static var current: UInt {
        guard let page = unsafe page else { return 1 &+ countedForks.load(ordering: .relaxed) }
        let known = unsafe page.pointee.load(ordering: .acquiring)
        guard known == 0 else { return known }
        let fresh = latest.wrappingAdd(1, ordering: .relaxed).newValue
        let (isFirst, other) = unsafe page.pointee.compareExchange(
            expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return isFirst ? fresh : other
    }

    /// The last number that was given; a child inherits it.
    private static let latest = Atomic<UInt>(0)

    /// The number of this process; 0 in a child that has not asked yet. Nil on a system
    /// that empties no pages.
    nonisolated(unsafe) private static let page: UnsafeMutablePointer<Atomic<UInt>>? = unsafe makePage()

    /// For that system: what the fork handler counts.
    private static let countedForks = Atomic<UInt>(0)

    private static func makePage() -> UnsafeMutablePointer<Atomic<UInt>>? {
        let size = MemoryLayout<Atomic<UInt>>.size
        let pages = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if unsafe pages != MAP_FAILED, let pages = unsafe pages {
            if unsafe madvise(pages, size, MADV_WIPEONFORK) == 0 {
                // Zeros are an Atomic of zero.
                return unsafe pages.bindMemory(to: Atomic<UInt>.self, capacity: 1)
            }
            _ = unsafe munmap(pages, size)
        }
        _ = pthread_atfork(nil, nil, { ProcessGeneration.countedForks.wrappingAdd(1, ordering: .relaxed) })
        return nil
    }
}
