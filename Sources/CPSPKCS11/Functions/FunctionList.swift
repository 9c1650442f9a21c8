// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// The function tables of C_GetFunctionList and C_GetInterface (PKCS#11 3.1 §3.6). Their fields have the types of the
/// C declarations. They are written once and valid as long as the process.
enum FunctionList {
    nonisolated(unsafe) static let version240 = unsafe permanent(
        functions(CK_VERSION(major: 2, minor: 40), getInfo: C_GetInfo))
    nonisolated(unsafe) static let version30 = unsafe permanent(
        functions30(CK_VERSION(major: 3, minor: 0)) {
            unsafe libraryInformation($0, of: CK_VERSION(major: 3, minor: 0))
        })
    nonisolated(unsafe) static let version32 = unsafe permanent(
        functions32(CK_VERSION(major: 3, minor: 2)) {
            unsafe libraryInformation($0, of: CK_VERSION(major: 3, minor: 2))
        })

    /// An address within the library's file.
    static var entryPointAddress: UnsafeRawPointer {
        // checked: the address of a C function
        unsafe unsafeBitCast(version240.pointee.C_GetFunctionList, to: UnsafeRawPointer.self)
    }

    /// Copies a value to an address that stays valid.
    static func permanent<List>(_ list: List) -> UnsafeMutablePointer<List> {
        let place = UnsafeMutablePointer<List>.allocate(capacity: 1)
        unsafe place.initialize(to: list)
        return unsafe place
    }

    private static func functions(_ version: CK_VERSION, getInfo: CK_C_GetInfo) -> CK_FUNCTION_LIST {
        unsafe CK_FUNCTION_LIST(
            version: version,
            C_Initialize: C_Initialize,
            C_Finalize: C_Finalize,
            C_GetInfo: getInfo,
            C_GetFunctionList: C_GetFunctionList,
            C_GetSlotList: C_GetSlotList,
            C_GetSlotInfo: C_GetSlotInfo,
            C_GetTokenInfo: C_GetTokenInfo,
            C_GetMechanismList: C_GetMechanismList,
            C_GetMechanismInfo: C_GetMechanismInfo,
            C_InitToken: C_InitToken,
            C_InitPIN: C_InitPIN,
            C_SetPIN: C_SetPIN,
            C_OpenSession: C_OpenSession,
            C_CloseSession: C_CloseSession,
            C_CloseAllSessions: C_CloseAllSessions,
            C_GetSessionInfo: C_GetSessionInfo,
            C_GetOperationState: C_GetOperationState,
            C_SetOperationState: C_SetOperationState,
            C_Login: C_Login,
            C_Logout: C_Logout,
            C_CreateObject: C_CreateObject,
            C_CopyObject: C_CopyObject,
            C_DestroyObject: C_DestroyObject,
            C_GetObjectSize: C_GetObjectSize,
            C_GetAttributeValue: C_GetAttributeValue,
            C_SetAttributeValue: C_SetAttributeValue,
            C_FindObjectsInit: C_FindObjectsInit,
            C_FindObjects: C_FindObjects,
            C_FindObjectsFinal: C_FindObjectsFinal,
            C_EncryptInit: C_EncryptInit,
            C_Encrypt: C_Encrypt,
            C_EncryptUpdate: C_EncryptUpdate,
            C_EncryptFinal: C_EncryptFinal,
            C_DecryptInit: C_DecryptInit,
            C_Decrypt: C_Decrypt,
            C_DecryptUpdate: C_DecryptUpdate,
            C_DecryptFinal: C_DecryptFinal,
            C_DigestInit: C_DigestInit,
            C_Digest: C_Digest,
            C_DigestUpdate: C_DigestUpdate,
            C_DigestKey: C_DigestKey,
            C_DigestFinal: C_DigestFinal,
            C_SignInit: C_SignInit,
            C_Sign: C_Sign,
            C_SignUpdate: C_SignUpdate,
            C_SignFinal: C_SignFinal,
            C_SignRecoverInit: C_SignRecoverInit,
            C_SignRecover: C_SignRecover,
            C_VerifyInit: C_VerifyInit,
            C_Verify: C_Verify,
            C_VerifyUpdate: C_VerifyUpdate,
            C_VerifyFinal: C_VerifyFinal,
            C_VerifyRecoverInit: C_VerifyRecoverInit,
            C_VerifyRecover: C_VerifyRecover,
            C_DigestEncryptUpdate: C_DigestEncryptUpdate,
            C_DecryptDigestUpdate: C_DecryptDigestUpdate,
            C_SignEncryptUpdate: C_SignEncryptUpdate,
            C_DecryptVerifyUpdate: C_DecryptVerifyUpdate,
            C_GenerateKey: C_GenerateKey,
            C_GenerateKeyPair: C_GenerateKeyPair,
            C_WrapKey: C_WrapKey,
            C_UnwrapKey: C_UnwrapKey,
            C_DeriveKey: C_DeriveKey,
            C_SeedRandom: C_SeedRandom,
            C_GenerateRandom: C_GenerateRandom,
            C_GetFunctionStatus: C_GetFunctionStatus,
            C_CancelFunction: C_CancelFunction,
            C_WaitForSlotEvent: C_WaitForSlotEvent)
    }

    private static func functions30(
        _ version: CK_VERSION, getInfo: CK_C_GetInfo
    ) -> CPS_FUNCTION_LIST_3_0 {
        unsafe CPS_FUNCTION_LIST_3_0(
            version_2_40: functions(version, getInfo: getInfo),
            C_GetInterfaceList: C_GetInterfaceList,
            C_GetInterface: C_GetInterface,
            C_LoginUser: C_LoginUser,
            C_SessionCancel: C_SessionCancel,
            C_MessageEncryptInit: C_MessageEncryptInit,
            C_EncryptMessage: C_EncryptMessage,
            C_EncryptMessageBegin: C_EncryptMessageBegin,
            C_EncryptMessageNext: C_EncryptMessageNext,
            C_MessageEncryptFinal: C_MessageEncryptFinal,
            C_MessageDecryptInit: C_MessageDecryptInit,
            C_DecryptMessage: C_DecryptMessage,
            C_DecryptMessageBegin: C_DecryptMessageBegin,
            C_DecryptMessageNext: C_DecryptMessageNext,
            C_MessageDecryptFinal: C_MessageDecryptFinal,
            C_MessageSignInit: C_MessageSignInit,
            C_SignMessage: C_SignMessage,
            C_SignMessageBegin: C_SignMessageBegin,
            C_SignMessageNext: C_SignMessageNext,
            C_MessageSignFinal: C_MessageSignFinal,
            C_MessageVerifyInit: C_MessageVerifyInit,
            C_VerifyMessage: C_VerifyMessage,
            C_VerifyMessageBegin: C_VerifyMessageBegin,
            C_VerifyMessageNext: C_VerifyMessageNext,
            C_MessageVerifyFinal: C_MessageVerifyFinal)
    }

    private static func functions32(_ version: CK_VERSION, getInfo: CK_C_GetInfo) -> CPS_FUNCTION_LIST_3_2 {
        unsafe CPS_FUNCTION_LIST_3_2(
            version_3_0: functions30(version, getInfo: getInfo),
            C_EncapsulateKey: C_EncapsulateKey,
            C_DecapsulateKey: C_DecapsulateKey,
            C_VerifySignatureInit: C_VerifySignatureInit,
            C_VerifySignature: C_VerifySignature,
            C_VerifySignatureUpdate: C_VerifySignatureUpdate,
            C_VerifySignatureFinal: C_VerifySignatureFinal,
            C_GetSessionValidationFlags: C_GetSessionValidationFlags,
            C_AsyncComplete: C_AsyncComplete,
            C_AsyncGetID: C_AsyncGetID,
            C_AsyncJoin: C_AsyncJoin,
            C_WrapKeyAuthenticated: C_WrapKeyAuthenticated,
            C_UnwrapKeyAuthenticated: C_UnwrapKeyAuthenticated)
    }
}
