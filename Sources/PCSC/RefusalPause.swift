// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// After an attempt that pcscd refused, or that found none, the next one waits: each is a
/// connection, and a refusal a line in the journal, and programs ask once a second for ever.
/// The pauses grow; the first success ends them, and so does a new socket, by which a
/// pcscd that was started is known at once.
struct RefusalPause {
    private var error: ChannelError?
    private var socket: DaemonSocket.Identity?
    private var end = Deadline(milliseconds: 0)
    private var length = 0

    /// The first pause and the longest one, in milliseconds.
    private static let lengths = 250...30_000

    /// - Throws: the error of the last attempt, while the pause after it lasts.
    mutating func require() throws(ChannelError) {
        guard let error, end.left > 0 else { return }
        guard socket == DaemonSocket.Identity() else {
            self = RefusalPause()
            return
        }
        throw error
    }

    /// Takes note of how an attempt to reach pcscd ended.
    mutating func note(_ failure: ChannelError?) {
        guard let failure, failure == .serviceUnavailable || failure == .accessRefused else {
            self = RefusalPause()
            return
        }
        let now = DaemonSocket.Identity()
        if now != socket { length = 0 }
        error = failure
        socket = now
        length = min(max(length * 2, RefusalPause.lengths.lowerBound), RefusalPause.lengths.upperBound)
        end = Deadline(milliseconds: length)
    }
}
