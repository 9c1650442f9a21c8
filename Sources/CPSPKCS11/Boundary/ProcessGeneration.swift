// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Distinguishes a forked child from its parent (docs/architecture.md, "Fork").
///
/// The kernel clears a page of ours in each child, however the child is made: `_Fork` and clone() do not run the
/// handlers of pthread_atfork, and getpid() may return the same number in another PID namespace.
enum ProcessGeneration {
    /// A number that no ancestor of this process had; 1 in the process that loaded the library.
    static var current: UInt {
        guard let page = unsafe page else { return 1 &+ countedForks.load(ordering: .relaxed) }
        let known = unsafe page.pointee.load(ordering: .acquiring)
        guard known == 0 else { return known }
        let fresh = latest.wrappingAdd(1, ordering: .relaxed).newValue
        let (isFirst, other) = unsafe page.pointee.compareExchange(
            expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return isFirst ? fresh : other
    }

    /// The last assigned number, which a child inherits.
    private static let latest = Atomic<UInt>(0)

    /// The number of this process; 0 in a child that has not asked yet. Nil if the kernel cannot clear pages.
    nonisolated(unsafe) private static let page: UnsafeMutablePointer<Atomic<UInt>>? = unsafe makePage()

    /// For such a kernel: the count of the fork handler.
    private static let countedForks = Atomic<UInt>(0)

    private static func makePage() -> UnsafeMutablePointer<Atomic<UInt>>? {
        let size = MemoryLayout<Atomic<UInt>>.size
        let pages = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if unsafe pages != MAP_FAILED, let pages = unsafe pages {
            if unsafe madvise(pages, size, MADV_WIPEONFORK) == 0 {
                // Zero bytes are an Atomic with the value zero.
                return unsafe pages.bindMemory(to: Atomic<UInt>.self, capacity: 1)
            }
            _ = unsafe munmap(pages, size)
        }
        _ = pthread_atfork(nil, nil, { ProcessGeneration.countedForks.wrappingAdd(1, ordering: .relaxed) })
        return nil
    }
}
