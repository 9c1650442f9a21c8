// SPDX-License-Identifier: Apache-2.0

import Glibc

/// pthread_cancel(3) is postponed while a thread is in the library: most system calls
/// that wait end a cancelled thread, which would leave locks closed for ever and a card
/// in the middle of a command. The setting belongs to the thread; the caller's is put back.
struct Cancellation {
    private let previous: Int32

    /// Keeps the calling thread alive until `restore`.
    static func postponed() -> Cancellation {
        var previous: Int32 = 0
        _ = unsafe pthread_setcancelstate(Int32(truncatingIfNeeded: PTHREAD_CANCEL_DISABLE), &previous)
        return Cancellation(previous: previous)
    }

    /// Puts back what the caller had.
    func restore() {
        var ours: Int32 = 0
        _ = unsafe pthread_setcancelstate(previous, &ours)
    }

    /// Ends the thread if it was cancelled and its caller allows that. For waits without
    /// a limit, between two steps: no lock is held and no connection to pcscd is open.
    func endThreadIfCancelled() {
        restore()
        pthread_testcancel()
        _ = Cancellation.postponed()
    }
}
