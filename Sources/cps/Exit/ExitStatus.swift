// SPDX-License-Identifier: Apache-2.0

/// The exit status of `cps`. Scripts rely on these numbers (cps(1)); they do not change.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    /// A check failed: a signature is wrong, or `doctor` found a problem.
    case negative = 1
    /// pcscd is not running, does not answer, or refuses this user.
    case noService = 2
    /// No reader, no card in it, or not a CPS card.
    case noCard = 3
    /// The card refused the PIN.
    case wrongPIN = 4
    /// The PIN is blocked.
    case pinBlocked = 5
    /// Cancelled: nothing typed, keypad entry cancelled, last try not confirmed, two new PINs
    /// that differ, or no terminal.
    case cancelled = 6
    /// The card or the reader failed during the command.
    case cardFailed = 7
    /// A file could not be read or written, or a program could not be set up for the card.
    case fileFailed = 8
    /// The card cannot do that.
    case notPossible = 9
    /// A check has no result: a signature is correct, but the signer's identity is not
    /// established.
    case notEstablished = 10
    /// The command line is wrong (`EX_USAGE` of sysexits.h, as ArgumentParser has it).
    case usage = 64
}
