// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// A pause after an attempt that pcscd refused or that found no pcscd. Each attempt is a connection, each refusal a
/// line in the journal, and some programs try once a second forever. The pauses grow. The first success ends them; so
/// does a new socket, so that a newly started pcscd is used at once.
struct RefusalPause {
    private var error: ChannelError?
    private var socket: DaemonSocket.Identity?
    private var end = Deadline(milliseconds: 0)
    private var length = 0

    /// The first and the longest pause, in milliseconds.
    private static let lengths = 250...30_000

    /// - Throws: the error of the last attempt, during the pause after it.
    mutating func require() throws(ChannelError) {
        guard let error, end.left > 0 else { return }
        guard socket == DaemonSocket.Identity() else {
            self = RefusalPause()
            return
        }
        throw error
    }

    /// Notes the result of an attempt to connect to pcscd.
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
