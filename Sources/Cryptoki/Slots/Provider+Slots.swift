// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import ISO7816

/// The result of C_GetSlotInfo (PKCS#11 3.1 §3.3, cards.md §7.3).
public struct SlotInfo: Sendable, Equatable {
    /// The reader's name, at most 64 bytes.
    public var description: String
    /// CKF_REMOVABLE_DEVICE, CKF_HW_SLOT, and CKF_TOKEN_PRESENT if a CPS card is in the reader.
    public var flags: CK_FLAGS
}

/// The result of C_GetTokenInfo (PKCS#11 3.1 §3.3, cards.md §7.3). Unlike the official library's, it has
/// CKF_WRITE_PROTECTED: without it NSS stores trust objects on the card.
public struct TokenInformation: Sendable, Equatable {
    /// "CPS3v3-" or "CPS4..." and the card's number; "(unknown)" if it cannot be read. The C structure has 32 bytes.
    public var label: String
    /// The issuer's name on the card, or "(unknown)". The C structure has 32 bytes.
    public var manufacturer: String
    /// "IAS ECC" for all cards, like the official library: URIs contain it.
    public var model = "IAS ECC"
    /// The card's eight digits.
    public var serialNumber: String
    /// CKF_*: what the card requires for a login, and the state of its retry counters.
    public var flags: CK_FLAGS
    /// The open sessions of this process on the card.
    public var sessionCount: Int
    /// The read/write sessions among them.
    public var readWriteSessionCount: Int
    /// The longest user PIN, in characters; 8 if the card does not say.
    public var maximumPINLength: Int
    /// The shortest user PIN, in characters; 4 if the card does not say.
    public var minimumPINLength: Int
}

/// Slot and token management (PKCS#11 3.1 §5.5).
extension Provider {
    /// C_InitToken: always fails, since only the issuer initialises cards. The checks are those of the official
    /// library.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized`, `.sessionExists`; else
    ///   `.functionNotSupported`.
    public func initializeToken(_ id: CK_SLOT_ID) throws(CryptokiError) {
        let token = try token(id)
        guard sessions.count(of: token).all == 0 else { throw .sessionExists }
        throw .functionNotSupported
    }

    /// The number of slots (C_GetSlotList without a buffer): one for each reader seen since C_Initialize, and one
    /// while pcscd has not answered yet.
    public func slotCount(tokenPresent: Bool) -> Int { slots.announce(tokenPresent: tokenPresent) }

    /// The numbers of the slots, for a buffer of `capacity` elements (C_GetSlotList).
    /// - Throws: `.bufferTooSmall` if neither the current list nor the last counted one fits.
    public func slotList(tokenPresent: Bool, capacity: Int) throws(CryptokiError) -> [CK_SLOT_ID] {
        try slots.list(tokenPresent: tokenPresent, capacity: capacity)
    }

    /// Returns a reader's state, without a command to the card (C_GetSlotInfo).
    /// - Throws: `.slotIDInvalid`.
    public func slotInfo(_ id: CK_SLOT_ID) throws(CryptokiError) -> SlotInfo {
        let slot = try slot(id)
        slot.look(always: true)
        var flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT
        if slot.isTokenPresent { flags |= CKF_TOKEN_PRESENT }
        let name = slot.awaitsReader ? "(pcscd does not answer)" : slot.readerName
        return SlotInfo(description: Provider.slotDescription(name), flags: flags)
    }

    /// Shortens a long reader name in the middle (cards.md §7.3).
    private static func slotDescription(_ name: String) -> String {
        let bytes = Array(name.utf8)
        guard bytes.count > 64 else { return name }
        return String(decoding: bytes.prefix(30) + Array("...".utf8) + bytes.suffix(31), as: UTF8.self)
    }

    /// Returns the card's identity, PIN rules and retry counters (C_GetTokenInfo). Only what is not known yet is read
    /// from the card.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized` for another kind of card, or why the
    ///   card could not be read.
    public func tokenInfo(_ id: CK_SLOT_ID) throws(CryptokiError) -> TokenInformation {
        let token = try token(id)
        defer { letGoWithoutSession(of: token) }
        let identity = try identity(of: token)
        var flags = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED
        if token.model.hasPIN { flags |= CKF_LOGIN_REQUIRED }
        let pins: CardPINs
        do throws(CardError) {
            pins = try token.pins()
            // Also if the directory of PINs cannot be read: nobody must initialise the PIN.
            if token.model.hasPIN { flags |= CKF_USER_PIN_INITIALIZED }
            if token.model.hasPIN, try token.hasPINPad() { flags |= CKF_PROTECTED_AUTHENTICATION_PATH }
            let counters = try token.retryCounters()
            flags |= Provider.flags(
                counters.user, low: CKF_USER_PIN_COUNT_LOW, final: CKF_USER_PIN_FINAL_TRY, locked: CKF_USER_PIN_LOCKED)
            flags |= Provider.flags(
                counters.unblocking, low: CKF_SO_PIN_COUNT_LOW, final: CKF_SO_PIN_FINAL_TRY,
                locked: CKF_SO_PIN_LOCKED)
        } catch {
            throw CryptokiError(onSlot: error)
        }
        let own = sessions.count(of: token)
        return TokenInformation(
            label: identity.tokenInfo?.label ?? "(unknown)",
            manufacturer: identity.tokenInfo?.manufacturer ?? "(unknown)",
            serialNumber: identity.serialNumber.digits, flags: flags, sessionCount: own.all,
            readWriteSessionCount: own.readWrite,
            maximumPINLength: pins.userPIN?.maximumLength ?? 8,
            minimumPINLength: pins.userPIN?.minimumLength ?? 4)
    }

    private static func flags(_ counter: RetryCounter?, low: CK_FLAGS, final: CK_FLAGS, locked: CK_FLAGS) -> CK_FLAGS {
        guard let counter, let left = counter.left, left < counter.maximum else { return 0 }
        switch left {
        case 0: return locked
        case 1: return low | final
        default: return low
        }
    }

    /// The mechanisms of the card in a slot, in the official library's order (C_GetMechanismList). The card is
    /// identified by its answer to reset; nothing is sent to it.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent` (also for another kind of card).
    public func mechanisms(_ id: CK_SLOT_ID) throws(CryptokiError) -> [CK_MECHANISM_TYPE] {
        MechanismList.mechanisms(of: try tokenForMechanisms(id).model)
    }

    /// Key sizes and uses of a mechanism on the card in a slot (C_GetMechanismInfo).
    /// - Throws: `.mechanismInvalid` if the card does not have it, else as `mechanisms`.
    public func mechanismInfo(
        _ id: CK_SLOT_ID, _ type: CK_MECHANISM_TYPE
    ) throws(CryptokiError) -> MechanismInfo {
        try MechanismList.info(of: type, on: tokenForMechanisms(id).model)
    }

    /// The token in a slot. For the mechanism functions, a slot with a foreign card is empty, as its flags say
    /// (cards.md §7.3). Only C_GetTokenInfo and C_OpenSession report that card.
    private func tokenForMechanisms(_ id: CK_SLOT_ID) throws(CryptokiError) -> Token {
        do throws(CryptokiError) {
            return try token(id)
        } catch .tokenNotRecognized {
            throw .tokenNotPresent
        }
    }

    // MARK: Tokens of slots

    /// The token in a slot, after a look at the reader.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized`.
    func token(_ id: CK_SLOT_ID) throws(CryptokiError) -> Token {
        let slot = try slot(id)
        slot.look(always: true)
        return try slot.token()
    }

    /// The card's identity, for a function that takes a slot number.
    func identity(of token: Token) throws(CryptokiError) -> CardIdentity {
        do throws(CardError) {
            return try token.identity()
        } catch {
            throw CryptokiError(onSlot: error)
        }
    }
}

extension CryptokiError {
    /// The return code for a card error, in a function that takes a slot number: a removed card is a missing token
    /// there.
    init(onSlot error: CardError) {
        let general = CryptokiError(error)
        self = general == .deviceRemoved ? .tokenNotPresent : general
    }
}
