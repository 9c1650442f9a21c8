/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of docs/differences.md that no other test looks at. */
#include "boundary.h"

#include <string.h>

static CK_MECHANISM rsa_pkcs = {CKM_RSA_PKCS, NULL, 0}, sha1 = {CKM_SHA_1, NULL, 0};

/* ---- Lists, information ---- */

static CK_FLAGS mechanism_flags(CK_SLOT_ID slot, CK_MECHANISM_TYPE type) {
    CK_MECHANISM_INFO info = {0, 0, 0};
    expect_rv("C_GetMechanismInfo", CKR_OK, p11->C_GetMechanismInfo(slot, type, &info));
    return info.flags;
}

static void information(void) {
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    expect_number("version of the list", 2, p11->version.major);
    expect_number("version of the list", 40, p11->version.minor);

    CK_TOKEN_INFO token;
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &token));
    expect_number("no session", 0, token.ulSessionCount);
    expect("utcTime", memcmp(token.utcTime, "                ", 16) == 0, "%.16s", token.utcTime);
    CK_SESSION_HANDLE sessions[] = {open_session(slot, 0), open_session(slot, CKF_RW_SESSION), open_session(slot, CKF_RW_SESSION)};
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &token));
    expect_number("sessions", 3, token.ulSessionCount);
    expect_number("read/write sessions", 2, token.ulRwSessionCount);
    must("C_CloseSession", p11->C_CloseSession(sessions[1]));
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &token));
    expect_number("read/write sessions, one closed", 1, token.ulRwSessionCount);

    CK_MECHANISM_INFO info;
    expect_rv("CKM_RSA_X_509", CKR_MECHANISM_INVALID, p11->C_GetMechanismInfo(slot, CKM_RSA_X_509, &info));
    static const CK_MECHANISM_TYPE hashes[] = {CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512},
                                   signing[] = {CKM_SHA1_RSA_PKCS, CKM_SHA224_RSA_PKCS, CKM_SHA256_RSA_PKCS,
                                                CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS};
    for (int index = 0; index < 5; index++) {
        expect_number("flags of a hash", CKF_DIGEST, mechanism_flags(slot, hashes[index]));
        expect_number("flags of a hash and a signature", CKF_HW | CKF_SIGN | CKF_VERIFY, mechanism_flags(slot, signing[index]));
    }
    expect_number("flags of CKM_RSA_PKCS", CKF_HW | CKF_SIGN | CKF_VERIFY | CKF_ENCRYPT | CKF_DECRYPT,
                  mechanism_flags(slot, CKM_RSA_PKCS));
    if (kind_of_card(slot) == CARD_CPS4) {
        expect_number("flags of CKM_RSA_PKCS_PSS", CKF_HW | CKF_SIGN | CKF_VERIFY, mechanism_flags(slot, CKM_RSA_PKCS_PSS));
        expect_number("flags of CKM_SHA256_RSA_PKCS_PSS", CKF_HW | CKF_SIGN | CKF_VERIFY,
                      mechanism_flags(slot, CKM_SHA256_RSA_PKCS_PSS));
    }
    stop();
}

/* ---- Attributes ---- */

/* The value of an attribute, which is exactly these bytes. */
static void expect_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const char *what, CK_ATTRIBUTE_TYPE type,
                         const void *wanted, CK_ULONG length) {
    unsigned char value[512];
    expect_number(what, length, attribute(session, object, type, value, sizeof value));
    expect(what, memcmp(value, wanted, length) == 0, "another value");
}

/* What is there in spite of the official library: the standard's defaults, and values that
   nobody has to ask for twice. */
static void more_attributes(void) {
    static const CK_BBOOL no = CK_FALSE, yes = CK_TRUE;
    static const CK_ULONG none = 0;
    unsigned char value[8192];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    CK_OBJECT_HANDLE certificate = find_labelled(session, CKO_CERTIFICATE, "Certificat de Signature CPS");
    expect_value(session, certificate, "CKA_JAVA_MIDP_SECURITY_DOMAIN", CKA_JAVA_MIDP_SECURITY_DOMAIN, &none, sizeof none);
    expect_value(session, certificate, "CKA_URL", CKA_URL, "", 0);
    expect_value(session, certificate, "CKA_HASH_OF_SUBJECT_PUBLIC_KEY", CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "", 0);
    expect_value(session, certificate, "CKA_HASH_OF_ISSUER_PUBLIC_KEY", CKA_HASH_OF_ISSUER_PUBLIC_KEY, "", 0);
    expect_value(session, certificate, "CKA_COPYABLE", CKA_COPYABLE, &no, 1);
    expect_value(session, certificate, "CKA_DESTROYABLE", CKA_DESTROYABLE, &no, 1);
    expect("CKA_UNIQUE_ID", attribute(session, certificate, CKA_UNIQUE_ID, value, sizeof value) - 1 < 64, "none");

    for (int role = KEY_SIGNATURE; role <= KEY_AUTHENTICATION; role++) {
        CK_OBJECT_HANDLE key = private_key(session, role), public = public_key_of(session, key);
        /* Before the public key was looked at. */
        expect_number("CKA_MODULUS of a private key", 256, attribute(session, key, CKA_MODULUS, value, sizeof value));
        expect_value(session, key, "CKA_PUBLIC_EXPONENT of a private key", CKA_PUBLIC_EXPONENT, "\1\0\1", 3);
        expect_value(session, public, "CKA_TRUSTED of a public key", CKA_TRUSTED, &no, 1);
        expect_value(session, public, "CKA_START_DATE of a public key", CKA_START_DATE, "", 0);
        expect_value(session, public, "CKA_END_DATE of a public key", CKA_END_DATE, "", 0);
        expect_value(session, key, "CKA_WRAP_WITH_TRUSTED", CKA_WRAP_WITH_TRUSTED, &no, 1);
        CK_ULONG length = attribute(session, key, CKA_ALLOWED_MECHANISMS, value, sizeof value);
        expect("CKA_ALLOWED_MECHANISMS", length >= 8 && length <= 256 && length % 8 == 0, "%lu bytes", length);
        length = attribute(session, public, 0x129UL, value, sizeof value);
        expect("CKA_PUBLIC_KEY_INFO", length > 256 && length < 320, "%lu bytes", length);
    }
    CK_OBJECT_HANDLE data = find_labelled(session, CKO_DATA, "CPS_DATA");
    expect_value(session, data, "CKA_OBJECT_ID", CKA_OBJECT_ID, "", 0);
    expect_value(session, data, "CKA_MODIFIABLE", CKA_MODIFIABLE, &yes, 1);

    /* All or nothing. */
    CK_ULONG size = attribute(session, data, CKA_VALUE, value, sizeof value);
    CK_ATTRIBUTE both[] = {{CKA_VALUE, "changed", 7}, {CKA_LABEL, "CPS_DATA", 8}};
    expect_rv("CKA_VALUE and CKA_LABEL", CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session, data, both, 2));
    expect_value(session, data, "the value after it", CKA_VALUE, value, size);
    stop();
}

/* ---- Handles ---- */

/* What is not supported says so, whatever its arguments are; and what C_Finalize ended is at
   an end. */
static void bad_handles(void) {
    CK_OBJECT_HANDLE object = 0, key = 0;
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE template = {CKA_TOKEN, &value, 1};
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), 0);
    CK_OBJECT_HANDLE certificate = find_labelled(session, CKO_CERTIFICATE, "Certificat de Signature CPS");
    expect_rv("C_CreateObject", CKR_FUNCTION_NOT_SUPPORTED, p11->C_CreateObject(99, &template, 1, &object));
    expect_rv("C_DestroyObject", CKR_FUNCTION_NOT_SUPPORTED, p11->C_DestroyObject(session, 9999));
    expect_rv("C_GenerateKeyPair", CKR_FUNCTION_NOT_SUPPORTED,
              p11->C_GenerateKeyPair(99, &rsa_pkcs, &template, 1, &template, 1, &object, &key));
    expect_rv("C_UnwrapKey", CKR_FUNCTION_NOT_SUPPORTED,
              p11->C_UnwrapKey(session, &rsa_pkcs, 9999, (CK_BYTE *)"key", 3, NULL, 0, &key));
    expect_rv("C_CloseSession(0)", CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(0));
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};
    expect_rv("an object", CKR_OK, p11->C_GetAttributeValue(session, certificate, &label, 1));
    stop();
    start();
    session = open_session(slot_of_reader(0), 0);
    expect_rv("a handle of before C_Finalize", CKR_OBJECT_HANDLE_INVALID,
              p11->C_GetAttributeValue(session, certificate, &label, 1));
    stop();
}

/* ---- Two cards, other cards ---- */

static void another_token(void) {
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), CKF_RW_SESSION);
    open_session(slot_of_reader(1), 0);
    expect_rv("C_Login(CKU_SO) beside a read-only session of another card", CKR_OK,
              p11->C_Login(session, CKU_SO, (CK_BYTE *)"12345678", 8));
    stop();
}

static void expect_signature(const char *what, int reader) {
    CK_SESSION_HANDLE session = logged_in(reader);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv(what, CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    must("C_CloseSession", p11->C_CloseSession(session));
}

static void expect_slot(const char *what, CK_SLOT_ID slot, CK_FLAGS wanted) {
    CK_SLOT_INFO info;
    must("C_GetSlotInfo", p11->C_GetSlotInfo(slot, &info));
    expect_number(what, wanted, info.flags);
}

/* A card is removed in the middle of a search and a digest, and one of another kind comes. */
static void another_kind_of_card(void) {
    CK_OBJECT_HANDLE object;
    CK_ULONG count = 0;
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    expect_signature("the first card", 0);
    CK_SESSION_HANDLE session = open_session(slot, 0);
    must("C_FindObjectsInit", p11->C_FindObjectsInit(session, NULL, 0));
    must("C_DigestInit", p11->C_DigestInit(session, &sha1));
    card_kind kind = kind_of_card(slot);
    remove_card(0);
    expect_rv("the search", CKR_SESSION_HANDLE_INVALID, p11->C_FindObjects(session, &object, 1, &count));
    expect_rv("the digest", CKR_SESSION_HANDLE_INVALID, p11->C_DigestUpdate(session, (CK_BYTE *)"x", 1));
    expect_slot("the slot without a card", slot, CKF_REMOVABLE_DEVICE | CKF_HW_SLOT);
    insert_card(0, kind == CARD_CPS3 ? CARD_CPS4 : CARD_CPS3, "");
    expect_slot("the slot with a card again", slot, CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT);
    expect("the card", kind_of_card(slot) != kind, "is of the same kind");
    expect_signature("a card of the other kind", 0);
    stop();
}

/* ---- What is ignored ---- */

/* What the official package's own programs pass in pReserved. */
static void words_of_the_package(void) {
    static char *const words[] = {NULL, "winlogonProcess", "cpsUpdate"};
    CK_ULONG expected = 0;
    CK_BYTE serial[16];
    for (int index = 0; index < 3; index++) {
        CK_C_INITIALIZE_ARGS arguments = {NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, words[index]};
        const char *what = words[index] ? words[index] : "no word";
        CK_TOKEN_INFO token;
        must(what, p11->C_Initialize(&arguments));
        CK_SESSION_HANDLE session = logged_in(0);
        CK_ULONG count = find_objects(session, NULL, 0, NULL, 0);
        must("C_GetTokenInfo", p11->C_GetTokenInfo(slot_of_reader(0), &token));
        if (index == 0) expected = count, memcpy(serial, token.serialNumber, sizeof serial);
        expect_number(what, expected, count);
        expect(what, memcmp(serial, token.serialNumber, sizeof serial) == 0, "another serial number");
        stop();
    }
    expect("objects", expected > 10, "%lu", expected);
}

const promise difference_promises[] = {
    {"information-cps3", information, {CARD_CPS3, 0}, NULL, 0},
    {"information-cps4", information, {CARD_CPS4, 0}, NULL, 0},
    {"more-attributes-cps3", more_attributes, {CARD_CPS3, 0}, NULL, 0},
    {"more-attributes-cps4", more_attributes, {CARD_CPS4, 0}, NULL, 0},
    {"bad-handles", bad_handles, {CARD_CPS4, 0}, NULL, 0},
    {"another-token", another_token, {CARD_CPS3, CARD_CPS4}, NULL, 0},
    {"another-kind-of-card-cps3", another_kind_of_card, {CARD_CPS3, 0}, NULL, 60},
    {"another-kind-of-card-cps4", another_kind_of_card, {CARD_CPS4, 0}, NULL, 60},
    {"words-of-the-package", words_of_the_package, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
