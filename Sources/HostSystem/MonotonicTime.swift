// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A time on the clock that is never set back (CLOCK_MONOTONIC). The standard library's clocks need the concurrency
/// runtime, which the library does not load.
public struct MonotonicTime: Sendable {
    /// Microseconds since the machine's start.
    public let microseconds: Int

    /// Milliseconds since the machine's start.
    public var milliseconds: Int { microseconds / 1000 }

    /// The current time.
    public static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(microseconds: time.tv_sec * 1_000_000 + time.tv_nsec / 1000)
    }

    /// Whether this time is less than `limit` milliseconds ago.
    public func isWithin(milliseconds limit: Int) -> Bool {
        MonotonicTime.now.milliseconds - milliseconds < limit
    }
}
