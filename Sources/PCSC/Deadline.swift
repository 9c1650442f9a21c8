// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem

/// How long a caller's thread may wait at most, by the clock: signals that interrupt
/// system calls without restarting them make it no shorter, and a busy machine no longer.
struct Deadline {
    private let end: Int

    /// So many milliseconds from now.
    init(milliseconds: Int) { end = MonotonicTime.now.milliseconds + milliseconds }

    /// The milliseconds that are left, at least 0.
    var left: Int { max(end - MonotonicTime.now.milliseconds, 0) }

    /// Lets so many milliseconds pass, or what is left.
    func pause(milliseconds: Int) {
        let duration = min(milliseconds, left)
        var wanted = timespec(tv_sec: duration / 1000, tv_nsec: duration % 1000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
    }
}
