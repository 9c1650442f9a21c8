// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// Why something could not be done with a CPS card.
public enum CardError: Error, Equatable, Sendable {
    /// The card could not be reached.
    case channel(ChannelError)
    /// The card refused a command.
    case status(StatusWord)
    /// The card's answer or file is not what it should be.
    case malformed(MalformedBytes)
    /// The answer to reset is that of a CPS card, but the serial number file is not.
    case notACPSCard
    /// The code was wrong; how many tries are left, when the card says it.
    case wrongPIN(triesLeft: Int?)
    /// No tries are left.
    case pinBlocked
    /// The code has fewer or more digits than the card takes; nothing was sent.
    case pinLength
    /// The code is not made of digits; nothing was sent.
    case pinCharacters
    /// What was asked for needs a login of this program, and none stands: nobody has logged
    /// in, or the card has lost the login since. Nothing was sent.
    case notLoggedIn
    /// This login stands already; nothing was sent.
    case alreadyLoggedIn(PINRole)
    /// The card has just refused this PIN; it was not sent again.
    case refusedBefore
    /// The card has no such code (a contactless card has none at all).
    case noPIN
    /// The card has codes, and does not tell which: its directory of them cannot be read.
    case pinsUnreadable
    /// The card's directory of codes is whole, and names no unblocking code.
    case noPUK
    /// The unblocking code was right, and the card refused the new PIN all the same.
    case newPINRefused(StatusWord)
    /// The card does not give this object although the PIN is presented.
    case accessRefused
    /// The card cannot do this with this key; nothing was sent.
    case operationNotSupported
    /// The data is longer than this key takes; nothing was sent.
    case dataTooLong
    /// The data is not of a kind that this key takes; nothing was sent.
    case dataNotUsable
    /// A value longer than its file; nothing was sent.
    case valueTooLong
    /// Nothing was typed on the reader's keypad, or the person cancelled.
    case entryCancelled
    /// The new code was typed twice on the reader's keypad, but not the same; nothing
    /// was sent.
    case entriesDiffer
    /// The certificate's key does not confirm the signature that the card made.
    case signatureNotConfirmed
    /// The cryptogram does not decrypt to a padded message.
    case decryptionFailed
}

extension CardError {
    /// The answers by which a card says that another application is selected, or
    /// that the logical channel is gone: select ours and try again
    /// (cards.md §1.3, §1.6).
    var saysApplicationLost: Bool {
        guard case .status(let status) = self else { return false }
        return status.sw1 == 0x6E || status == .incorrectParameters || status == .logicalChannelNotSupported
    }

    /// Whether it may come of a directory that says something else than the card's: not
    /// what other programs, the user or the caller bring about.
    public var mayComeFromDirectories: Bool {
        switch self {
        case .status(let status): status != .securityStatusNotSatisfied
        // A code that was refused may have been presented in a wrong form.
        case .malformed, .noPIN, .pinsUnreadable, .noPUK, .pinLength, .operationNotSupported,
            .signatureNotConfirmed, .wrongPIN, .pinBlocked, .newPINRefused:
            true
        default: false
        }
    }

    /// Whether a PIN was presented and refused.
    public var refusesPIN: Bool {
        switch self {
        case .wrongPIN, .pinBlocked: true
        default: false
        }
    }

    /// Whether the same reading may succeed when it is tried again: the card was
    /// reached, and what it said may have been garbled. (Where another application was
    /// selected it has been tried again already.)
    var maySucceedAgain: Bool {
        switch self {
        case .channel(let error): error == .malformedResponse
        case .status: !saysApplicationLost
        case .malformed, .notACPSCard: true
        default: false
        }
    }
}
