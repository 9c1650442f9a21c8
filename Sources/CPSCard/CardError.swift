// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// Why an operation with a CPS card failed.
public enum CardError: Error, Equatable, Sendable {
    /// The card could not be reached.
    case channel(ChannelError)
    /// The card refused a command.
    case status(StatusWord)
    /// The card's answer or file is malformed.
    case malformed(MalformedBytes)
    /// The answer to reset is that of a CPS card, but the serial number file is not.
    case notACPSCard
    /// The PIN is wrong. `triesLeft` is nil if the card does not return it.
    case wrongPIN(triesLeft: Int?)
    /// The PIN has no tries left.
    case pinBlocked
    /// The PIN has too few or too many digits for the card. Nothing was sent.
    case pinLength
    /// The PIN has characters other than digits. Nothing was sent.
    case pinCharacters
    /// This program is not logged in: nobody has logged in, or the card has lost the login. Nothing was sent.
    case notLoggedIn
    /// This role is already logged in. Nothing was sent.
    case alreadyLoggedIn(PINRole)
    /// The card has just refused this PIN. It was not sent again.
    case refusedBefore
    /// The card has no such PIN (a contactless card has none at all).
    case noPIN
    /// The card has PINs, but its directory of them cannot be read.
    case pinsUnreadable
    /// The card's directory of PINs is intact but has no unblocking code.
    case noPUK
    /// The unblocking code was right, but the card refused the new PIN.
    case newPINRefused(StatusWord)
    /// The card refuses access to this object although the PIN is presented.
    case accessRefused
    /// The card does not support this operation with this key. Nothing was sent.
    case operationNotSupported
    /// The data is too long for this key. Nothing was sent.
    case dataTooLong
    /// The key does not accept this kind of data. Nothing was sent.
    case dataNotUsable
    /// The value is longer than its file. Nothing was sent.
    case valueTooLong
    /// Nothing was typed on the reader's keypad in time, or the person cancelled.
    case entryCancelled
    /// The new PIN and its repetition on the reader's keypad differ. Nothing was sent.
    case entriesDiffer
    /// The certificate's public key does not verify the card's signature.
    case signatureNotConfirmed
    /// The cryptogram does not contain a padded message.
    case decryptionFailed
}

extension CardError {
    /// Whether the card's answer shows that another application is selected, or that the logical channel is closed.
    /// Ours is then selected for another attempt (cards.md §1.3, §1.6).
    var saysApplicationLost: Bool {
        guard case .status(let status) = self else { return false }
        return status.sw1 == 0x6E || status == .incorrectParameters || status == .logicalChannelNotSupported
    }

    /// Whether a wrong cached directory may be the cause. False for errors that come from other programs, the user or
    /// the caller.
    public var mayComeFromDirectories: Bool {
        switch self {
        case .status(let status): status != .securityStatusNotSatisfied
        // A refused PIN may have been padded according to a wrong directory.
        case .malformed, .noPIN, .pinsUnreadable, .noPUK, .pinLength, .operationNotSupported,
            .signatureNotConfirmed, .wrongPIN, .pinBlocked, .newPINRefused:
            true
        default: false
        }
    }

    /// Whether the card refused a presented PIN.
    public var refusesPIN: Bool {
        switch self {
        case .wrongPIN, .pinBlocked: true
        default: false
        }
    }

    /// Whether the same reading may succeed at a second attempt: the card was reached, but its answer may have been
    /// garbled. (If another application was selected, a second attempt was already made.)
    var maySucceedAgain: Bool {
        switch self {
        case .channel(let error): error == .malformedResponse
        case .status: !saysApplicationLost
        case .malformed, .notACPSCard: true
        default: false
        }
    }
}
