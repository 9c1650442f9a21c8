// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Session management functions (PKCS#11 3.1 §5.6).

/// CKF_ASYNC_SESSION of PKCS#11 3.2.
private let asyncSession: CK_FLAGS = 8

/// Opens a session. Read/write sessions are allowed although the token is write-protected. The callback is never
/// called.
@c @implementation
public func C_OpenSession(
    _ slot: CK_SLOT_ID, _ flags: CK_FLAGS, _ application: UnsafeMutableRawPointer?, _ notify: CK_NOTIFY?,
    _ session: UnsafeMutablePointer<CK_SESSION_HANDLE>?
) -> CK_RV {
    entryPoint(
        [.slot(slot), .flags(flags)],
        giving: [unsafe .result("session", session)]
    ) { (provider) throws(CryptokiError) in
        guard flags & CKF_SERIAL_SESSION != 0 else { throw .sessionParallelNotSupported }
        guard flags & asyncSession == 0 else { throw .sessionAsyncNotSupported }
        guard flags & ~(CKF_SERIAL_SESSION | CKF_RW_SESSION) == 0, unsafe session != nil else { throw .argumentsBad }
        let handle = try provider.openSession(slot, readWrite: flags & CKF_RW_SESSION != 0)
        try unsafe CallerMemory.store(handle, to: session)
    }
}

/// Closes a session. Closing a token's last session logs out.
@c @implementation
public func C_CloseSession(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (provider) throws(CryptokiError) in try provider.closeSession(session) }
}

/// Closes all sessions of this process in a slot, and logs out.
@c @implementation
public func C_CloseAllSessions(_ slot: CK_SLOT_ID) -> CK_RV {
    entryPoint([.slot(slot)]) { (provider) throws(CryptokiError) in try provider.closeAllSessions(slot) }
}

/// Stores slot, state and flags of a session.
@c @implementation
public func C_GetSessionInfo(_ session: CK_SESSION_HANDLE, _ pointer: UnsafeMutablePointer<CK_SESSION_INFO>?) -> CK_RV {
    entryPoint([.session(session)]) { (provider) throws(CryptokiError) in
        guard unsafe pointer != nil else { throw .argumentsBad }
        let info = try provider.sessionInfo(session)
        let flags = CKF_SERIAL_SESSION | (info.isReadWrite ? CKF_RW_SESSION : 0)
        try unsafe CallerMemory.store(
            CK_SESSION_INFO(slotID: info.slotID, state: info.state, flags: flags, ulDeviceError: 0), to: pointer)
    }
}

/// Presents the PIN for CKU_USER, the unblocking code for CKU_SO. A length that the card never accepts costs no try.
/// If the PIN is null, it is typed on the reader's keypad.
@c @implementation
public func C_Login(
    _ session: CK_SESSION_HANDLE, _ userType: CK_USER_TYPE, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .user(userType), unsafe .pin("pin", pin)]) { (provider) throws(CryptokiError) in
        try unsafe login(provider, session, userType, pin, length)
    }
}

/// Like C_Login. A card's user has no name, so the name must be empty.
@c @implementation
public func C_LoginUser(
    _ session: CK_SESSION_HANDLE, _ userType: CK_USER_TYPE, _ pin: UnsafeMutablePointer<UInt8>?,
    _ pinLength: CK_ULONG, _ userName: UnsafeMutablePointer<UInt8>?, _ userNameLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .user(userType), unsafe .pin("pin", pin)]) { (provider) throws(CryptokiError) in
        guard userNameLength == 0 else { throw .argumentsBad }
        try unsafe login(provider, session, userType, pin, pinLength)
    }
}

private func login(
    _ provider: Provider, _ session: CK_SESSION_HANDLE, _ userType: CK_USER_TYPE,
    _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG
) throws(CryptokiError) {
    let type: UserType
    switch userType {
    case CKU_USER: type = .user
    case CKU_SO: type = .securityOfficer
    default: throw .userTypeInvalid
    }
    guard unsafe pin != nil || length > 0 else { return try provider.logInFromPINPad(session, as: type) }
    let secret = try unsafe CallerMemory.pin(pin, length)
    try provider.logIn(session, as: type, pin: secret)
}

/// Logs out in all sessions of the process. The settings determine whether the card forgets the PIN (`LogoutRule`).
@c @implementation
public func C_Logout(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (provider) throws(CryptokiError) in try provider.logOut(session) }
}

/// Cancels the operations of a session that are named by the flags.
@c @implementation
public func C_SessionCancel(_ session: CK_SESSION_HANDLE, _ flags: CK_FLAGS) -> CK_RV {
    entryPoint([.session(session), .flags(flags)]) {
        (provider) throws(CryptokiError) in
        try provider.cancelOperations(session, flags)
    }
}
