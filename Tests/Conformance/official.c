/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs of the official library check, in our own words and
 * under their numbers (docs/differences.md). Runs on the first token found.
 *
 *   official MODULE PIN [--as-official]
 *   official --list-differences
 *
 * Where our library answers differently on purpose, the table `differences` says
 * so and the test wants that answer; --as-official wants the official one
 * everywhere, for a run against the official library.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/conformance.h"

#define ALL (CARD_CPS3 | CARD_CPS4 | CARD_CONTACTLESS)
#define CONTACT (CARD_CPS3 | CARD_CPS4)

/* Their code for "nothing was found". */
#define NOTHING_FOUND (CKR_VENDOR_DEFINED + 2)

static const struct difference {
    int number;
    int cards;
    CK_RV official, ours;
    const char *why;
} differences[] = {
    {121, ALL, CKR_FUNCTION_NOT_SUPPORTED, CKR_CRYPTOKI_NOT_INITIALIZED,
     "C_WaitForSlotEvent waits, as the standard says; here C_Finalize ends the wait"},
    {122, ALL, CKR_FUNCTION_NOT_SUPPORTED, CKR_CRYPTOKI_NOT_INITIALIZED, "as 121"},
    {310, ALL, CKR_FUNCTION_NOT_SUPPORTED, CKR_OK, "C_GetObjectSize tells the size of the value or the modulus"},
    {1112, CARD_CONTACTLESS, CKR_OPERATION_ACTIVE, CKR_MECHANISM_INVALID,
     "CKM_RSA_X_509 is not offered, and the mechanism is looked at before the operation"},
};

static card_kind card;
static bool as_official;
static const char *pin;
static CK_SLOT_ID slot;

static CK_RV wanted(int number, CK_RV official) {
    for (size_t index = 0; !as_official && index < sizeof differences / sizeof differences[0]; index++)
        if (differences[index].number == number && (differences[index].cards & card)) return differences[index].ours;
    return official;
}

static bool test(int number, const char *description, CK_RV official, CK_RV got) {
    char what[160];
    CK_RV expected = wanted(number, official);
    snprintf(what, sizeof what, "%d %s", number, description);
    bool same = expect_rv(what, expected, got);
    if (same) printf("  ok    %s: %s\n", what, rv_name(got));
    return same;
}

/* The official tests count a value that is not the right one as a failed call. */
static CK_RV found(bool something) { return something ? CKR_OK : NOTHING_FOUND; }

static bool contactless(void) { return card == CARD_CONTACTLESS; }

/* ---- What the tests use ---- */

static CK_MECHANISM rsa_pkcs = {CKM_RSA_PKCS, NULL, 0};
static CK_MECHANISM sha1_rsa_pkcs = {CKM_SHA1_RSA_PKCS, NULL, 0};
static CK_MECHANISM sha256_rsa_pkcs = {CKM_SHA256_RSA_PKCS, NULL, 0};
static CK_MECHANISM rsa_x509 = {CKM_RSA_X_509, NULL, 0};
static CK_MECHANISM no_signature = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};

static char document[] = "document_to_sign";
#define DOCUMENT (CK_BYTE *)document, sizeof document - 1

static const unsigned char document_sha1[20] = {0x7d, 0x4d, 0xd0, 0x5a, 0xf9, 0xfc, 0xad, 0xac, 0x2a, 0xbd,
                                                0xf7, 0x0e, 0xe2, 0xb0, 0x51, 0xd8, 0x29, 0x99, 0x64, 0xd6};
static const unsigned char document_sha256[32] = {0xdb, 0x84, 0xce, 0xf5, 0x04, 0xe7, 0x86, 0x9b, 0x3f, 0x7b, 0x70,
                                                  0x05, 0x4c, 0xdf, 0xd1, 0x43, 0x91, 0xdf, 0x1c, 0x3c, 0x51, 0x6f,
                                                  0x5c, 0x55, 0x3c, 0x80, 0x1f, 0x7e, 0xa4, 0x0e, 0xfc, 0xf2};

static CK_RV create_mutex(void **mutex) {
    *mutex = malloc(sizeof(pthread_mutex_t));
    return *mutex && pthread_mutex_init(*mutex, NULL) == 0 ? CKR_OK : CKR_HOST_MEMORY;
}
static CK_RV destroy_mutex(void *mutex) {
    pthread_mutex_destroy(mutex);
    free(mutex);
    return CKR_OK;
}
static CK_RV lock_mutex(void *mutex) { return pthread_mutex_lock(mutex) == 0 ? CKR_OK : CKR_MUTEX_BAD; }
static CK_RV unlock_mutex(void *mutex) { return pthread_mutex_unlock(mutex) == 0 ? CKR_OK : CKR_MUTEX_NOT_LOCKED; }

static void start(void) {
    must("C_Initialize", p11->C_Initialize(NULL));
    slot = first_token();
}

static void stop(void) { must("C_Finalize", p11->C_Finalize(NULL)); }

static void log_in(CK_SESSION_HANDLE session) {
    CK_RV got = login(session, pin);
    if (!contactless()) must("C_Login", got);
}

/* The signature key of a contact card; a contactless card has one key only. */
static CK_OBJECT_HANDLE signature_key(CK_SESSION_HANDLE session) {
    return private_key(session, contactless() ? KEY_TECHNICAL : KEY_SIGNATURE);
}

static CK_OBJECT_HANDLE authentication_key(CK_SESSION_HANDLE session) {
    return private_key(session, contactless() ? KEY_TECHNICAL : KEY_AUTHENTICATION);
}

static const char *certificate_label(void) {
    return contactless() ? "Certificat Technique CPS" : "Certificat de Signature CPS";
}

static CK_OBJECT_HANDLE public_key_with_id_of(CK_SESSION_HANDLE session, const char *certificate) {
    unsigned char id[64];
    CK_OBJECT_HANDLE object = find_labelled(session, CKO_CERTIFICATE, certificate);
    CK_ULONG length = attribute(session, object, CKA_ID, id, sizeof id);
    return length > sizeof id ? 0 : find_by_id(session, CKO_PUBLIC_KEY, id, length);
}

/* ---- 0: general ---- */

static void general(void) {
    CK_FUNCTION_LIST *list = NULL;
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)module_symbol("C_GetFunctionList");
    CK_INFO info;
    test(0, "C_GetFunctionList", CKR_OK, get(&list));
    test(1, "C_Finalize before C_Initialize", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
    test(2, "C_GetInfo before C_Initialize", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_GetInfo(&info));
    CK_C_INITIALIZE_ARGS mutexes = {create_mutex, destroy_mutex, lock_mutex, unlock_mutex, 0, NULL};
    test(4, "C_Initialize with four callbacks", CKR_OK, p11->C_Initialize(&mutexes));
    stop();
    mutexes.flags = CKF_OS_LOCKING_OK;
    test(5, "C_Initialize with four callbacks and OS locking", CKR_OK, p11->C_Initialize(&mutexes));
    stop();
    CK_C_INITIALIZE_ARGS nothing = {0};
    test(6, "C_Initialize with no callbacks", CKR_OK, p11->C_Initialize(&nothing));
    stop();
    nothing.flags = CKF_OS_LOCKING_OK;
    test(7, "C_Initialize with OS locking", CKR_OK, p11->C_Initialize(&nothing));
    stop();
    CK_C_INITIALIZE_ARGS some = {create_mutex, NULL, lock_mutex, NULL, 0, NULL};
    test(8, "C_Initialize with some callbacks", CKR_ARGUMENTS_BAD, p11->C_Initialize(&some));
    test(9, "C_Initialize(NULL)", CKR_OK, p11->C_Initialize(NULL));
    test(10, "C_Initialize again", CKR_CRYPTOKI_ALREADY_INITIALIZED, p11->C_Initialize(NULL));
    test(11, "C_GetInfo(NULL)", CKR_ARGUMENTS_BAD, p11->C_GetInfo(NULL));
    test(12, "C_GetInfo", CKR_OK, p11->C_GetInfo(&info));
    test(13, "C_Finalize", CKR_OK, p11->C_Finalize(NULL));
}

/* ---- 100: slots and tokens ---- */

struct wait {
    CK_RV code;
    bool returned;
};

static void *wait_for_event(void *argument) {
    struct wait *wait = argument;
    CK_SLOT_ID where;
    wait->code = p11->C_WaitForSlotEvent(0, &where, NULL);
    __atomic_store_n(&wait->returned, true, __ATOMIC_RELEASE);
    return NULL;
}

/* The code of a wait that nothing ends but C_Finalize. */
static CK_RV wait_without_event(void) {
    struct wait wait = {0};
    pthread_t thread;
    start();
    pthread_create(&thread, NULL, wait_for_event, &wait);
    for (int round = 0; round < 5 && !__atomic_load_n(&wait.returned, __ATOMIC_ACQUIRE); round++)
        sleep_milliseconds(100);
    stop();
    pthread_join(thread, NULL);
    return wait.code;
}

static void slots_and_tokens(void) {
    CK_SLOT_ID slots[32], where = 0;
    CK_ULONG count = 32;
    CK_SLOT_INFO slot_info;
    CK_TOKEN_INFO token_info;
    CK_MECHANISM_INFO mechanism_info;
    CK_MECHANISM_TYPE mechanisms[64];
    unsigned char label[32];
    CK_RV none = CKR_CRYPTOKI_NOT_INITIALIZED;
    memset(label, ' ', sizeof label);
    test(100, "C_GetSlotList not initialised", none, p11->C_GetSlotList(CK_FALSE, slots, &count));
    test(101, "C_GetSlotInfo not initialised", none, p11->C_GetSlotInfo(0, &slot_info));
    test(102, "C_GetTokenInfo not initialised", none, p11->C_GetTokenInfo(0, &token_info));
    test(103, "C_WaitForSlotEvent not initialised", none, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL));
    test(104, "C_GetMechanismList not initialised", none, p11->C_GetMechanismList(0, mechanisms, &count));
    test(105, "C_GetMechanismInfo not initialised", none, p11->C_GetMechanismInfo(0, CKM_RSA_PKCS, &mechanism_info));
    test(106, "C_InitToken not initialised", none, p11->C_InitToken(0, (CK_BYTE *)"12345678", 8, label));
    test(107, "C_InitPIN not initialised", none, p11->C_InitPIN(1, (CK_BYTE *)"1234", 4));
    test(108, "C_SetPIN not initialised", none, p11->C_SetPIN(1, (CK_BYTE *)"1234", 4, (CK_BYTE *)"1234", 4));

    start();
    test(109, "C_GetSlotList, no count", CKR_ARGUMENTS_BAD, p11->C_GetSlotList(CK_FALSE, slots, NULL));
    test(110, "C_GetSlotList, count", CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &count));
    test(111, "C_GetSlotList, list", CKR_OK, p11->C_GetSlotList(CK_FALSE, slots, &count));
    CK_ULONG less = count - 1;
    test(112, "C_GetSlotList, list too short", CKR_BUFFER_TOO_SMALL, p11->C_GetSlotList(CK_FALSE, slots, &less));
    test(113, "C_GetSlotList with tokens, count", CKR_OK, p11->C_GetSlotList(CK_TRUE, NULL, &count));
    test(114, "C_GetSlotList with tokens, list", CKR_OK, p11->C_GetSlotList(CK_TRUE, slots, &count));
    test(115, "C_GetSlotInfo(NULL)", CKR_ARGUMENTS_BAD, p11->C_GetSlotInfo(slot, NULL));
    test(116, "C_GetSlotInfo of slot 99", CKR_SLOT_ID_INVALID, p11->C_GetSlotInfo(99, &slot_info));
    test(117, "C_GetSlotInfo", CKR_OK, p11->C_GetSlotInfo(slot, &slot_info));
    test(118, "C_GetTokenInfo(NULL)", CKR_ARGUMENTS_BAD, p11->C_GetTokenInfo(slot, NULL));
    test(119, "C_GetTokenInfo of slot 999999999", CKR_SLOT_ID_INVALID, p11->C_GetTokenInfo(999999999, &token_info));
    test(120, "C_GetTokenInfo", CKR_OK, p11->C_GetTokenInfo(slot, &token_info));
    stop();
    test(121, "C_WaitForSlotEvent, blocking", CKR_FUNCTION_NOT_SUPPORTED, wait_without_event());
    test(122, "C_WaitForSlotEvent, blocking, again", CKR_FUNCTION_NOT_SUPPORTED, wait_without_event());
    start();
    test(123, "C_WaitForSlotEvent, not blocking", CKR_NO_EVENT, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &where, NULL));
    count = 1;
    test(124, "C_GetMechanismList, room for one", CKR_BUFFER_TOO_SMALL, p11->C_GetMechanismList(slot, mechanisms, &count));
    test(125, "C_GetMechanismList, count", CKR_OK, p11->C_GetMechanismList(slot, NULL, &count));
    test(126, "C_GetMechanismList, list", CKR_OK, p11->C_GetMechanismList(slot, mechanisms, &count));
    for (CK_ULONG index = 0; index < count; index++)
        test(127, "C_GetMechanismInfo of each", CKR_OK, p11->C_GetMechanismInfo(slot, mechanisms[index], &mechanism_info));
    stop();
    /* The official ones damage the cache on disk before each, which we do not use. */
    for (int number = 128; number <= 130; number++) {
        start();
        test(number, "the token is listed after a fresh C_Initialize", CKR_OK, found(token_slots(slots, 32) >= 1));
        stop();
    }
}

/* ---- 200: sessions ---- */

static void sessions(void) {
    CK_SESSION_HANDLE opened[5], again = 0;
    CK_SESSION_INFO info;
    unsigned char state[256];
    CK_ULONG length = sizeof state;
    CK_RV no_pin = CKR_USER_PIN_NOT_INITIALIZED;
    start();
    for (int index = 0; index < 5; index++)
        test(200 + index, index == 1 ? "C_OpenSession read/write" : "C_OpenSession read-only", CKR_OK,
             p11->C_OpenSession(slot, CKF_SERIAL_SESSION | (index == 1 ? CKF_RW_SESSION : 0), NULL, NULL, &opened[index]));
    test(205, "C_GetSessionInfo", CKR_OK, p11->C_GetSessionInfo(opened[0], &info));
    test(206, "C_Login as security officer beside read-only sessions", CKR_SESSION_READ_ONLY_EXISTS,
         p11->C_Login(opened[1], CKU_SO, (CK_BYTE *)"12345678", 8));
    test(207, "C_Login", contactless() ? no_pin : CKR_OK, login(opened[0], pin));
    test(208, "C_Login again", contactless() ? no_pin : CKR_USER_ALREADY_LOGGED_IN, login(opened[0], pin));
    test(209, "C_GetOperationState", CKR_FUNCTION_NOT_SUPPORTED, p11->C_GetOperationState(opened[0], state, &length));
    test(210, "C_SetOperationState", CKR_FUNCTION_NOT_SUPPORTED,
         p11->C_SetOperationState(opened[0], state, sizeof state, 0, 0));
    test(211, "C_Logout", contactless() ? CKR_USER_NOT_LOGGED_IN : CKR_OK, p11->C_Logout(opened[0]));
    test(212, "C_CloseSession", CKR_OK, p11->C_CloseSession(opened[0]));
    test(213, "C_CloseAllSessions", CKR_OK, p11->C_CloseAllSessions(slot));
    test(214, "C_CloseSession of a closed session", CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(opened[1]));
    test(215, "C_GetSessionInfo of session 999", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(999, &info));
    test(216, "C_Login in session 999", CKR_SESSION_HANDLE_INVALID, login(999, pin));
    test(217, "C_OpenSession, no handle wanted", CKR_ARGUMENTS_BAD,
         p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, NULL));
    stop();
    CK_RV none = CKR_CRYPTOKI_NOT_INITIALIZED;
    test(218, "C_OpenSession not initialised", none, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &again));
    test(219, "C_GetSessionInfo not initialised", none, p11->C_GetSessionInfo(opened[0], &info));
    test(220, "C_Login not initialised", none, login(opened[0], pin));
    test(221, "C_InitPIN not initialised", none, p11->C_InitPIN(opened[0], (CK_BYTE *)"1234", 4));
    test(222, "C_Logout not initialised", none, p11->C_Logout(opened[0]));
}

/* ---- 300: objects ---- */

static void find_key(int number, CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, const char *name) {
    char text[64];
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG hits = 0;
    snprintf(text, sizeof text, "C_FindObjectsInit for %s", name);
    test(number, text, CKR_OK, p11->C_FindObjectsInit(session, template, count));
    snprintf(text, sizeof text, "C_FindObjects finds %s", name);
    CK_RV got = p11->C_FindObjects(session, &object, 1, &hits);
    test(number + 1, text, CKR_OK, got == CKR_OK ? found(hits >= 1) : got);
    test(number + 2, "C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
}

static void objects(void) {
    CK_OBJECT_CLASS data = CKO_DATA, private_class = CKO_PRIVATE_KEY, public_class = CKO_PUBLIC_KEY;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE, private = !contactless();
    CK_OBJECT_HANDLE object = 0, copy = 0;
    CK_ULONG hits = 0, size = 0;
    CK_BBOOL token_object = 0;
    CK_ATTRIBUTE token_query = {CKA_TOKEN, &token_object, sizeof token_object};
    CK_RV none = CKR_CRYPTOKI_NOT_INITIALIZED;
    test(300, "C_FindObjectsInit not initialised", none, p11->C_FindObjectsInit(1, NULL, 0));
    test(301, "C_FindObjects not initialised", none, p11->C_FindObjects(1, &object, 1, &hits));
    test(302, "C_FindObjectsFinal not initialised", none, p11->C_FindObjectsFinal(1));
    test(303, "C_GetAttributeValue not initialised", none, p11->C_GetAttributeValue(1, 1, &token_query, 1));

    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    const char *label = contactless() ? "CPS_DATA" : "CPS_ID_CARD";
    CK_ATTRIBUTE card_template[] = {{CKA_CLASS, &data, sizeof data},
                                    {CKA_TOKEN, &yes, sizeof yes},
                                    {CKA_PRIVATE, &no, sizeof no},
                                    {CKA_LABEL, (void *)label, strlen(label)},
                                    {CKA_MODIFIABLE, &no, sizeof no}};
    CK_ULONG entries = contactless() ? 5 : 4;
    test(304, "C_CreateObject", CKR_FUNCTION_NOT_SUPPORTED, p11->C_CreateObject(session, card_template, 4, &object));
    test(305, "C_CopyObject", CKR_FUNCTION_NOT_SUPPORTED, p11->C_CopyObject(session, 1, card_template, 4, &copy));
    test(306, "C_FindObjectsInit in session 999", CKR_SESSION_HANDLE_INVALID,
         p11->C_FindObjectsInit(999, card_template, entries));
    test(307, "C_FindObjectsInit for a data object", CKR_OK, p11->C_FindObjectsInit(session, card_template, entries));
    CK_RV got = p11->C_FindObjects(session, &object, 1, &hits);
    test(308, "C_FindObjects finds the data object", CKR_OK, got == CKR_OK ? found(hits == 1) : got);
    test(309, "C_FindObjects in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_FindObjects(999, &copy, 1, &hits));
    test(310, "C_GetObjectSize", CKR_FUNCTION_NOT_SUPPORTED, p11->C_GetObjectSize(session, object, &size));
    test(311, "C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    test(312, "C_GetAttributeValue", CKR_OK, p11->C_GetAttributeValue(session, object, &token_query, 1));

    log_in(session);
    const char *key_label = contactless() ? "CPS_PRIV_TECH_AUT" : "CPS_PRIV_SIG";
    CK_ATTRIBUTE key_template[] = {{CKA_CLASS, &private_class, sizeof private_class},
                                   {CKA_PRIVATE, &private, sizeof private},
                                   {CKA_TOKEN, &yes, sizeof yes},
                                   {CKA_LABEL, (void *)key_label, strlen(key_label)}};
    find_key(313, session, key_template, 4, "the private signature key");
    unsigned char id[64];
    CK_ULONG id_length = attribute(session, signature_key(session), CKA_ID, id, sizeof id);
    CK_ATTRIBUTE public_template[] = {{CKA_CLASS, &public_class, sizeof public_class},
                                      {CKA_PRIVATE, &no, sizeof no},
                                      {CKA_TOKEN, &yes, sizeof yes},
                                      {CKA_ID, id, id_length <= sizeof id ? id_length : 0}};
    find_key(316, session, public_template, 4, "the public signature key");
    stop();
}

/* ---- 400 and 500: encrypting and decrypting ---- */

static unsigned char cryptogram[256];
static CK_ULONG cryptogram_length;
static unsigned char message[16] = "Message chiffre";

static void encryption(void) {
    unsigned char small[12];
    CK_ULONG length = sizeof small;
    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    log_in(session);
    CK_OBJECT_HANDLE public = public_key_with_id_of(session, "Certificat d'Authentification CPS");
    CK_OBJECT_HANDLE private = authentication_key(session);
    test(401, "C_EncryptInit in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_EncryptInit(999, &rsa_pkcs, public));
    test(402, "C_EncryptInit with key 0", CKR_KEY_HANDLE_INVALID, p11->C_EncryptInit(session, &rsa_pkcs, 0));
    test(403, "C_EncryptInit, invalid mechanism", CKR_MECHANISM_INVALID, p11->C_EncryptInit(session, &no_signature, public));
    test(404, "C_EncryptInit with a private key", CKR_KEY_TYPE_INCONSISTENT, p11->C_EncryptInit(session, &rsa_pkcs, private));
    cryptogram_length = sizeof cryptogram;
    test(405, "C_Encrypt without C_EncryptInit", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_Encrypt(session, message, sizeof message, cryptogram, &cryptogram_length));
    test(406, "C_EncryptInit", CKR_OK, p11->C_EncryptInit(session, &rsa_pkcs, public));
    test(407, "C_Encrypt, no length", CKR_ARGUMENTS_BAD, p11->C_Encrypt(session, message, sizeof message, cryptogram, NULL));
    test(408, "C_Encrypt into 12 bytes", CKR_BUFFER_TOO_SMALL,
         p11->C_Encrypt(session, message, sizeof message, small, &length));
    CK_RV got = p11->C_Encrypt(session, message, sizeof message, NULL, &cryptogram_length);
    if (got == CKR_OK && cryptogram_length != sizeof cryptogram) got = CKR_DATA_LEN_RANGE;
    if (got == CKR_OK) got = p11->C_Encrypt(session, message, sizeof message, cryptogram, &cryptogram_length);
    test(409, "C_Encrypt, length and cryptogram", CKR_OK, got);
    stop();
}

static CK_RV decrypt_and_compare(CK_SESSION_HANDLE session) {
    unsigned char plain[256];
    CK_ULONG length = sizeof plain;
    CK_RV got = p11->C_Decrypt(session, cryptogram, cryptogram_length, plain, &length);
    if (got != CKR_OK) return got;
    return length == sizeof message && memcmp(plain, message, length) == 0 ? CKR_OK : CKR_DATA_INVALID;
}

static void decryption(void) {
    unsigned char plain[256];
    CK_ULONG length = sizeof plain;
    test(500, "C_DecryptInit not initialised", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_DecryptInit(1, &rsa_pkcs, 1));
    CK_C_INITIALIZE_ARGS arguments = {
        .flags = CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, .pReserved = "winlogonDecrypt"};
    must("C_Initialize with a reserved string", p11->C_Initialize(&arguments));
    slot = first_token();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    test(501, "C_DecryptInit in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_DecryptInit(999, &rsa_pkcs, 1));
    test(502, "C_Login", CKR_OK, login(session, pin));
    CK_OBJECT_HANDLE key = authentication_key(session);
    test(503, "C_DecryptInit with key 0", CKR_OBJECT_HANDLE_INVALID, p11->C_DecryptInit(session, &rsa_pkcs, 0));
    test(504, "C_DecryptInit, invalid mechanism", CKR_MECHANISM_INVALID, p11->C_DecryptInit(session, &no_signature, key));
    must("C_Logout", p11->C_Logout(session));
    test(505, "C_DecryptInit after C_Logout", CKR_USER_NOT_LOGGED_IN, p11->C_DecryptInit(session, &rsa_pkcs, key));
    must("C_Login", login(session, pin));
    test(506, "C_Decrypt without C_DecryptInit", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_Decrypt(session, cryptogram, cryptogram_length, plain, &length));
    test(507, "C_Decrypt in session 999", CKR_SESSION_HANDLE_INVALID,
         p11->C_Decrypt(999, cryptogram, cryptogram_length, plain, &length));
    test(508, "C_DecryptInit", CKR_OK, p11->C_DecryptInit(session, &rsa_pkcs, key));
    test(509, "C_Decrypt, no input", CKR_ARGUMENTS_BAD, p11->C_Decrypt(session, NULL, cryptogram_length, plain, &length));
    length = 2;
    test(510, "C_Decrypt into 2 bytes", CKR_BUFFER_TOO_SMALL,
         p11->C_Decrypt(session, cryptogram, cryptogram_length, plain, &length));
    test(511, "C_Decrypt, length", CKR_OK, p11->C_Decrypt(session, cryptogram, cryptogram_length, NULL, &length));
    test(512, "C_Decrypt gives the message back", CKR_OK, decrypt_and_compare(session));
    stop();
    test(513, "C_Initialize(NULL)", CKR_OK, p11->C_Initialize(NULL));
    session = open_session(slot, 0);
    test(514, "C_Login", CKR_OK, login(session, pin));
    test(515, "C_DecryptInit", CKR_OK, p11->C_DecryptInit(session, &rsa_pkcs, authentication_key(session)));
    test(516, "C_Decrypt, length", CKR_OK, p11->C_Decrypt(session, cryptogram, cryptogram_length, NULL, &length));
    test(517, "C_Decrypt gives the message back", CKR_OK, decrypt_and_compare(session));
    stop();
}

/* ---- 600 and 700: signing and verifying ---- */

static unsigned char letters[1405];
/* A contactless card signs bytes as they are, and not so many. */
static CK_ULONG letters_length(void) { return contactless() ? 16 : sizeof letters; }

struct signature {
    unsigned char bytes[256];
    CK_ULONG length;
};
static struct signature of_info, of_letters, of_sha1, of_sha256;

static CK_RV sign(CK_SESSION_HANDLE session, const void *data, CK_ULONG length, struct signature *signature) {
    signature->length = sizeof signature->bytes;
    return p11->C_Sign(session, (CK_BYTE *)data, length, signature->bytes, &signature->length);
}

/* Init, length, signature under three numbers in a row. */
static void sign_in_three(
    int number, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const void *data, CK_ULONG length,
    struct signature *signature, const char *what) {
    char text[96];
    CK_ULONG needed = 0;
    snprintf(text, sizeof text, "C_SignInit for %s", what);
    test(number, text, CKR_OK, p11->C_SignInit(session, &rsa_pkcs, key));
    CK_RV got = p11->C_Sign(session, (CK_BYTE *)data, length, NULL, &needed);
    test(number + 1, "C_Sign, length", CKR_OK, got == CKR_OK && needed != 256 ? CKR_DATA_LEN_RANGE : got);
    snprintf(text, sizeof text, "C_Sign %s", what);
    test(number + 2, text, CKR_OK, sign(session, data, length, signature));
}

static void signing(void) {
    unsigned char signature[256], info[51], long_data[513] = {0};
    CK_ULONG length = sizeof signature;
    CK_RV none = CKR_CRYPTOKI_NOT_INITIALIZED;
    memset(letters, 'A', sizeof letters);
    test(600, "C_SignInit not initialised", none, p11->C_SignInit(1, &rsa_pkcs, 1));
    test(601, "C_Sign not initialised", none, p11->C_Sign(1, DOCUMENT, signature, &length));
    test(602, "C_SignUpdate not initialised", none, p11->C_SignUpdate(1, DOCUMENT));
    test(603, "C_SignFinal not initialised", none, p11->C_SignFinal(1, signature, &length));

    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    test(604, "C_SignInit in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_SignInit(999, &rsa_pkcs, 1));
    test(605, "C_Login", contactless() ? CKR_USER_PIN_NOT_INITIALIZED : CKR_OK, login(session, pin));
    CK_OBJECT_HANDLE key = authentication_key(session);
    CK_OBJECT_HANDLE public = public_key_of(session, key);
    test(606, "C_SignInit with key 0", CKR_KEY_HANDLE_INVALID, p11->C_SignInit(session, &rsa_pkcs, 0));
    test(607, "C_SignInit, invalid mechanism", CKR_MECHANISM_INVALID, p11->C_SignInit(session, &no_signature, key));
    test(608, "C_SignInit with a public key", CKR_KEY_TYPE_INCONSISTENT, p11->C_SignInit(session, &sha1_rsa_pkcs, public));
    if (!contactless()) must("C_Logout", p11->C_Logout(session));
    test(609, "C_SignInit after C_Logout", contactless() ? CKR_OK : CKR_USER_NOT_LOGGED_IN,
         p11->C_SignInit(session, &rsa_pkcs, key));
    must("C_CloseSession", p11->C_CloseSession(session));
    session = open_session(slot, 0);
    log_in(session);
    test(610, "C_Sign without C_SignInit", CKR_OPERATION_NOT_INITIALIZED, p11->C_Sign(session, DOCUMENT, signature, &length));
    test(611, "C_Sign in session FFFFFFFF", CKR_SESSION_HANDLE_INVALID,
         p11->C_Sign(0xFFFFFFFF, DOCUMENT, signature, &length));
    test(612, "C_SignInit", CKR_OK, p11->C_SignInit(session, &rsa_pkcs, key));
    test(613, "C_Sign, no data and no length", CKR_ARGUMENTS_BAD, p11->C_Sign(session, NULL, 16, NULL, NULL));
    test(615, "C_Sign, length, with no data", CKR_OK, p11->C_Sign(session, (CK_BYTE *)document, 0, NULL, &length));
    length = 0;
    test(616, "C_Sign into no bytes", CKR_BUFFER_TOO_SMALL, p11->C_Sign(session, DOCUMENT, signature, &length));
    length = sizeof signature;
    test(617, "C_Sign, no data", CKR_ARGUMENTS_BAD, p11->C_Sign(session, NULL, 16, signature, &length));
    length = sizeof signature;
    test(618, "C_Sign of 513 bytes", CKR_DATA_LEN_RANGE,
         p11->C_Sign(session, long_data, sizeof long_data, signature, &length));
    sha1_info(document, sizeof document - 1, info);
    sign_in_three(619, session, key, info, 35, &of_info, "a DigestInfo of SHA-1");
    test(622, "C_SignUpdate without C_SignInit", CKR_OPERATION_NOT_INITIALIZED, p11->C_SignUpdate(session, DOCUMENT));
    test(623, "C_SignUpdate in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_SignUpdate(999, DOCUMENT));

    CK_MECHANISM *hashed = contactless() ? &rsa_pkcs : &sha1_rsa_pkcs;
    CK_OBJECT_HANDLE own = signature_key(session);
    test(624, "C_SignInit with the signature key", CKR_OK, p11->C_SignInit(session, hashed, own));
    test(625, "C_SignUpdate, no data", CKR_ARGUMENTS_BAD, p11->C_SignUpdate(session, NULL, 16));
    test(626, "C_SignUpdate", CKR_OK, p11->C_SignUpdate(session, letters, letters_length()));
    test(627, "C_SignUpdate again", CKR_OK, p11->C_SignUpdate(session, letters, letters_length()));
    must("C_CloseSession", p11->C_CloseSession(session));
    session = open_session(slot, 0);
    log_in(session);
    own = signature_key(session);
    length = sizeof signature;
    test(628, "C_SignFinal without C_SignInit", CKR_OPERATION_NOT_INITIALIZED, p11->C_SignFinal(session, signature, &length));
    test(629, "C_SignInit", CKR_OK, p11->C_SignInit(session, hashed, own));
    test(630, "C_SignFinal in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_SignFinal(999, signature, &length));
    test(631, "C_SignFinal, no length", CKR_ARGUMENTS_BAD, p11->C_SignFinal(session, signature, NULL));
    test(632, "C_SignUpdate", CKR_OK, p11->C_SignUpdate(session, letters, letters_length()));
    length = 250;
    test(633, "C_SignFinal into 250 bytes", CKR_BUFFER_TOO_SMALL, p11->C_SignFinal(session, signature, &length));
    CK_RV got = p11->C_SignFinal(session, NULL, &length);
    test(634, "C_SignFinal, length", CKR_OK, got == CKR_OK && length != 256 ? CKR_DATA_LEN_RANGE : got);
    of_letters.length = sizeof of_letters.bytes;
    test(635, "C_SignFinal", CKR_OK, p11->C_SignFinal(session, of_letters.bytes, &of_letters.length));
    struct signature of_sha256_info;
    sign_in_three(636, session, own, document_sha1, 20, &of_sha1, "a SHA-1 hash");
    sign_in_three(639, session, own, document_sha256, 32, &of_sha256, "a SHA-256 hash");
    sign_in_three(642, session, own, info, sha256_info(document, sizeof document - 1, info), &of_sha256_info,
                  "a DigestInfo of SHA-256");
    /* Not in the official tests: what was signed is judged by somebody else. */
    public_numbers numbers;
    expect("642-644 the numbers of the public key", read_public_numbers(session, public_key_of(session, own), &numbers),
           "unreadable");
    expect("642-644 signature of a DigestInfo",
           is_sha256_signature(&numbers, DOCUMENT, of_sha256_info.bytes, of_sha256_info.length), "does not verify");
    expect("633-635 signature of letters",
           contactless()
               ? is_pkcs1_signature(&numbers, letters, letters_length(), of_letters.bytes, of_letters.length)
               : is_sha1_signature(&numbers, letters, letters_length(), of_letters.bytes, of_letters.length),
           "does not verify");
    stop();
}

static void verifying(void) {
    unsigned char info[51], long_data[513] = {0};
    CK_RV none = CKR_CRYPTOKI_NOT_INITIALIZED;
    test(700, "C_VerifyInit not initialised", none, p11->C_VerifyInit(1, &rsa_pkcs, 1));
    test(701, "C_Verify not initialised", none, p11->C_Verify(1, DOCUMENT, of_info.bytes, 256));
    test(702, "C_VerifyUpdate not initialised", none, p11->C_VerifyUpdate(1, DOCUMENT));
    test(703, "C_VerifyFinal not initialised", none, p11->C_VerifyFinal(1, of_info.bytes, 256));

    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    log_in(session);
    CK_OBJECT_HANDLE key = public_key_of(session, authentication_key(session));
    CK_OBJECT_HANDLE own = public_key_of(session, signature_key(session));
    if (!contactless()) must("C_Logout", p11->C_Logout(session));
    test(704, "C_VerifyInit in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_VerifyInit(999, &rsa_pkcs, key));
    test(705, "C_VerifyInit with key 0", CKR_KEY_HANDLE_INVALID, p11->C_VerifyInit(session, &rsa_pkcs, 0));
    test(706, "C_VerifyInit, invalid mechanism", CKR_MECHANISM_INVALID, p11->C_VerifyInit(session, &no_signature, key));
    test(707, "C_VerifyInit, no mechanism", CKR_ARGUMENTS_BAD, p11->C_VerifyInit(session, NULL, key));
    test(708, "C_Verify without C_VerifyInit", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_Verify(session, info, 35, of_info.bytes, of_info.length));
    test(709, "C_Verify in session 999", CKR_SESSION_HANDLE_INVALID,
         p11->C_Verify(999, info, 35, of_info.bytes, of_info.length));
    test(710, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &rsa_pkcs, key));
    test(711, "C_Verify, no data", CKR_ARGUMENTS_BAD, p11->C_Verify(session, NULL, 35, of_info.bytes, of_info.length));
    test(712, "C_Verify of 513 bytes", CKR_DATA_LEN_RANGE,
         p11->C_Verify(session, long_data, sizeof long_data, of_info.bytes, of_info.length));
    test(713, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &rsa_pkcs, key));
    sha1_info(document, sizeof document - 1, info);
    test(714, "C_Verify, signature of 124 bytes", CKR_SIGNATURE_LEN_RANGE,
         p11->C_Verify(session, info, 35, of_info.bytes, 124));
    test(715, "C_Verify again", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_Verify(session, info, 35, of_info.bytes, of_info.length));
    test(716, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &rsa_pkcs, key));
    test(717, "C_Verify the signature of 621", CKR_OK, p11->C_Verify(session, info, 35, of_info.bytes, of_info.length));

    CK_MECHANISM *hashed = contactless() ? &rsa_pkcs : &sha1_rsa_pkcs;
    test(718, "C_VerifyUpdate without C_VerifyInit", CKR_OPERATION_NOT_INITIALIZED, p11->C_VerifyUpdate(session, DOCUMENT));
    test(719, "C_VerifyUpdate in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_VerifyUpdate(999, DOCUMENT));
    test(720, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, hashed, own));
    test(721, "C_VerifyUpdate, no data", CKR_ARGUMENTS_BAD, p11->C_VerifyUpdate(session, NULL, 16));
    test(722, "C_VerifyUpdate", CKR_OK, p11->C_VerifyUpdate(session, letters, letters_length()));
    test(723, "C_VerifyUpdate again", CKR_OK, p11->C_VerifyUpdate(session, letters, letters_length()));
    must("C_CloseSession", p11->C_CloseSession(session));
    session = open_session(slot, 0);
    test(724, "C_VerifyFinal without C_VerifyInit", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_VerifyFinal(session, of_letters.bytes, of_letters.length));
    test(725, "C_VerifyFinal in session 999", CKR_SESSION_HANDLE_INVALID,
         p11->C_VerifyFinal(999, of_letters.bytes, of_letters.length));
    test(726, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, hashed, own));
    test(727, "C_VerifyFinal, no signature", CKR_ARGUMENTS_BAD, p11->C_VerifyFinal(session, NULL, 256));
    test(728, "C_VerifyUpdate", CKR_OK, p11->C_VerifyUpdate(session, letters, letters_length()));
    test(729, "C_VerifyFinal, signature of 250 bytes", CKR_SIGNATURE_LEN_RANGE,
         p11->C_VerifyFinal(session, of_letters.bytes, 250));
    test(730, "C_VerifyFinal again", CKR_OPERATION_NOT_INITIALIZED,
         p11->C_VerifyFinal(session, of_letters.bytes, of_letters.length));
    test(731, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, hashed, own));
    test(732, "C_VerifyUpdate", CKR_OK, p11->C_VerifyUpdate(session, letters, letters_length()));
    test(733, "C_VerifyFinal of the signature of 635", CKR_OK,
         p11->C_VerifyFinal(session, of_letters.bytes, of_letters.length));
    if (!contactless()) {
        test(734, "C_VerifyInit SHA-1", CKR_OK, p11->C_VerifyInit(session, &sha1_rsa_pkcs, own));
        test(735, "C_Verify the signature of 638", CKR_OK, p11->C_Verify(session, DOCUMENT, of_sha1.bytes, of_sha1.length));
        test(736, "C_VerifyInit SHA-256", CKR_OK, p11->C_VerifyInit(session, &sha256_rsa_pkcs, own));
        test(737, "C_Verify the signature of 641", CKR_OK,
             p11->C_Verify(session, DOCUMENT, of_sha256.bytes, of_sha256.length));
    }
    stop();
}

/* ---- 800: hashing ---- */

static CK_RV same_bytes(CK_RV got, const void *one, CK_ULONG length, const void *other, CK_ULONG other_length) {
    if (got != CKR_OK) return got;
    return length == other_length && memcmp(one, other, length) == 0 ? CKR_OK : CKR_DATA_INVALID;
}

static void digesting(void) {
    CK_MECHANISM sha1 = {CKM_SHA_1, NULL, 0}, sha256 = {CKM_SHA256, NULL, 0};
    static char text[] = "VICTOR    1007141750163220748    ";
    /* SHA-256 of the text, by another program. */
    unsigned char info[51], digest[32];
    CK_ULONG length = 0;
    sha256_info(text, sizeof text - 1, info);
    const unsigned char *text_sha256 = info + 19;
    test(800, "C_DigestInit not initialised", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_DigestInit(1, &sha1));
    test(801, "C_Digest not initialised", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Digest(1, DOCUMENT, digest, &length));
    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    test(802, "C_DigestInit in session 999", CKR_SESSION_HANDLE_INVALID, p11->C_DigestInit(999, &sha1));
    test(803, "C_DigestInit SHA-1", CKR_OK, p11->C_DigestInit(session, &sha1));
    CK_RV got = p11->C_Digest(session, DOCUMENT, NULL, &length);
    test(804, "C_Digest, length", CKR_OK, got == CKR_OK && length != 20 ? CKR_DATA_LEN_RANGE : got);
    got = p11->C_Digest(session, DOCUMENT, digest, &length);
    test(805, "C_Digest", CKR_OK, same_bytes(got, digest, length, document_sha1, 20));
    test(806, "C_DigestInit SHA-256", CKR_OK, p11->C_DigestInit(session, &sha256));
    test(807, "C_DigestUpdate", CKR_OK, p11->C_DigestUpdate(session, (CK_BYTE *)text, sizeof text - 1));
    got = p11->C_DigestFinal(session, NULL, &length);
    test(808, "C_DigestFinal, length", CKR_OK, got == CKR_OK && length != 32 ? CKR_DATA_LEN_RANGE : got);
    got = p11->C_DigestFinal(session, digest, &length);
    test(809, "C_DigestFinal", CKR_OK, same_bytes(got, digest, length, text_sha256, 32));
    test(810, "C_DigestInit SHA-256", CKR_OK, p11->C_DigestInit(session, &sha256));
    test(811, "C_Digest, length", CKR_OK, p11->C_Digest(session, (CK_BYTE *)text, sizeof text - 1, NULL, &length));
    got = p11->C_DigestFinal(session, digest, &length);
    test(812, "C_DigestFinal after the length", CKR_OK, same_bytes(got, digest, length, text_sha256, 32));
    test(813, "C_DigestInit SHA-256", CKR_OK, p11->C_DigestInit(session, &sha256));
    test(814, "C_DigestUpdate", CKR_OK, p11->C_DigestUpdate(session, (CK_BYTE *)text, sizeof text - 1));
    length = sizeof digest;
    got = p11->C_DigestFinal(session, digest, &length);
    test(815, "C_DigestFinal with a buffer at once", CKR_OK, same_bytes(got, digest, length, text_sha256, 32));
    test(816, "C_DigestInit SHA-256", CKR_OK, p11->C_DigestInit(session, &sha256));
    length = sizeof digest;
    got = p11->C_Digest(session, (CK_BYTE *)text, sizeof text - 1, digest, &length);
    test(817, "C_Digest with a buffer at once", CKR_OK, same_bytes(got, digest, length, text_sha256, 32));
    test(818, "C_DigestInit SHA-256", CKR_OK, p11->C_DigestInit(session, &sha256));
    length = 18;
    test(819, "C_Digest into 18 bytes", CKR_BUFFER_TOO_SMALL,
         p11->C_Digest(session, (CK_BYTE *)text, sizeof text - 1, digest, &length));
    stop();
}

/* ---- 900: data objects and certificates ---- */

/* Five numbers: search, object, end of search, length, value. */
static CK_ULONG find_and_read(
    int number, int length_number, CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
    CK_OBJECT_HANDLE *object, unsigned char *value, CK_ULONG capacity) {
    CK_ULONG hits = 0;
    test(number, "C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, template, count));
    CK_RV got = p11->C_FindObjects(session, object, 1, &hits);
    test(number + 1, "C_FindObjects", CKR_OK, got == CKR_OK ? found(hits == 1) : got);
    test(number + 2, "C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    CK_ATTRIBUTE query = {CKA_VALUE, NULL, 0};
    test(length_number, "CKA_VALUE, length", CKR_OK, p11->C_GetAttributeValue(session, *object, &query, 1));
    query.pValue = value;
    if (query.ulValueLen > capacity) query.ulValueLen = 0;
    test(length_number + 1, "CKA_VALUE", CKR_OK, p11->C_GetAttributeValue(session, *object, &query, 1));
    return query.ulValueLen <= capacity ? query.ulValueLen : 0;
}

static void data_objects(void) {
    static unsigned char value[8192], before[8192], after[8192];
    CK_OBJECT_CLASS data = CKO_DATA, certificate = CKO_CERTIFICATE;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE object = 0;
    start();
    if (!contactless()) {
        CK_SESSION_HANDLE session = 0;
        test(900, "C_OpenSession read/write", CKR_OK,
             p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
        test(901, "C_Login", CKR_OK, login(session, pin));
        CK_ATTRIBUTE cps_data[] = {{CKA_CLASS, &data, sizeof data},
                                   {CKA_TOKEN, &yes, sizeof yes},
                                   {CKA_MODIFIABLE, &yes, sizeof yes},
                                   {CKA_LABEL, "CPS_DATA", 8}};
        CK_ULONG length = find_and_read(902, 905, session, cps_data, 4, &object, value, sizeof value);
        memcpy(before, value, length);
        for (CK_ULONG index = 0; index < length; index++) value[index] = (unsigned char)(value[index] + index);
        CK_ATTRIBUTE written = {CKA_VALUE, value, length};
        test(907, "C_SetAttributeValue of CPS_DATA", CKR_OK, p11->C_SetAttributeValue(session, object, &written, 1));
        CK_ULONG again = attribute(session, object, CKA_VALUE, after, sizeof after);
        test(908, "CPS_DATA reads as it was written", CKR_OK, same_bytes(CKR_OK, value, length, after, again));
        /* The card keeps its contents. */
        CK_ATTRIBUTE restored = {CKA_VALUE, before, length};
        must("C_SetAttributeValue", p11->C_SetAttributeValue(session, object, &restored, 1));
        must("C_CloseSession", p11->C_CloseSession(session));
    }
    CK_SESSION_HANDLE session = open_session(slot, 0);
    if (!contactless()) {
        test(909, "C_Login", CKR_OK, login(session, pin));
        CK_ATTRIBUTE activity[] = {{CKA_CLASS, &data, sizeof data},
                                   {CKA_TOKEN, &yes, sizeof yes},
                                   {CKA_PRIVATE, &yes, sizeof yes},
                                   {CKA_LABEL, "CPS_ACTIVITY_01_PS", 18}};
        find_and_read(910, 913, session, activity, 4, &object, value, sizeof value);
        must("C_Logout", p11->C_Logout(session));
    }
    if (!contactless()) {
        CK_ATTRIBUTE name[] = {{CKA_CLASS, &data, sizeof data},
                               {CKA_TOKEN, &yes, sizeof yes},
                               {CKA_PRIVATE, &no, sizeof no},
                               {CKA_LABEL, "CPS_NAME_PS", 11}};
        find_and_read(915, 918, session, name, 4, &object, value, sizeof value);
    }
    CK_ATTRIBUTE own[] = {{CKA_CLASS, &certificate, sizeof certificate},
                          {CKA_TOKEN, &yes, sizeof yes},
                          {CKA_LABEL, (void *)certificate_label(), strlen(certificate_label())}};
    find_and_read(920, 923, session, own, 3, &object, value, sizeof value);
    stop();
}

/* ---- 1000: SHA-256 signatures ---- */

static void sha256_signatures(void) {
    static unsigned char text[2000];
    unsigned char signature[256];
    CK_ULONG length = 0;
    CK_SESSION_HANDLE session = 0;
    for (size_t index = 0; index < sizeof text; index++) text[index] = (unsigned char)('a' + index % 26);
    start();
    test(1000, "C_OpenSession", CKR_OK, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    test(1001, "C_Login", contactless() ? CKR_USER_PIN_NOT_INITIALIZED : CKR_OK, login(session, pin));
    CK_OBJECT_HANDLE key = signature_key(session);
    test(1002, "C_SignInit SHA-256", contactless() ? CKR_MECHANISM_INVALID : CKR_OK,
         p11->C_SignInit(session, &sha256_rsa_pkcs, key));
    if (!contactless()) {
        CK_RV got = CKR_OK;
        for (size_t start_of = 0; start_of < sizeof text && got == CKR_OK; start_of += 80)
            got = p11->C_SignUpdate(session, text + start_of, sizeof text - start_of < 80 ? sizeof text - start_of : 80);
        test(1003, "C_SignUpdate by 80 bytes", CKR_OK, got);
        test(1004, "C_SignFinal, length", CKR_OK, p11->C_SignFinal(session, NULL, &length));
        test(1005, "C_SignFinal", CKR_OK, p11->C_SignFinal(session, signature, &length));
        test(1006, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &sha256_rsa_pkcs, public_key_of(session, key)));
        for (size_t start_of = 0; start_of < sizeof text && got == CKR_OK; start_of += 80)
            got = p11->C_VerifyUpdate(session, text + start_of, sizeof text - start_of < 80 ? sizeof text - start_of : 80);
        test(1007, "C_VerifyUpdate by 80 bytes", CKR_OK, got);
        test(1008, "C_VerifyFinal", CKR_OK, p11->C_VerifyFinal(session, signature, length));
    }
    stop();
}

/* ---- 1100: contactless ---- */

static void contactless_card(void) {
    static unsigned char short_text[] = "Message court, de 33 octets maxi.";
    const CK_ULONG text_length = sizeof short_text - 1;
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY, public_class = CKO_PUBLIC_KEY;
    CK_OBJECT_HANDLE key = 0, public = 0;
    CK_ULONG hits = 0, length = 0;
    unsigned char id[64];
    struct signature whole, pieces;
    start();
    test(1100, "C_OpenSession", CKR_OK, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    test(1101, "C_Login", CKR_USER_PIN_NOT_INITIALIZED, login(session, pin));
    CK_ATTRIBUTE technical[] = {{CKA_CLASS, &private_class, sizeof private_class}, {CKA_LABEL, "CPS_PRIV_TECH_AUT", 17}};
    test(1102, "C_FindObjectsInit for the technical key", CKR_OK, p11->C_FindObjectsInit(session, technical, 2));
    CK_RV got = p11->C_FindObjects(session, &key, 1, &hits);
    test(1103, "C_FindObjects", CKR_OK, got == CKR_OK ? found(hits == 1) : got);
    test(1104, "C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    CK_ATTRIBUTE query = {CKA_ID, NULL, 0};
    test(1105, "CKA_ID, length", CKR_OK, p11->C_GetAttributeValue(session, key, &query, 1));
    query.pValue = id;
    test(1106, "CKA_ID", CKR_OK, p11->C_GetAttributeValue(session, key, &query, 1));
    CK_ATTRIBUTE other[] = {{CKA_CLASS, &public_class, sizeof public_class}, {CKA_ID, id, query.ulValueLen}};
    test(1107, "C_FindObjectsInit for the public key", CKR_OK, p11->C_FindObjectsInit(session, other, 2));
    got = p11->C_FindObjects(session, &public, 1, &hits);
    test(1108, "C_FindObjects", CKR_OK, got == CKR_OK ? found(hits == 1) : got);
    test(1109, "C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    test(1110, "C_SignInit, invalid mechanism", CKR_MECHANISM_INVALID, p11->C_SignInit(session, &no_signature, key));
    test(1111, "C_SignInit", CKR_OK, p11->C_SignInit(session, &rsa_pkcs, key));
    test(1112, "C_SignInit again, raw RSA", CKR_OPERATION_ACTIVE, p11->C_SignInit(session, &rsa_x509, key));
    test(1113, "C_Sign, length", CKR_OK, p11->C_Sign(session, short_text, text_length, NULL, &length));
    test(1114, "C_Sign", CKR_OK, sign(session, short_text, text_length, &whole));
    test(1115, "C_SignInit", CKR_OK, p11->C_SignInit(session, &rsa_pkcs, key));
    test(1116, "C_SignUpdate", CKR_OK, p11->C_SignUpdate(session, (CK_BYTE *)"Mess", 4));
    test(1117, "C_SignUpdate", CKR_OK, p11->C_SignUpdate(session, (CK_BYTE *)"age", 3));
    test(1118, "C_SignFinal, length", CKR_OK, p11->C_SignFinal(session, NULL, &length));
    pieces.length = sizeof pieces.bytes;
    test(1119, "C_SignFinal", CKR_OK, p11->C_SignFinal(session, pieces.bytes, &pieces.length));
    test(1120, "C_SignInit", CKR_OK, p11->C_SignInit(session, &rsa_pkcs, key));
    got = CKR_OK;
    for (CK_ULONG place = 0; place < text_length && got == CKR_OK; place += 20)
        got = p11->C_SignUpdate(session, short_text + place, text_length - place < 20 ? text_length - place : 20);
    test(1121, "C_SignUpdate by 20 bytes", CKR_OK, got);
    test(1122, "C_SignFinal, length", CKR_OK, p11->C_SignFinal(session, NULL, &length));
    pieces.length = sizeof pieces.bytes;
    got = p11->C_SignFinal(session, pieces.bytes, &pieces.length);
    test(1123, "C_SignFinal, the same signature", CKR_OK,
         same_bytes(got, pieces.bytes, pieces.length, whole.bytes, whole.length));
    test(1124, "C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &rsa_pkcs, public));
    test(1125, "C_Verify", CKR_OK, p11->C_Verify(session, short_text, text_length, whole.bytes, whole.length));
    stop();
}

/* ---- 1200: various ---- */

static void various(void) {
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    CK_SLOT_INFO info;
    start();
    test(1200, "C_GetSlotList", CKR_OK, p11->C_GetSlotList(CK_FALSE, slots, &count));
    /* The official test wants a card put in the wrong way round. */
    for (CK_ULONG index = 0; index < count; index++)
        test(1201, "C_GetSlotInfo of each slot", CKR_OK, p11->C_GetSlotInfo(slots[index], &info));
    stop();
}

/* ---- 1300: PSS ---- */

static void pss(void) {
    CK_RSA_PKCS_PSS_PARAMS sha1 = {CKM_SHA_1, CKG_MGF1_SHA1, 20}, sha256 = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanisms[] = {{CKM_SHA1_RSA_PKCS_PSS, &sha1, sizeof sha1}, {CKM_SHA256_RSA_PKCS_PSS, &sha256, sizeof sha256}};
    CK_SESSION_HANDLE session = 0;
    CK_ULONG length = 0;
    struct signature signature;
    start();
    test(1300, "C_OpenSession", CKR_OK, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    test(1301, "C_Login", CKR_OK, login(session, pin));
    CK_OBJECT_HANDLE key = authentication_key(session), public = public_key_of(session, key);
    for (int index = 0; index < 2; index++) {
        int number = 1302 + 5 * index;
        test(number, "C_SignInit PSS", CKR_OK, p11->C_SignInit(session, &mechanisms[index], key));
        test(number + 1, "C_Sign, length", CKR_OK, p11->C_Sign(session, DOCUMENT, NULL, &length));
        test(number + 2, "C_Sign", CKR_OK, sign(session, document, sizeof document - 1, &signature));
        test(number + 3, "C_VerifyInit PSS", CKR_OK, p11->C_VerifyInit(session, &mechanisms[index], public));
        test(number + 4, "C_Verify", CKR_OK, p11->C_Verify(session, DOCUMENT, signature.bytes, signature.length));
    }
    public_numbers numbers;
    expect("1309 signature with SHA-256",
           read_public_numbers(session, public, &numbers) &&
               is_pss_sha256_signature(&numbers, DOCUMENT, signature.bytes, signature.length),
           "does not verify");
    stop();
}

/* A file read in blocks and signed with the signature key, as test_SignBigData does. */
static void big_data(void) {
    static unsigned char block[4096], whole[64 * 4096];
    struct signature signature = {.length = 256};
    public_numbers numbers;
    start();
    CK_SESSION_HANDLE session = open_session(slot, 0);
    log_in(session);
    CK_OBJECT_HANDLE key = signature_key(session);
    CK_RV got = p11->C_SignInit(session, &sha1_rsa_pkcs, key);
    for (unsigned index = 0; index < 64 && got == CKR_OK; index++) {
        memset(block, (int)index, sizeof block);
        memcpy(whole + index * sizeof block, block, sizeof block);
        got = p11->C_SignUpdate(session, block, sizeof block);
    }
    if (got == CKR_OK) got = p11->C_SignFinal(session, signature.bytes, &signature.length);
    expect_rv("big data signed in blocks", CKR_OK, got);
    expect("big data: signature",
           read_public_numbers(session, public_key_of(session, key), &numbers) &&
               is_sha1_signature(&numbers, whole, sizeof whole, signature.bytes, signature.length),
           "does not verify");
    stop();
}

static int list_differences(void) {
    for (size_t index = 0; index < sizeof differences / sizeof differences[0]; index++)
        printf("%d\t%s\t%s\t%s\n", differences[index].number, rv_name(differences[index].official),
               rv_name(differences[index].ours), differences[index].why);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--list-differences") == 0) return list_differences();
    if (count < 3) {
        fprintf(stderr, "usage: official MODULE PIN [--as-official]\n       official --list-differences\n");
        return 2;
    }
    pin = arguments[2];
    as_official = count > 3 && strcmp(arguments[3], "--as-official") == 0;
    load_module(arguments[1]);
    watchdog(240, "official");
    start();
    card = kind_of_card(slot);
    stop();
    note("the card is a %s", card_names[card]);
    if (card == CARD_UNKNOWN) give_up("the card is no CPS card");

    general();
    slots_and_tokens();
    sessions();
    objects();
    if (!contactless()) {
        /* A contactless card has no PIN, and its key decrypts nothing. */
        encryption();
        decryption();
    }
    signing();
    verifying();
    digesting();
    data_objects();
    sha256_signatures();
    if (contactless()) contactless_card();
    various();
    if (card == CARD_CPS4) pss();
    if (!contactless()) big_data();
    return finish();
}
