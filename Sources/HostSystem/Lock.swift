// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A value that one thread at a time may use.
///
/// It is used as `Mutex` of Swift's Synchronization module, which the library must not
/// use: that one keeps the number of the thread that holds it, and each thread remembers
/// its number. After fork() the child's first thread still remembers its parent's, and
/// the kernel refuses the lock as soon as a second thread of the child waits for it: the
/// program ends (docs/architecture.md, "Fork"). This is a POSIX mutex of the normal type,
/// which asks no thread who it is.
@safe
public struct Lock<Value: ~Copyable>: ~Copyable {
    /// The mutex and the value lie in memory of their own: their addresses must not change.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// An open lock around a value.
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

    /// Waits until no other thread uses the value, and uses it. A thread that already
    /// holds the lock must not ask for it again: it would wait for itself.
    /// - Throws: what the function throws.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }

    /// Uses the value if no thread does at the moment.
    /// - Returns: nil if a thread, be it this one, holds the lock.
    /// - Throws: what the function throws.
    public borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        guard unsafe pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }
}

extension Lock: @unchecked Sendable where Value: ~Copyable {}
