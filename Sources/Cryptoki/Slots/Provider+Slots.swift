// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import ISO7816

/// What C_GetSlotInfo tells (PKCS#11 3.1 §3.3, cards.md §7.3).
public struct SlotInfo: Sendable, Equatable {
    /// The reader's name, at most 64 bytes.
    public var description: String
    /// CKF_REMOVABLE_DEVICE, CKF_HW_SLOT, and CKF_TOKEN_PRESENT with a CPS card in the reader.
    public var flags: CK_FLAGS
}

/// What C_GetTokenInfo tells (PKCS#11 3.1 §3.3, cards.md §7.3). A card's
/// CKF_WRITE_PROTECTED is set, which the official library leaves out: without it
/// NSS stores trust objects on the card.
public struct TokenInformation: Sendable, Equatable {
    /// "CPS3v3-" or "CPS4..." and the card's number; "(unknown)" when the card does not tell. The C structure takes
    /// 32 bytes.
    public var label: String
    /// The issuer as the card names it, or "(unknown)". The C structure takes 32 bytes.
    public var manufacturer: String
    /// "IAS ECC" on both cards, as the official library says: URIs name it.
    public var model = "IAS ECC"
    /// The card's eight digits.
    public var serialNumber: String
    /// CKF_*: what the card needs for a login, and how near its PINs are to being blocked.
    public var flags: CK_FLAGS
    /// The sessions that this process has open on the card.
    public var sessionCount: Int
    /// Those of them that are read/write.
    public var readWriteSessionCount: Int
    /// The most characters of the user's PIN; 8 where the card does not say.
    public var maximumPINLength: Int
    /// The fewest characters of the user's PIN; 4 where the card does not say.
    public var minimumPINLength: Int
}

/// Slot and token management (PKCS#11 3.1 §5.5).
extension Provider {
    /// A card is initialised by its issuer only. The checks before that are those of the
    /// official library.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized`,
    ///   `.sessionExists`; `.functionNotSupported` if none of these is the case.
    public func initializeToken(_ id: CK_SLOT_ID) throws(CryptokiError) {
        let token = try token(id)
        guard sessions.count(of: token).all == 0 else { throw .sessionExists }
        throw .functionNotSupported
    }

    /// The number of slots, one for each reader seen since the library was initialised; one while pcscd has not
    /// answered yet (C_GetSlotList without a buffer).
    public func slotCount(tokenPresent: Bool) -> Int { slots.announce(tokenPresent: tokenPresent) }

    /// The numbers of the slots, for a buffer of `capacity` elements (C_GetSlotList).
    /// - Throws: `.bufferTooSmall` when neither the present list nor the one last counted fits.
    public func slotList(tokenPresent: Bool, capacity: Int) throws(CryptokiError) -> [CK_SLOT_ID] {
        try slots.list(tokenPresent: tokenPresent, capacity: capacity)
    }

    /// Looks at a reader, and sends nothing to a card (C_GetSlotInfo).
    /// - Throws: `.slotIDInvalid`.
    public func slotInfo(_ id: CK_SLOT_ID) throws(CryptokiError) -> SlotInfo {
        let slot = try slot(id)
        slot.look(always: true)
        var flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT
        if slot.isTokenPresent { flags |= CKF_TOKEN_PRESENT }
        let name = slot.awaitsReader ? "(pcscd does not answer)" : slot.readerName
        return SlotInfo(description: Provider.slotDescription(name), flags: flags)
    }

    /// A longer reader name keeps its beginning and its end (cards.md §7.3).
    private static func slotDescription(_ name: String) -> String {
        let bytes = Array(name.utf8)
        guard bytes.count > 64 else { return name }
        return String(decoding: bytes.prefix(30) + Array("...".utf8) + bytes.suffix(31), as: UTF8.self)
    }

    /// Reads who the card is, its PIN rules and retry counters; the card is asked only for what is not known yet
    /// (C_GetTokenInfo).
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized` for another kind of card, or why it
    ///   could not be read.
    public func tokenInfo(_ id: CK_SLOT_ID) throws(CryptokiError) -> TokenInformation {
        let token = try token(id)
        defer { letGoWithoutSession(of: token) }
        let identity = try identity(of: token)
        var flags = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED
        if token.model.hasPIN { flags |= CKF_LOGIN_REQUIRED }
        let pins: CardPINs
        do throws(CardError) {
            pins = try token.pins()
            // Also where its directory cannot be read: nobody is to initialise it.
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

    /// The mechanisms of the card in a slot, in the order of the official library (C_GetMechanismList). The card is
    /// known by its answer to reset; nothing is sent to it.
    /// - Throws: `.slotIDInvalid`, `.tokenNotPresent`, `.tokenNotRecognized`.
    public func mechanisms(_ id: CK_SLOT_ID) throws(CryptokiError) -> [CK_MECHANISM_TYPE] {
        MechanismList.mechanisms(of: try tokenForMechanisms(id).model)
    }

    /// Key sizes and uses of a mechanism on the card in a slot (C_GetMechanismInfo).
    /// - Throws: `.mechanismInvalid` for one that the card does not have, else as `mechanisms`.
    public func mechanismInfo(
        _ id: CK_SLOT_ID, _ type: CK_MECHANISM_TYPE
    ) throws(CryptokiError) -> MechanismInfo {
        try MechanismList.info(of: type, on: tokenForMechanisms(id).model)
    }

    /// The token in a slot. To the mechanism functions a slot with a foreign card is an
    /// empty one, as its flags say (cards.md §7.3); only C_GetTokenInfo and C_OpenSession
    /// tell that a card is there.
    private func tokenForMechanisms(_ id: CK_SLOT_ID) throws(CryptokiError) -> Token {
        do throws(CryptokiError) {
            return try token(id)
        } catch .tokenNotRecognized {
            throw .tokenNotPresent
        }
    }

    // MARK: Tokens of slots

    /// The token in a slot, looked for now.
    func token(_ id: CK_SLOT_ID) throws(CryptokiError) -> Token {
        let slot = try slot(id)
        slot.look(always: true)
        return try slot.token()
    }

    /// Who the card is, for a function that takes a slot number.
    func identity(of token: Token) throws(CryptokiError) -> CardIdentity {
        do throws(CardError) {
            return try token.identity()
        } catch {
            throw CryptokiError(onSlot: error)
        }
    }
}

extension CryptokiError {
    /// The return code for what went wrong with a card, in a function that takes a
    /// slot number: there a card that is gone is a token that is not present.
    init(onSlot error: CardError) {
        let general = CryptokiError(error)
        self = general == .deviceRemoved ? .tokenNotPresent : general
    }
}
