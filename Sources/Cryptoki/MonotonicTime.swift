// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A moment on the clock that is never set back. (The standard library's clocks
/// live in its concurrency runtime, which the library goes without.)
struct MonotonicTime: Sendable {
    private let milliseconds: Int

    static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)  // checked: the C library's clock
        return MonotonicTime(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    /// Whether this moment is less than so many milliseconds ago.
    func isWithin(milliseconds limit: Int) -> Bool { MonotonicTime.now.milliseconds - milliseconds < limit }
}
