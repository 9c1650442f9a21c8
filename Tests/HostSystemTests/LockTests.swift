// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import HostSystem

struct LockTests {
    private struct Refusal: Error {}

    @Test func `A function gets the value, changes it, and gives back a result`() {
        let lock = Lock([1])
        let count = lock.withLock { value in
            value.append(2)
            return value.count
        }
        #expect(count == 2)
        #expect(lock.withLock { $0 } == [1, 2])
    }

    @Test func `A lock is open again after an error`() {
        let lock = Lock(0)
        #expect(throws: Refusal.self) {
            try lock.withLock { (value) throws(Refusal) in
                value = 1
                throw Refusal()
            }
        }
        #expect(lock.withLockIfAvailable { $0 } == 1)
    }

    @Test func `A lock that is held is not available`() {
        let lock = Lock(0)
        #expect(lock.withLock { _ in lock.withLockIfAvailable { _ in true } == nil })
        #expect(lock.withLockIfAvailable { $0 } == 0)
    }

    private static let counter = Lock(0)

    @Test func `One thread at a time is inside`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 { LockTests.counter.withLock { $0 += 1 } }
                }
            }
        }
        #expect(LockTests.counter.withLock { $0 } == 40_000)
    }

    private final class Witness: Sendable {
        static let ended = Atomic<Int>(0)
        deinit { Witness.ended.add(1, ordering: .relaxed) }
    }

    @Test func `The value goes with the lock`() {
        do {
            let lock = Lock(Witness())
            #expect(lock.withLock { _ in Witness.ended.load(ordering: .relaxed) } == 0)
        }
        #expect(Witness.ended.load(ordering: .relaxed) == 1)
    }
}
