// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Slot and token management functions (PKCS#11 3.1 §5.5).

/// Stores the numbers of the slots, or how many there are. Sends no command to a card.
@c @implementation
public func C_GetSlotList(
    _ tokenPresent: CK_BBOOL, _ list: UnsafeMutablePointer<CK_SLOT_ID>?, _ count: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.length("present", CK_ULONG(tokenPresent)), unsafe .room(list, count)],
        giving: [unsafe .result("slots", count)]
    ) { (provider) throws(CryptokiError) in
        let tokenPresent = tokenPresent != 0
        try unsafe CallerMemory.list(list, count) { () throws(CryptokiError) in
            provider.slotCount(tokenPresent: tokenPresent)
        } elements: { (capacity) throws(CryptokiError) in
            try provider.slotList(tokenPresent: tokenPresent, capacity: capacity)
        }
    }
}

/// Stores the reader's name, shortened to 64 bytes in the middle, and whether a card is in it. Sends no command to a
/// card.
@c @implementation
public func C_GetSlotInfo(_ slot: CK_SLOT_ID, _ pointer: UnsafeMutablePointer<CK_SLOT_INFO>?) -> CK_RV {
    entryPoint([.slot(slot)]) { (provider) throws(CryptokiError) in
        guard unsafe pointer != nil else { throw .argumentsBad }
        let slotInfo = try provider.slotInfo(slot)
        var info = CK_SLOT_INFO()
        CallerMemory.fill(&info.slotDescription, with: slotInfo.description)
        CallerMemory.fill(&info.manufacturerID, with: "")
        info.flags = slotInfo.flags
        try unsafe CallerMemory.store(info, to: pointer)
    }
}

/// Stores label, serial number, flags and PIN lengths of the card in a slot. Reads the card at the first call. Retry
/// counters older than three seconds are read again.
@c @implementation
public func C_GetTokenInfo(_ slot: CK_SLOT_ID, _ pointer: UnsafeMutablePointer<CK_TOKEN_INFO>?) -> CK_RV {
    entryPoint([.slot(slot)]) { (provider) throws(CryptokiError) in
        guard unsafe pointer != nil else { throw .argumentsBad }
        let token = try provider.tokenInfo(slot)
        var info = CK_TOKEN_INFO()
        CallerMemory.fill(&info.label, with: token.label)
        CallerMemory.fill(&info.manufacturerID, with: token.manufacturer)
        CallerMemory.fill(&info.model, with: token.model)
        CallerMemory.fill(&info.serialNumber, with: token.serialNumber)
        CallerMemory.fill(&info.utcTime, with: "")
        info.flags = token.flags
        info.ulMaxSessionCount = 0  // CK_EFFECTIVELY_INFINITE
        info.ulSessionCount = CK_ULONG(token.sessionCount)
        info.ulMaxRwSessionCount = 0
        info.ulRwSessionCount = CK_ULONG(token.readWriteSessionCount)
        info.ulMaxPinLen = CK_ULONG(token.maximumPINLength)
        info.ulMinPinLen = CK_ULONG(token.minimumPINLength)
        info.ulTotalPublicMemory = unavailableInformation
        info.ulFreePublicMemory = unavailableInformation
        info.ulTotalPrivateMemory = unavailableInformation
        info.ulFreePrivateMemory = unavailableInformation
        try unsafe CallerMemory.store(info, to: pointer)
    }
}

/// Waits until a card or reader appears or disappears, or only checks (CKF_DONT_BLOCK). C_Finalize on another thread
/// ends the wait.
@c @implementation
public func C_WaitForSlotEvent(
    _ flags: CK_FLAGS, _ slot: UnsafeMutablePointer<CK_SLOT_ID>?, _ reserved: UnsafeMutableRawPointer?
) -> CK_RV {
    let cancellation = Cancellation.postponed()
    defer { cancellation.restore() }
    return entryPoint(
        [.flags(flags)],
        giving: [unsafe .result("slot", slot)]
    ) { (provider) throws(CryptokiError) in
        guard unsafe slot != nil, unsafe reserved == nil else { throw .argumentsBad }
        let id = try provider.waitForSlotEvent(
            mayBlock: flags & CKF_DONT_BLOCK == 0, betweenWaits: cancellation.endThreadIfCancelled)
        try unsafe CallerMemory.store(id, to: slot)
    }
}

/// Stores the mechanisms of the card in a slot, or their number. Sends no command to the card.
@c @implementation
public func C_GetMechanismList(
    _ slot: CK_SLOT_ID, _ list: UnsafeMutablePointer<CK_MECHANISM_TYPE>?, _ count: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.slot(slot), unsafe .room(list, count)],
        giving: [unsafe .result("mechanisms", count)]
    ) { (provider) throws(CryptokiError) in
        try unsafe CallerMemory.list(list, count) { () throws(CryptokiError) in
            try provider.mechanisms(slot).count
        } elements: { (_) throws(CryptokiError) in
            try provider.mechanisms(slot)
        }
    }
}

/// Stores key sizes and uses of one mechanism. Sends no command to the card.
@c @implementation
public func C_GetMechanismInfo(
    _ slot: CK_SLOT_ID, _ type: CK_MECHANISM_TYPE, _ pointer: UnsafeMutablePointer<CK_MECHANISM_INFO>?
) -> CK_RV {
    entryPoint([.slot(slot), .mechanism(type)]) { (provider) throws(CryptokiError) in
        guard unsafe pointer != nil else { throw .argumentsBad }
        let info = try provider.mechanismInfo(slot, type)
        try unsafe CallerMemory.store(
            CK_MECHANISM_INFO(
                ulMinKeySize: info.minimumKeySize, ulMaxKeySize: info.maximumKeySize, flags: info.flags),
            to: pointer)
    }
}

/// Initialises a token: only the issuer can. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_InitToken(
    _ slot: CK_SLOT_ID, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG, _ label: UnsafeMutablePointer<UInt8>?
) -> CK_RV {
    entryPoint([.slot(slot)]) { (provider) throws(CryptokiError) in try provider.initializeToken(slot) }
}

/// Sets a new user PIN after C_Login(CKU_SO) with the unblocking code. If the PIN is null, it is typed on the
/// reader's keypad.
@c @implementation
public func C_InitPIN(_ session: CK_SESSION_HANDLE, _ pin: UnsafeMutablePointer<UInt8>?, _ length: CK_ULONG) -> CK_RV {
    entryPoint([.session(session), unsafe .pin("pin", pin)]) { (provider) throws(CryptokiError) in
        guard unsafe pin != nil || length > 0 else { return try provider.initializePINFromPINPad(session) }
        let secret = try unsafe CallerMemory.pin(pin, length)
        try provider.initializePIN(session, new: secret)
    }
}

/// Changes the user's PIN. Requires neither a login nor a read/write session. If both PINs are null, they are typed
/// on the reader's keypad.
@c @implementation
public func C_SetPIN(
    _ session: CK_SESSION_HANDLE, _ oldPIN: UnsafeMutablePointer<UInt8>?, _ oldLength: CK_ULONG,
    _ newPIN: UnsafeMutablePointer<UInt8>?, _ newLength: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), unsafe .pin("old", oldPIN), unsafe .pin("new", newPIN)]) {
        (provider) throws(CryptokiError) in
        if unsafe oldPIN == nil, oldLength == 0, unsafe newPIN == nil, newLength == 0 {
            return try provider.setPINFromPINPad(session)
        }
        let old = try unsafe CallerMemory.pin(oldPIN, oldLength)
        let new = try unsafe CallerMemory.pin(newPIN, newLength)
        try provider.setPIN(session, old: old, new: new)
    }
}
