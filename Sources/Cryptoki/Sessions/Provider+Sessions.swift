// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import SmartCardBytes

/// The result of C_GetSessionInfo (PKCS#11 3.1 §3.4).
public struct SessionInfo: Sendable, Equatable {
    /// The session's slot.
    public var slotID: CK_SLOT_ID
    /// CKS_*: read-only or read/write, and who is logged in to the card.
    public var state: CK_STATE
    /// CKF_RW_SESSION. The standard's other flag, CKF_SERIAL_SESSION, is always set.
    public var isReadWrite: Bool
}

/// Session management (PKCS#11 3.1 §5.6).
extension Provider {
    /// Opens a session on the card in a slot (C_OpenSession). Read/write sessions are allowed although the token is
    /// write-protected, since OpenSSH opens no others. Only a card that reports unfinished updates is read. With
    /// other cards, a login that follows identifies the card and presents the PIN in one transaction.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized`; `.cardUpdateInterrupted`;
    ///   `.sessionReadWriteSOExists`; or why the card could not be reached.
    public func openSession(_ id: CK_SLOT_ID, readWrite: Bool) throws(CryptokiError) -> CK_SESSION_HANDLE {
        let token = try token(id)
        defer { letGoWithoutSession(of: token) }
        if token.model.reportsUpdates {
            guard try identity(of: token).update != .interrupted else { throw .cardUpdateInterrupted }
        }
        do throws(CardError) {
            try token.withCard { (state) throws(CardError) in try state.card.reach() }
        } catch {
            throw CryptokiError(onSlot: error)
        }
        if !readWrite, token.currentLogin() == .unblocking { throw .sessionReadWriteSOExists }
        let slot = try slot(id)
        return sessions.open(on: token, in: slot, readWrite: readWrite)
    }

    /// Closes a session and ends its operations (C_CloseSession). After the last session on a card the login ends.
    /// - Throws: `.sessionHandleInvalid`.
    public func closeSession(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        sessions.close(handle)
        logOutWithLastSession(of: session.token)
    }

    /// Closes all sessions of this process in a slot and ends the login (C_CloseAllSessions).
    /// - Throws: `.slotIDInvalid`; `.tokenNotPresent` without a card, after the sessions on a removed card are
    ///   closed.
    public func closeAllSessions(_ id: CK_SLOT_ID) throws(CryptokiError) {
        let slot = try slot(id)
        slot.look(always: false)
        sessions.closeAll { $0.slot === slot }
        guard case .token(let token) = slot.occupant else { throw .tokenNotPresent }
        logOutWithLastSession(of: token)
    }

    /// Closing the last session logs out (PKCS#11 3.1 §5.6.4).
    private func logOutWithLastSession(of token: Token) {
        guard sessions.count(of: token).all == 0 else { return }
        if token.login.now != .nobody { try? token.logOut() }
        letGoWithoutSession(of: token)
    }

    /// Frees the reader if there is no session: for programs that want exclusive access, and for pcscd, which powers
    /// off a card without connections.
    func letGoWithoutSession(of token: Token) {
        if sessions.count(of: token).all == 0 { token.letGo() }
    }

    /// Returns the kind and state of a session (C_GetSessionInfo). Nothing is sent to the card.
    /// - Throws: `.sessionHandleInvalid`, also if the card was removed.
    public func sessionInfo(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) -> SessionInfo {
        let session = try session(handle)
        return SessionInfo(slotID: session.slot.id, state: session.state, isReadWrite: session.isReadWrite)
    }

    /// Checks that a session exists, for functions that do nothing with it.
    /// - Throws: `.sessionHandleInvalid`.
    public func checkSession(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) { _ = try session(handle) }

    /// Ends the operations named by the flags; inactive ones are ignored (C_SessionCancel, PKCS#11 3.1 §5.6.10).
    /// - Returns: whether one was active.
    /// - Throws: `.sessionHandleInvalid`.
    @discardableResult
    public func cancelOperations(_ handle: CK_SESSION_HANDLE, _ flags: CK_FLAGS) throws(CryptokiError) -> Bool {
        let session = try session(handle)
        return session.operations.withLock { operations in operations.cancel(flags) }
    }

    // MARK: Login

    /// Logs in (C_Login). The checks have the official library's order (cards.md §7.5).
    /// - Throws: `.sessionHandleInvalid`, also if the last session was closed meanwhile; `.sessionReadOnlyExists`,
    ///   `.userPINNotInitialized`, `.userAlreadyLoggedIn`, `.userAnotherAlreadyLoggedIn`; `.pinIncorrect`,
    ///   `.pinLocked`, `.pinInvalid`, `.pinLengthRange` for the PIN; or why the card failed.
    public func logIn(
        _ handle: CK_SESSION_HANDLE, as type: UserType, pin: borrowing SecretBytes
    ) throws(CryptokiError) {
        let token = try tokenForLogin(handle, as: type)
        let isLoggedIn: Bool
        do throws(CardError) {
            isLoggedIn = try token.logIn(type.role, with: pin) { sessions.count(of: token).all > 0 }
        } catch {
            throw CryptokiError(onLogin: error, as: type.role)
        }
        guard isLoggedIn else { throw .sessionHandleInvalid }
    }

    /// Logs in with a PIN that is typed on the reader's keypad (the token has CKF_PROTECTED_AUTHENTICATION_PATH
    /// then).
    /// - Throws: `.argumentsBad` if the reader has no keypad; `.pinIncorrect` also for too few or too many digits, so
    ///   that programs ask again; else as `logIn`.
    public func logInFromPINPad(_ handle: CK_SESSION_HANDLE, as type: UserType) throws(CryptokiError) {
        let token = try tokenForLogin(handle, as: type)
        let isLoggedIn: Bool
        do throws(CardError) {
            guard try token.hasPINPad() else { throw CardError.operationNotSupported }
            isLoggedIn = try token.logInFromPINPad(type.role) { sessions.count(of: token).all > 0 }
        } catch .operationNotSupported {
            throw .argumentsBad
        } catch .pinLength {
            // A person has mistyped. A program would repeat the same answer forever.
            throw .pinIncorrect
        } catch {
            throw CryptokiError(onLogin: error, as: type.role)
        }
        guard isLoggedIn else { throw .sessionHandleInvalid }
    }

    private func tokenForLogin(_ handle: CK_SESSION_HANDLE, as type: UserType) throws(CryptokiError) -> Token {
        let token = try session(handle).token
        let count = sessions.count(of: token)
        if type == .securityOfficer, count.all > count.readWrite { throw .sessionReadOnlyExists }
        guard token.model.hasPIN else { throw .userPINNotInitialized }
        return token
    }

    /// Logs out in all sessions of this process on the card, and ends the operations that need the login (C_Logout).
    /// `LogoutRule` determines whether the card forgets the PIN.
    /// - Throws: `.userNotLoggedIn`, or why the card could not be reset; the login has ended anyway.
    public func logOut(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        defer {
            for other in sessions.sessions(of: session.token) { other.operations.withLock { $0.endPrivate() } }
        }
        try withToken(session) { (token) throws(CardError) in try token.logOut() }
    }

    /// Changes the user's PIN (C_SetPIN). Like the official library, it requires neither a login nor a read/write
    /// session (cards.md §3.4).
    /// - Throws: `.functionNotSupported` if the unblocking code is logged in, `.userPINNotInitialized`;
    ///   `.pinIncorrect`, `.pinLocked`, `.pinInvalid`, `.pinLengthRange` for the PINs; or why the card failed.
    public func setPIN(
        _ handle: CK_SESSION_HANDLE, old: borrowing SecretBytes, new: borrowing SecretBytes
    ) throws(CryptokiError) {
        let session = try session(handle)
        try checkPINChange(session)
        do throws(CardError) {
            try session.token.changePIN(from: old, to: new)
        } catch {
            // Other characters than digits make the new PIN invalid, but the old one only wrong.
            let isOfTheOld = error == .pinCharacters && !old.allSatisfy { (0x30...0x39).contains($0) }
            throw isOfTheOld ? .pinIncorrect : CryptokiError(error)
        }
    }

    /// Changes the user's PIN. The old and the new one are typed on the reader's keypad.
    /// - Throws: `.argumentsBad` if the reader has no keypad; `.functionNotSupported` if the reader takes no new
    ///   PINs, if the unblocking code is logged in, and on a CPS3 whose PINs are not padded: that card needs both
    ///   PINs in one command, which a keypad can build only from blocks of a fixed length.
    public func setPINFromPINPad(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        try checkPINChange(session)
        try newPINFromPINPad(session.token) { (token) throws(CardError) in try token.changePINFromPINPad() }
    }

    /// The security officer's PIN is the unblocking code, which no card can change. Sent as the user's old PIN, it
    /// would cost a try.
    private func checkPINChange(_ session: Session) throws(CryptokiError) {
        guard session.token.model.hasPIN else { throw .userPINNotInitialized }
        guard session.token.login.now != .unblocking else { throw .functionNotSupported }
    }

    /// Sets a new user PIN after C_Login(CKU_SO) with the unblocking code (C_InitPIN).
    /// - Throws: `.userNotLoggedIn` without that login, `.pinInvalid`, `.pinLengthRange`, or why the card failed.
    public func initializePIN(_ handle: CK_SESSION_HANDLE, new: borrowing SecretBytes) throws(CryptokiError) {
        let session = try session(handle)
        guard session.token.currentLogin() == .unblocking else { throw .userNotLoggedIn }
        do throws(CardError) {
            try session.token.unblockPIN(to: new)
        } catch {
            throw CryptokiError(error)
        }
    }

    /// Sets a new user PIN that is typed on the reader's keypad.
    /// - Throws: `.userNotLoggedIn` without the unblocking code; `.argumentsBad` if the reader has no keypad;
    ///   `.functionNotSupported` if it takes no new PINs.
    public func initializePINFromPINPad(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        guard session.token.currentLogin() == .unblocking else { throw .userNotLoggedIn }
        try newPINFromPINPad(session.token) { (token) throws(CardError) in try token.unblockPINFromPINPad() }
    }

    private func newPINFromPINPad(
        _ token: Token, _ body: (Token) throws(CardError) -> Void
    ) throws(CryptokiError) {
        do throws(CardError) {
            if try token.hasPINPad() { return try body(token) }
        } catch {
            throw error == .operationNotSupported ? .functionNotSupported : CryptokiError(error)
        }
        throw .argumentsBad
    }
}

extension CryptokiError {
    /// The return code for a failed C_Login. A PIN that the card cannot have, and one that it has just refused, get
    /// another return code than a wrong one: after CKR_PIN_INCORRECT programs ask again, and NSS and GnuTLS repeat
    /// that forever if a program answers for the person.
    init(onLogin error: CardError, as role: PINRole) {
        self =
            switch error {
            case .alreadyLoggedIn(role): .userAlreadyLoggedIn
            case .refusedBefore: .pinInvalid
            default: CryptokiError(error)
            }
    }
}
