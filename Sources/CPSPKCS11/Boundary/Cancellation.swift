// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Disables pthread_cancel(3) while a thread is in the library. Otherwise most waiting system calls would end a
/// cancelled thread, which would leave locks locked forever and a card in the middle of a command. The setting
/// belongs to the thread; the caller's is restored.
struct Cancellation {
    private let previous: Int32

    /// Disables cancellation of the calling thread until `restore`.
    static func postponed() -> Cancellation {
        var previous: Int32 = 0
        _ = unsafe pthread_setcancelstate(Int32(truncatingIfNeeded: PTHREAD_CANCEL_DISABLE), &previous)
        return Cancellation(previous: previous)
    }

    /// Restores the caller's setting.
    func restore() {
        var ours: Int32 = 0
        _ = unsafe pthread_setcancelstate(previous, &ours)
    }

    /// Ends the thread if it was cancelled and its caller allows that. For unlimited waits, between two steps: no
    /// lock is held and no connection to pcscd is open.
    func endThreadIfCancelled() {
        restore()
        pthread_testcancel()
        _ = Cancellation.postponed()
    }
}
