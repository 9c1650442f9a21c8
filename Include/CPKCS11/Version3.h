/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#11 3.0, 3.1 and 3.2: interfaces, the functions added since 2.40 in the
 * order of the standard's function lists, and the lists themselves
 * (PKCS#11 3.1 section 3.6, 3.2 section 3.6).
 *
 * p11-kit's header declares 2.40 up to version 0.24, 3.0 in 0.25 and 3.2 in 0.26.
 * Types that it lacks are declared here under its names. Functions are always
 * declared: if p11-kit also declares them, the compiler compares both declarations.
 * The function lists are our own: a newer list contains the older one, whereas
 * p11-kit repeats its fields.
 */
#ifndef CPS_CPKCS11_VERSION_3_H
#define CPS_CPKCS11_VERSION_3_H

#define CPS_HEADER_LACKS(major, minor) \
    (CRYPTOKI_VERSION_MAJOR < (major) || (CRYPTOKI_VERSION_MAJOR == (major) && CRYPTOKI_VERSION_MINOR < (minor)))

#if CPS_HEADER_LACKS(3, 0)
/* PKCS#11 3.0 section 3.6: an interface is a name, a function list and flags. */
typedef struct ck_interface {
    char *pInterfaceName;
    void *pFunctionList;
    CK_FLAGS flags;
} CK_INTERFACE;
#endif

#if CPS_HEADER_LACKS(3, 2)
/* PKCS#11 3.2 section 3.8. */
typedef CK_ULONG CK_SESSION_VALIDATION_FLAGS_TYPE;

typedef struct ck_async_data {
    CK_ULONG ulVersion;
    unsigned char *pValue;
    CK_ULONG ulValue;
    CK_OBJECT_HANDLE hObject;
    CK_OBJECT_HANDLE hAdditionalObject;
} CK_ASYNC_DATA;
#endif

#ifndef CKF_INTERFACE_FORK_SAFE
#define CKF_INTERFACE_FORK_SAFE (0x1UL)
#endif

/* PKCS#11 3.0 section 3.4: CK_SESSION_INFO and C_SessionCancel. */
#ifndef CKF_FIND_OBJECTS
#define CKF_FIND_OBJECTS (0x40UL)
#endif

/* Version 3.0. */
extern CK_RV C_GetInterfaceList(CK_INTERFACE *interfaces, CK_ULONG *count);
extern CK_RV C_GetInterface(unsigned char *name, CK_VERSION *version, CK_INTERFACE **interface, CK_FLAGS flags);
extern CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE userType, unsigned char *pin,
    CK_ULONG pinLength, unsigned char *userName, CK_ULONG userNameLength);
extern CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
extern CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key);
extern CK_RV C_EncryptMessage(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *associatedData, CK_ULONG associatedDataLength,
    unsigned char *plaintext, CK_ULONG plaintextLength, unsigned char *ciphertext,
    CK_ULONG *ciphertextLength);
extern CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *associatedData, CK_ULONG associatedDataLength);
extern CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *plaintext, CK_ULONG plaintextLength,
    unsigned char *ciphertext, CK_ULONG *ciphertextLength, CK_FLAGS flags);
extern CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE session);
extern CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key);
extern CK_RV C_DecryptMessage(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *associatedData, CK_ULONG associatedDataLength,
    unsigned char *ciphertext, CK_ULONG ciphertextLength, unsigned char *plaintext,
    CK_ULONG *plaintextLength);
extern CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *associatedData, CK_ULONG associatedDataLength);
extern CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *ciphertext, CK_ULONG ciphertextLength,
    unsigned char *plaintext, CK_ULONG *plaintextLength, CK_FLAGS flags);
extern CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE session);
extern CK_RV C_MessageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key);
extern CK_RV C_SignMessage(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameterLength,
    unsigned char *data, CK_ULONG dataLength, unsigned char *signature,
    CK_ULONG *signatureLength);
extern CK_RV C_SignMessageBegin(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength);
extern CK_RV C_SignMessageNext(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *data, CK_ULONG dataLength, unsigned char *signature,
    CK_ULONG *signatureLength);
extern CK_RV C_MessageSignFinal(CK_SESSION_HANDLE session);
extern CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key);
extern CK_RV C_VerifyMessage(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *data, CK_ULONG dataLength, unsigned char *signature,
    CK_ULONG signatureLength);
extern CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength);
extern CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE session, void *parameter,
    CK_ULONG parameterLength, unsigned char *data, CK_ULONG dataLength, unsigned char *signature,
    CK_ULONG signatureLength);
extern CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE session);

/* Version 3.2. */
extern CK_RV C_EncapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE publicKey, CK_ATTRIBUTE *template, CK_ULONG count,
    unsigned char *ciphertext, CK_ULONG *ciphertextLength, CK_OBJECT_HANDLE *key);
extern CK_RV C_DecapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE privateKey, CK_ATTRIBUTE *template, CK_ULONG count,
    unsigned char *ciphertext, CK_ULONG ciphertextLength, CK_OBJECT_HANDLE *key);
extern CK_RV C_VerifySignatureInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key, unsigned char *signature, CK_ULONG signatureLength);
extern CK_RV C_VerifySignature(CK_SESSION_HANDLE session, unsigned char *data,
    CK_ULONG dataLength);
extern CK_RV C_VerifySignatureUpdate(CK_SESSION_HANDLE session, unsigned char *part,
    CK_ULONG partLength);
extern CK_RV C_VerifySignatureFinal(CK_SESSION_HANDLE session);
extern CK_RV C_GetSessionValidationFlags(CK_SESSION_HANDLE session,
    CK_SESSION_VALIDATION_FLAGS_TYPE type, CK_FLAGS *flags);
extern CK_RV C_AsyncComplete(CK_SESSION_HANDLE session, unsigned char *functionName,
    CK_ASYNC_DATA *result);
extern CK_RV C_AsyncGetID(CK_SESSION_HANDLE session, unsigned char *functionName,
    CK_ULONG *identifier);
extern CK_RV C_AsyncJoin(CK_SESSION_HANDLE session, unsigned char *functionName,
    CK_ULONG identifier, unsigned char *data, CK_ULONG dataLength);
extern CK_RV C_WrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE wrappingKey, CK_OBJECT_HANDLE key, unsigned char *associatedData,
    CK_ULONG associatedDataLength, unsigned char *wrappedKey, CK_ULONG *wrappedKeyLength);
extern CK_RV C_UnwrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE unwrappingKey, unsigned char *wrappedKey, CK_ULONG wrappedKeyLength,
    CK_ATTRIBUTE *template, CK_ULONG count, unsigned char *associatedData,
    CK_ULONG associatedDataLength, CK_OBJECT_HANDLE *key);

/*
 * The function lists. Each starts with the fields of the one before it; the first
 * field is the version of the list.
 */
typedef struct CPS_FUNCTION_LIST_3_0 {
    CK_FUNCTION_LIST version_2_40;
    __typeof__(&C_GetInterfaceList) C_GetInterfaceList;
    __typeof__(&C_GetInterface) C_GetInterface;
    __typeof__(&C_LoginUser) C_LoginUser;
    __typeof__(&C_SessionCancel) C_SessionCancel;
    __typeof__(&C_MessageEncryptInit) C_MessageEncryptInit;
    __typeof__(&C_EncryptMessage) C_EncryptMessage;
    __typeof__(&C_EncryptMessageBegin) C_EncryptMessageBegin;
    __typeof__(&C_EncryptMessageNext) C_EncryptMessageNext;
    __typeof__(&C_MessageEncryptFinal) C_MessageEncryptFinal;
    __typeof__(&C_MessageDecryptInit) C_MessageDecryptInit;
    __typeof__(&C_DecryptMessage) C_DecryptMessage;
    __typeof__(&C_DecryptMessageBegin) C_DecryptMessageBegin;
    __typeof__(&C_DecryptMessageNext) C_DecryptMessageNext;
    __typeof__(&C_MessageDecryptFinal) C_MessageDecryptFinal;
    __typeof__(&C_MessageSignInit) C_MessageSignInit;
    __typeof__(&C_SignMessage) C_SignMessage;
    __typeof__(&C_SignMessageBegin) C_SignMessageBegin;
    __typeof__(&C_SignMessageNext) C_SignMessageNext;
    __typeof__(&C_MessageSignFinal) C_MessageSignFinal;
    __typeof__(&C_MessageVerifyInit) C_MessageVerifyInit;
    __typeof__(&C_VerifyMessage) C_VerifyMessage;
    __typeof__(&C_VerifyMessageBegin) C_VerifyMessageBegin;
    __typeof__(&C_VerifyMessageNext) C_VerifyMessageNext;
    __typeof__(&C_MessageVerifyFinal) C_MessageVerifyFinal;
} CPS_FUNCTION_LIST_3_0;

typedef struct CPS_FUNCTION_LIST_3_2 {
    CPS_FUNCTION_LIST_3_0 version_3_0;
    __typeof__(&C_EncapsulateKey) C_EncapsulateKey;
    __typeof__(&C_DecapsulateKey) C_DecapsulateKey;
    __typeof__(&C_VerifySignatureInit) C_VerifySignatureInit;
    __typeof__(&C_VerifySignature) C_VerifySignature;
    __typeof__(&C_VerifySignatureUpdate) C_VerifySignatureUpdate;
    __typeof__(&C_VerifySignatureFinal) C_VerifySignatureFinal;
    __typeof__(&C_GetSessionValidationFlags) C_GetSessionValidationFlags;
    __typeof__(&C_AsyncComplete) C_AsyncComplete;
    __typeof__(&C_AsyncGetID) C_AsyncGetID;
    __typeof__(&C_AsyncJoin) C_AsyncJoin;
    __typeof__(&C_WrapKeyAuthenticated) C_WrapKeyAuthenticated;
    __typeof__(&C_UnwrapKeyAuthenticated) C_UnwrapKeyAuthenticated;
} CPS_FUNCTION_LIST_3_2;

#endif
