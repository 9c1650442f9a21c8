// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// Why a Cryptoki function failed (PKCS#11 3.1 §5.1). Each case is one return code, named like it without CKR_;
/// `row` has the table.
public enum CryptokiError: Error, Equatable, Sendable {
    /// No slot has this number.
    case slotIDInvalid
    /// No memory, or no file descriptor for pcscd.
    case hostMemory
    /// The function failed, but connection and login may still be valid.
    case functionFailed
    /// A pointer is missing, or arguments do not fit together.
    case argumentsBad
    /// No slot has changed.
    case noEvent
    /// The attribute cannot be changed.
    case attributeReadOnly
    /// The attribute is secret, or the card refuses access to it.
    case attributeSensitive
    /// The object has no such attribute.
    case attributeTypeInvalid
    /// The value is too long for its file.
    case attributeValueInvalid
    /// The key does not accept this data.
    case dataInvalid
    /// The data is too long.
    case dataLengthRange
    /// The card or pcscd failed.
    case deviceError
    /// The card or its reader was removed.
    case deviceRemoved
    /// The cryptogram does not contain a padded message.
    case encryptedDataInvalid
    /// The cryptogram is not as long as the modulus.
    case encryptedDataLengthRange
    /// The person cancelled on the reader's keypad, or typed nothing in time.
    case functionCanceled
    /// A function was to run in parallel (CKR_FUNCTION_NOT_PARALLEL).
    case functionNotParallel
    /// These cards do not support the function.
    case functionNotSupported
    /// No key has this handle.
    case keyHandleInvalid
    /// The key does not support the operation.
    case keyTypeInconsistent
    /// The token does not support the mechanism.
    case mechanismInvalid
    /// The mechanism's parameter is malformed or not supported (CKR_MECHANISM_PARAM_INVALID).
    case mechanismParameterInvalid
    /// No visible object has this handle.
    case objectHandleInvalid
    /// An operation of this kind is already active.
    case operationActive
    /// No operation of this kind is active.
    case operationNotInitialized
    /// The PIN is wrong.
    case pinIncorrect
    /// The PIN has invalid characters, or was just refused.
    case pinInvalid
    /// The PIN is too short or too long (CKR_PIN_LEN_RANGE).
    case pinLengthRange
    /// The PIN has no tries left.
    case pinLocked
    /// An asynchronous session of PKCS#11 3.2 was requested (CKR_SESSION_ASYNC_NOT_SUPPORTED).
    case sessionAsyncNotSupported
    /// The card has open sessions (CKR_SESSION_EXISTS).
    case sessionExists
    /// No session has this handle, or its card was removed.
    case sessionHandleInvalid
    /// CKF_SERIAL_SESSION is missing.
    case sessionParallelNotSupported
    /// The session is read-only.
    case sessionReadOnly
    /// A read-only session prevents the login with CKU_SO.
    case sessionReadOnlyExists
    /// A login with CKU_SO prevents a read-only session.
    case sessionReadWriteSOExists
    /// The signature is wrong.
    case signatureInvalid
    /// The signature is not as long as the modulus.
    case signatureLengthRange
    /// No card is in the reader.
    case tokenNotPresent
    /// Another kind of card is in the reader.
    case tokenNotRecognized
    /// This user is already logged in.
    case userAlreadyLoggedIn
    /// The user is not logged in.
    case userNotLoggedIn
    /// The card has no PIN.
    case userPINNotInitialized
    /// The token has no such user.
    case userTypeInvalid
    /// The other user is logged in.
    case userAnotherAlreadyLoggedIn
    /// The card's generator takes no seed.
    case randomSeedNotSupported
    /// The result does not fit. `needed` is its size in bytes or elements.
    case bufferTooSmall(needed: Int)
    /// C_Initialize was not called.
    case cryptokiNotInitialized
    /// C_Initialize was already called.
    case cryptokiAlreadyInitialized
    /// An update of the card by its issuer is unfinished: the official library's vendor-defined return code
    /// CKR_ASIP_BAD_EF_ACTUA (cards.md §6.1).
    case cardUpdateInterrupted

    /// The return code.
    public var code: CK_RV { row.code }

    /// The name of the return code in the standard, for a trace.
    public var name: StaticString { row.name }

    /// The return code and its name: the only list of them.
    private var row: (code: CK_RV, name: StaticString) {
        switch self {
        case .slotIDInvalid: (CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID")
        case .hostMemory: (CKR_HOST_MEMORY, "CKR_HOST_MEMORY")
        case .functionFailed: (CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED")
        case .argumentsBad: (CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD")
        case .noEvent: (CKR_NO_EVENT, "CKR_NO_EVENT")
        case .attributeReadOnly: (CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY")
        case .attributeSensitive: (CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE")
        case .attributeTypeInvalid: (CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID")
        case .attributeValueInvalid: (CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID")
        case .dataInvalid: (CKR_DATA_INVALID, "CKR_DATA_INVALID")
        case .dataLengthRange: (CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE")
        case .deviceError: (CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR")
        case .deviceRemoved: (CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED")
        case .encryptedDataInvalid: (CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID")
        case .encryptedDataLengthRange: (CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE")
        case .functionCanceled: (CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED")
        case .functionNotParallel: (CKR_FUNCTION_NOT_PARALLEL, "CKR_FUNCTION_NOT_PARALLEL")
        case .functionNotSupported: (CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED")
        case .keyHandleInvalid: (CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID")
        case .keyTypeInconsistent: (CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT")
        case .mechanismInvalid: (CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID")
        case .mechanismParameterInvalid: (CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID")
        case .objectHandleInvalid: (CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID")
        case .operationActive: (CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE")
        case .operationNotInitialized: (CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED")
        case .pinIncorrect: (CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT")
        case .pinInvalid: (CKR_PIN_INVALID, "CKR_PIN_INVALID")
        case .pinLengthRange: (CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE")
        case .pinLocked: (CKR_PIN_LOCKED, "CKR_PIN_LOCKED")
        // From PKCS#11 3.2, missing in p11-kit 0.24.
        case .sessionAsyncNotSupported: (0x205, "CKR_SESSION_ASYNC_NOT_SUPPORTED")
        case .sessionExists: (CKR_SESSION_EXISTS, "CKR_SESSION_EXISTS")
        case .sessionHandleInvalid: (CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID")
        case .sessionParallelNotSupported: (CKR_SESSION_PARALLEL_NOT_SUPPORTED, "CKR_SESSION_PARALLEL_NOT_SUPPORTED")
        case .sessionReadOnly: (CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY")
        case .sessionReadOnlyExists: (CKR_SESSION_READ_ONLY_EXISTS, "CKR_SESSION_READ_ONLY_EXISTS")
        case .sessionReadWriteSOExists: (CKR_SESSION_READ_WRITE_SO_EXISTS, "CKR_SESSION_READ_WRITE_SO_EXISTS")
        case .signatureInvalid: (CKR_SIGNATURE_INVALID, "CKR_SIGNATURE_INVALID")
        case .signatureLengthRange: (CKR_SIGNATURE_LEN_RANGE, "CKR_SIGNATURE_LEN_RANGE")
        case .tokenNotPresent: (CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT")
        case .tokenNotRecognized: (CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED")
        case .userAlreadyLoggedIn: (CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN")
        case .userNotLoggedIn: (CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN")
        case .userPINNotInitialized: (CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED")
        case .userTypeInvalid: (CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID")
        case .userAnotherAlreadyLoggedIn: (CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN")
        case .randomSeedNotSupported: (CKR_RANDOM_SEED_NOT_SUPPORTED, "CKR_RANDOM_SEED_NOT_SUPPORTED")
        case .bufferTooSmall: (CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL")
        case .cryptokiNotInitialized: (CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED")
        case .cryptokiAlreadyInitialized: (CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED")
        case .cardUpdateInterrupted: (0x8000_0001, "CKR_ASIP_BAD_EF_ACTUA")
        }
    }
}
