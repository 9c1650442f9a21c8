// SPDX-License-Identifier: Apache-2.0

import CPSCard
import ISO7816

extension CryptokiError {
    /// The return code for a card error, in a function that takes a session handle.
    init(_ error: CardError) {
        self =
            switch error {
            case .channel(let error): CryptokiError(error)
            case .status(.securityStatusNotSatisfied), .notLoggedIn: .userNotLoggedIn
            case .alreadyLoggedIn: .userAnotherAlreadyLoggedIn
            case .refusedBefore: .pinIncorrect
            case .status, .malformed, .signatureNotConfirmed: .deviceError
            case .notACPSCard: .tokenNotRecognized
            case .wrongPIN: .pinIncorrect
            case .pinBlocked: .pinLocked
            case .pinLength: .pinLengthRange
            case .pinCharacters: .pinInvalid
            case .accessRefused: .attributeSensitive
            case .noPIN: .userPINNotInitialized
            case .pinsUnreadable: .deviceError
            // The token has no such user.
            case .noPUK: .userTypeInvalid
            case .newPINRefused: .deviceError
            case .operationNotSupported: .keyTypeInconsistent
            case .dataTooLong: .dataLengthRange
            case .dataNotUsable: .dataInvalid
            case .valueTooLong: .attributeValueInvalid
            case .decryptionFailed: .encryptedDataInvalid
            case .entryCancelled: .functionCanceled
            case .entriesDiffer: .pinInvalid
            }
    }

    init(_ error: ChannelError) {
        self =
            switch error {
            case .cardRemoved, .readerUnavailable: .deviceRemoved
            case .noDescriptor: .hostMemory
            // Another program has exclusive access to the card or the reader, or pcscd does not answer now:
            // connection and login may still be valid.
            case .sharingViolation, .serviceSilent: .functionFailed
            case .cardReset, .cardUnresponsive, .serviceUnavailable, .accessRefused, .malformedResponse,
                .commandTooLong, .other:
                .deviceError
            }
    }
}
