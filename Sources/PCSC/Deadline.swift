// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem

/// A limit for a wait on the caller's thread, by the clock: interrupted system calls do not shorten it, and a busy
/// machine does not extend it.
struct Deadline {
    private let end: Int

    /// This many milliseconds from now.
    init(milliseconds: Int) { end = MonotonicTime.now.milliseconds + milliseconds }

    /// The milliseconds left, 0 or more.
    var left: Int { max(end - MonotonicTime.now.milliseconds, 0) }

    /// Sleeps this many milliseconds, but not beyond the deadline.
    func pause(milliseconds: Int) {
        let duration = min(milliseconds, left)
        var wanted = timespec(tv_sec: duration / 1000, tv_nsec: duration % 1000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
    }
}
