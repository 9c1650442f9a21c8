// SPDX-License-Identifier: Apache-2.0

import CSystem
import Synchronization

// What stands in place of functions of the Swift runtime that lies inside the library
// (Package.swift, --wrap). The library is a guest in its process; the runtime thinks that the
// process is its own. Tests/Integration/binary.sh notices a runtime whose functions have
// other names.

/// The runtime reads its settings from the environment: with SWIFT_BACKTRACE it installs
/// handlers of signals, with SWIFT_DEBUG_HELP it prints. Here it has none. It would
/// read `environ`, too, which is null where the library is loaded with RTLD_DEEPBIND by a
/// program that has an `environ` of its own: while loading.
@c @implementation
// checked: the type of the C declaration
public func __wrap__ZN5swift7runtime11environment10initializeEPv(_ context: UnsafeMutableRawPointer!) {}

/// Runs a function once, for all threads that want its result: each variable that is made
/// when it is first used begins so.
///
/// The runtime's own is a lock that knows its owner by thread number, with what that means
/// in a forked child (docs/architecture.md, "Fork"): there both threads wait for ever.
/// - Parameters:
///   - once: two words of 32 bits. The first is zero until the function has run. The second is
///     the lock: 0 open, 1 held, 2 held and waited for.
///   - body: what is to be run once.
///   - context: is passed to `body`.
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
        // Nobody comes here again for a negative one; ThreadSanitizer has to see all.
        unsafe state.pointee.store(cps_swift_is_watched ? 1 : -1, ordering: .releasing)
    }
    if unsafe lock.pointee.exchange(0, ordering: .releasing) == 2 { unsafe cps_futex_wake_one(lock) }
}

/// The program's arguments. The runtime looks for them while the library is loaded: it reads
/// all of /proc/self/maps, and searches the program's stack. Nobody here asks for them.
@c @implementation
public func _swift_stdlib_getUnsafeArgvArgc(
    // checked: the type of the C declaration
    _ count: UnsafeMutablePointer<Int32>!
    // checked: the type of the C declaration
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>! {
    unsafe count?.pointee = 0
    return unsafe noArguments
}

/// Goes with the function above; nobody calls it.
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
