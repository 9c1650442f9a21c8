// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How long a caller's thread may wait at most, by the clock: signals that interrupt
/// system calls without restarting them make it no shorter, and a busy machine no longer.
struct Deadline {
    private let end: Int

    /// So many milliseconds from now.
    init(milliseconds: Int) { end = Deadline.now + milliseconds }

    /// The milliseconds that are left, at least 0.
    var left: Int { max(end - Deadline.now, 0) }

    /// Lets so many milliseconds pass, or what is left.
    func pause(milliseconds: Int) {
        let duration = min(milliseconds, left)
        var wanted = timespec(tv_sec: duration / 1000, tv_nsec: duration % 1000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
    }

    /// The milliseconds since some moment before.
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
