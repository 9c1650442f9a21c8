// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import SmartCardBytes

/// What C_GetSessionInfo tells (PKCS#11 3.1 §3.4).
public struct SessionInfo: Sendable, Equatable {
    /// The slot that the session was opened in.
    public var slotID: CK_SLOT_ID
    /// CKS_*: read-only or read/write, and who is logged in to the card.
    public var state: CK_STATE
    /// CKF_RW_SESSION; the other flag of the standard, CKF_SERIAL_SESSION, is always set.
    public var isReadWrite: Bool
}

/// Session management (PKCS#11 3.1 §5.6).
extension Provider {
    /// Opens a session on the card in a slot. Read/write sessions open although
    /// the token is write-protected: OpenSSH opens no others. Only a card that may
    /// have to be barred is read for it; with the others a login right after recognizes
    /// the card and presents the code in one transaction.
    public func openSession(_ id: CK_SLOT_ID, readWrite: Bool) throws(CryptokiError) -> CK_SESSION_HANDLE {
        let token = try token(id)
        defer { letGoWithoutSession(of: token) }
        if token.model.tellsOfUpdates {
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

    /// Closes a session and what is under way in it (C_CloseSession). With the last one of a card the login ends.
    /// - Throws: `.sessionHandleInvalid`.
    public func closeSession(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        sessions.close(handle)
        logOutWithLastSession(of: session.token)
    }

    /// Closes all sessions of this process in a slot, whose login ends (C_CloseAllSessions).
    /// - Throws: `.slotIDInvalid`; `.tokenNotPresent` without a card, after the sessions of one that
    ///   was removed are closed.
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

    /// Without a session the reader is free: for programs that want it for themselves, and for
    /// pcscd, which cuts the power of a card that nobody is connected to.
    func letGoWithoutSession(of token: Token) {
        if sessions.count(of: token).all == 0 { token.letGo() }
    }

    /// What kind of session it is (C_GetSessionInfo). Nothing is sent to the card.
    /// - Throws: `.sessionHandleInvalid`, also when the card was pulled out.
    public func sessionInfo(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) -> SessionInfo {
        let session = try session(handle)
        return SessionInfo(slotID: session.slot.id, state: session.state, isReadWrite: session.isReadWrite)
    }

    /// Looks whether there is such a session, for a function that does nothing with it.
    /// - Throws: `.sessionHandleInvalid`.
    public func checkSession(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) { _ = try session(handle) }

    /// Ends the operations that the flags name; one that is not under way counts
    /// as ended (PKCS#11 3.1 §5.6.10).
    /// - Returns: whether one was under way.
    @discardableResult
    public func cancelOperations(_ handle: CK_SESSION_HANDLE, _ flags: CK_FLAGS) throws(CryptokiError) -> Bool {
        let session = try session(handle)
        return session.operations.withLock { operations in operations.cancel(flags) }
    }

    // MARK: Login

    /// Logs in. The checks come in the order of the official library (cards.md §7.5).
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

    /// Logs in with a code that the person types on the reader's keypad (the token
    /// has CKF_PROTECTED_AUTHENTICATION_PATH then).
    /// - Throws: `.argumentsBad` when the reader has none; `.pinIncorrect` also for too few or
    ///   too many digits, so that programs have it typed again.
    public func logInFromPINPad(_ handle: CK_SESSION_HANDLE, as type: UserType) throws(CryptokiError) {
        let token = try tokenForLogin(handle, as: type)
        let isLoggedIn: Bool
        do throws(CardError) {
            guard try token.hasPINPad() else { throw CardError.operationNotSupported }
            isLoggedIn = try token.logInFromPINPad(type.role) { sessions.count(of: token).all > 0 }
        } catch .operationNotSupported {
            throw .argumentsBad
        } catch .pinLength {
            // Here a person has mistyped: no program that would answer the same for ever.
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

    /// Logs out in all sessions of this process on the card, whatever becomes of the PIN (`Configuration.Logout`),
    /// and ends the operations that need the login (C_Logout).
    /// - Throws: `.userNotLoggedIn`, or why the card could not be reset; the login has ended all the same.
    public func logOut(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        defer {
            for other in sessions.sessions(of: session.token) { other.operations.withLock { $0.endPrivate() } }
        }
        try withToken(session) { (token) throws(CardError) in try token.logOut() }
    }

    /// Changes the user's PIN. No login and no read/write session are asked for, as the
    /// official library does (cards.md §3.4).
    /// - Throws: `.functionNotSupported` when the unblocking code is logged in.
    public func setPIN(
        _ handle: CK_SESSION_HANDLE, old: borrowing SecretBytes, new: borrowing SecretBytes
    ) throws(CryptokiError) {
        let session = try session(handle)
        try checkPINChange(session)
        do throws(CardError) {
            try session.token.changePIN(from: old, to: new)
        } catch {
            // Of the new PIN it is an invalid one; the old one is simply not the right one.
            let isOfTheOld = error == .pinCharacters && !old.allSatisfy { (0x30...0x39).contains($0) }
            throw isOfTheOld ? .pinIncorrect : CryptokiError(error)
        }
    }

    /// Changes the user's PIN; the old one and the new one are typed on the reader's
    /// keypad.
    /// - Throws: `.argumentsBad` when the reader has none, `.functionNotSupported` when
    ///   it takes no new PINs, when the unblocking code is logged in, and on a CPS3 whose PINs
    ///   are not padded: that card wants both PINs joined in one command, which a keypad can
    ///   build only for blocks of a known length.
    public func setPINFromPINPad(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        try checkPINChange(session)
        try newPINFromPINPad(session.token) { (token) throws(CardError) in try token.changePINFromPINPad() }
    }

    /// The security officer's PIN would be the unblocking code, which no card lets change;
    /// sent as the user's old PIN it would cost a try.
    private func checkPINChange(_ session: Session) throws(CryptokiError) {
        guard session.token.model.hasPIN else { throw .userPINNotInitialized }
        guard session.token.login.now != .unblocking else { throw .functionNotSupported }
    }

    /// Gives the user a new PIN; the unblocking code was presented by C_Login(CKU_SO).
    public func initializePIN(_ handle: CK_SESSION_HANDLE, new: borrowing SecretBytes) throws(CryptokiError) {
        let session = try session(handle)
        guard session.token.currentLogin() == .unblocking else { throw .userNotLoggedIn }
        do throws(CardError) {
            try session.token.unblockPIN(to: new)
        } catch {
            throw CryptokiError(error)
        }
    }

    /// Gives the user a new PIN that is typed on the reader's keypad.
    /// - Throws: `.argumentsBad` when the reader has none, `.functionNotSupported` when
    ///   it takes no new PINs.
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
    /// The return code for what went wrong in C_Login. A PIN that the card cannot have, and
    /// one that it has just refused, get another code than a wrong one: after
    /// CKR_PIN_INCORRECT programs ask again, and NSS and GnuTLS do so for ever when a
    /// program answers for the person.
    init(onLogin error: CardError, as role: PINRole) {
        self =
            switch error {
            case .alreadyLoggedIn(role): .userAlreadyLoggedIn
            case .refusedBefore: .pinInvalid
            default: CryptokiError(error)
            }
    }
}
