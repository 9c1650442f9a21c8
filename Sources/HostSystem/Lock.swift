// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A value that one thread at a time may use.
///
/// It has the interface of `Mutex` in Swift's Synchronization module, which the library must not use: `Mutex` stores
/// the thread number of its owner, and each thread caches its own number. After fork() the child's first thread still
/// has its parent's number in its cache. As soon as a second thread of the child waits for the lock, the kernel
/// refuses it and the program ends (docs/architecture.md, "Fork"). This is a POSIX mutex of the normal type, which
/// does not depend on thread numbers.
@safe
public struct Lock<Value: ~Copyable>: ~Copyable {
    /// The mutex and the value lie on the heap: their addresses must not change.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// Makes an unlocked lock around a value.
    public init(_ initialValue: consuming sending Value) {
        unsafe mutex = UnsafeMutablePointer.allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe value = UnsafeMutablePointer.allocate(capacity: 1)
        unsafe value.initialize(to: initialValue)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Locks, waiting for other threads, and runs `body` on the value. A thread must not lock it twice: that is a
    /// deadlock.
    /// - Throws: what `body` throws.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }

    /// Runs `body` on the value if the lock is free.
    /// - Returns: nil if any thread holds the lock, this one included.
    /// - Throws: what `body` throws.
    public borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        guard unsafe pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }
}

extension Lock: @unchecked Sendable where Value: ~Copyable {}
