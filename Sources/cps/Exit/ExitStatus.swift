// SPDX-License-Identifier: Apache-2.0

/// What `cps` returns to the shell. Scripts rely on these numbers (cps(1)): they
/// do not change.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    /// Something was checked, and the answer is no: a signature is wrong, or a
    /// diagnosis has found a problem.
    case negative = 1
    /// pcscd does not run, does not answer, or refuses this user.
    case noService = 2
    /// There is no reader, no card in it, or no CPS card.
    case noCard = 3
    /// The card refused the code.
    case wrongPIN = 4
    /// The code is blocked.
    case pinBlocked = 5
    /// The person did not go on: nothing typed, a cancelled keypad, no yes to the
    /// last try, two new codes that differ, or no terminal to ask on.
    case cancelled = 6
    /// The card or the reader stopped in the middle.
    case cardFailed = 7
    /// A file could not be read or written, or a program not be set up with the card.
    case fileFailed = 8
    /// The card cannot do that.
    case notPossible = 9
    /// Something was checked, and there is no answer yet: a signature is exact, but who signed
    /// is not established.
    case notEstablished = 10
    /// The command line is wrong (`EX_USAGE` of sysexits.h, as ArgumentParser has it).
    case usage = 64
}
