// SPDX-License-Identifier: Apache-2.0

import CSystem
import Synchronization

// Replacements for functions of the Swift runtime inside the library (Package.swift, --wrap). The library is a guest
// in its process, but the runtime assumes that the process is its own. If the runtime's functions get other names,
// Tests/Integration/binary.sh fails.

/// Replaces reading the runtime's settings from the environment: there are none here. With SWIFT_BACKTRACE the
/// runtime would install signal handlers, with SWIFT_DEBUG_HELP it would print. It would also read `environ` while
/// loading, which is null if a program with its own `environ` loads the library with RTLD_DEEPBIND.
@c @implementation
// checked: the type of the C declaration
public func __wrap__ZN5swift7runtime11environment10initializeEPv(_ context: UnsafeMutableRawPointer!) {}

/// Runs a function once, for all threads that need its result. Each lazily initialised variable uses it.
///
/// The runtime's own version is a lock that identifies its owner by thread number. In a forked child, both threads
/// could then wait forever (docs/architecture.md, "Fork").
/// - Parameters:
///   - once: two 32-bit words. The first is zero until the function has run. The second is the lock: 0 unlocked, 1
///     locked, 2 locked with a waiting thread.
///   - body: the function to run once.
///   - context: the argument of `body`.
@c @implementation
public func __wrap__ZN5swift14threading_impl9once_slowERNS0_6once_tEPFvPvES3_(
    // checked: the type of the C declaration
    _ once: UnsafeMutableRawPointer!, _ body: (@convention(c) (UnsafeMutableRawPointer?) -> Void)!,
    // checked: the type of the C declaration
    _ context: UnsafeMutableRawPointer!
) {
    guard let once = unsafe once, let body = unsafe body else { return }
    let state = unsafe once.assumingMemoryBound(to: Atomic<Int32>.self)
    let lock = unsafe (once + MemoryLayout<Int32>.size).assumingMemoryBound(to: Atomic<Int32>.self)
    if unsafe !lock.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged {
        while unsafe lock.pointee.exchange(2, ordering: .acquiring) != 0 { unsafe cps_futex_wait(lock, 2) }
    }
    if unsafe state.pointee.load(ordering: .acquiring) == 0 {
        unsafe body(context)
        // If it is negative, no later call gets here. ThreadSanitizer must see all calls.
        unsafe state.pointee.store(cps_swift_is_watched ? 1 : -1, ordering: .releasing)
    }
    if unsafe lock.pointee.exchange(0, ordering: .releasing) == 2 { unsafe cps_futex_wake_one(lock) }
}

/// The program's arguments: none. The runtime's version searches for them while the library is loaded: it reads all
/// of /proc/self/maps and searches the program's stack.
@c @implementation
public func _swift_stdlib_getUnsafeArgvArgc(
    // checked: the type of the C declaration
    _ count: UnsafeMutablePointer<Int32>!
    // checked: the type of the C declaration
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>! {
    unsafe count?.pointee = 0
    return unsafe noArguments
}

/// Belongs to the function above; never called.
@c @implementation
public func _swift_stdlib_overrideUnsafeArgvArgc(
    // checked: the type of the C declaration
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ count: Int32
) {}

nonisolated(unsafe) private let noArguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = {
    let end = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    unsafe end.initialize(to: nil)
    return unsafe end
}()
