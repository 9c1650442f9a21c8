/* SPDX-License-Identifier: Apache-2.0 */
/* Return codes and values on which programs written for the official library, or for the
   standard's letter, may rest. */
#include "boundary.h"

#include <string.h>

static CK_MECHANISM rsa_pkcs = {CKM_RSA_PKCS, NULL, 0};

/* ---- CK_INFO ---- */

static void expect_version(const char *what, CK_RV (*get_info)(CK_INFO *), int major, int minor) {
    CK_INFO info;
    if (!expect_rv(what, CKR_OK, get_info(&info))) return;
    expect_number(what, (unsigned long)major, info.cryptokiVersion.major);
    expect_number(what, (unsigned long)minor, info.cryptokiVersion.minor);
}

/* Each list tells the version whose functions it has: old programs refuse what is not 2. */
static void versions(void) {
    __typeof__(&C_GetInterface) get = (__typeof__(&C_GetInterface))module_symbol("C_GetInterface");
    start();
    expect_version("C_GetInfo of C_GetFunctionList", p11->C_GetInfo, 2, 40);
    expect_version("C_GetInfo by its name", (CK_C_GetInfo)module_symbol("C_GetInfo"), 2, 40);
    static const CK_VERSION wanted[] = {{2, 40}, {3, 0}, {3, 2}};
    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        CK_VERSION version = wanted[index];
        CK_INTERFACE *interface = NULL;
        must("C_GetInterface", get(NULL, &version, &interface, 0));
        /* All lists begin as that of 2.40 does. */
        expect_version("C_GetInfo of an interface", ((CK_FUNCTION_LIST *)interface->pFunctionList)->C_GetInfo,
                       wanted[index].major, wanted[index].minor);
    }
    stop();
}

/* ---- Functions that do nothing ---- */

static void functions_without_use(void) {
    unsigned char seed[8] = {0}, label[32];
    memset(label, ' ', sizeof label);
    start();
    CK_SLOT_ID slot = slot_of_reader(0), empty = slot_of_reader(1);
    expect_rv("C_InitToken, no such slot", CKR_SLOT_ID_INVALID, p11->C_InitToken(99, (CK_BYTE *)"12345678", 8, label));
    expect_rv("C_InitToken, no card", CKR_TOKEN_NOT_PRESENT, p11->C_InitToken(empty, (CK_BYTE *)"12345678", 8, label));
    expect_rv("C_InitToken", CKR_FUNCTION_NOT_SUPPORTED, p11->C_InitToken(slot, (CK_BYTE *)"12345678", 8, label));
    expect_rv("C_CloseAllSessions, no card", CKR_TOKEN_NOT_PRESENT, p11->C_CloseAllSessions(empty));
    CK_SESSION_HANDLE session = open_session(slot, 0);
    expect_rv("C_InitToken, open session", CKR_SESSION_EXISTS, p11->C_InitToken(slot, (CK_BYTE *)"12345678", 8, label));
    expect_rv("C_GetFunctionStatus", CKR_FUNCTION_NOT_PARALLEL, p11->C_GetFunctionStatus(session));
    expect_rv("C_CancelFunction", CKR_FUNCTION_NOT_PARALLEL, p11->C_CancelFunction(session));
    expect_rv("C_SeedRandom, no session", CKR_SESSION_HANDLE_INVALID, p11->C_SeedRandom(session + 1, seed, sizeof seed));
    expect_rv("C_SeedRandom, no seed", CKR_ARGUMENTS_BAD, p11->C_SeedRandom(session, NULL, 1));
    expect_rv("C_SeedRandom", CKR_RANDOM_SEED_NOT_SUPPORTED, p11->C_SeedRandom(session, seed, sizeof seed));
    CK_SESSION_HANDLE other;
    /* CKF_ASYNC_SESSION, CKR_SESSION_ASYNC_NOT_SUPPORTED of PKCS#11 3.2. */
    expect_rv("C_OpenSession, asynchronous", 0x205, p11->C_OpenSession(slot, CKF_SERIAL_SESSION | 8, NULL, NULL, &other));
    remove_card(0);
    sleep_milliseconds(200);
    expect_rv("C_CloseAllSessions, card removed", CKR_TOKEN_NOT_PRESENT, p11->C_CloseAllSessions(slot));
    stop();
}

/* ---- PINs ---- */

static unsigned long tries(void) { return (unsigned long)state_number(test_file("state0"), "pinTriesLeft"); }

static void pins_that_are_none(void) {
    CK_BYTE *right = (CK_BYTE *)pin, *puk = (CK_BYTE *)"12345678", *other = (CK_BYTE *)"4321";
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), CKF_RW_SESSION);
    expect_rv("C_SetPIN, letters for the old PIN", CKR_PIN_INCORRECT, p11->C_SetPIN(session, (CK_BYTE *)"abcd", 4, other, 4));
    expect_rv("C_SetPIN, letters for the new PIN", CKR_PIN_INVALID, p11->C_SetPIN(session, right, 4, (CK_BYTE *)"abcd", 4));
    /* A null pointer with a length is no wish for the reader's keypad. */
    expect_rv("C_Login, a length without a PIN", CKR_ARGUMENTS_BAD, p11->C_Login(session, CKU_USER, NULL, 4));
    expect_rv("C_SetPIN, lengths without PINs", CKR_ARGUMENTS_BAD, p11->C_SetPIN(session, NULL, 4, NULL, 4));
    expect_rv("C_SetPIN, a length without a PIN", CKR_ARGUMENTS_BAD, p11->C_SetPIN(session, NULL, 4, other, 4));
    must("C_Login", p11->C_Login(session, CKU_SO, puk, 8));
    expect_rv("C_InitPIN, a length without a PIN", CKR_ARGUMENTS_BAD, p11->C_InitPIN(session, NULL, 4));
    /* The unblocking code is no PIN of the user. */
    expect_rv("C_SetPIN of the security officer", CKR_FUNCTION_NOT_SUPPORTED, p11->C_SetPIN(session, puk, 8, (CK_BYTE *)"87654321", 8));
    expect_rv("C_SetPIN of the security officer, with the PIN", CKR_FUNCTION_NOT_SUPPORTED, p11->C_SetPIN(session, right, 4, other, 4));
    must("C_Logout", p11->C_Logout(session));
    expect_number("tries of the PIN", 3, tries());
    must("C_Login", login(session, pin));
    stop();
}

/* ---- Attributes and searches ---- */

static void values(void) {
    static unsigned char value[8192];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    CK_OBJECT_HANDLE keys[2] = {private_key(session, KEY_SIGNATURE), private_key(session, KEY_AUTHENTICATION)};
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP};
    for (int index = 0; index < 2; index++) {
        /* Programs read all uses of a key in one call. */
        CK_BBOOL truths[4] = {2, 2, 2, 2};
        CK_ATTRIBUTE template[4];
        for (int use = 0; use < 4; use++) template[use] = (CK_ATTRIBUTE){uses[use], &truths[use], 1};
        expect_rv("uses of a public key", CKR_OK, p11->C_GetAttributeValue(session, public_key_of(session, keys[index]), template, 4));
        for (int use = 0; use < 4; use++) expect_number("a use of a private key", CK_FALSE, truths[use]);
    }
    /* Nobody vouches for what a card says of an authority. */
    CK_BBOOL true_value = CK_TRUE;
    CK_ATTRIBUTE trusted = {CKA_TRUSTED, &true_value, 1};
    expect_number("objects with CKA_TRUSTED", 0, find_objects(session, &trusted, 1, NULL, 0));
    /* Data objects are found by their value alone, certificates as well. */
    static const char *labels[] = {"CPS_ACTIVITY_03_PS", "CPS_DATA"};
    for (int index = 0; index < 2; index++) {
        CK_OBJECT_HANDLE object = find_labelled(session, CKO_DATA, labels[index]), found[8] = {0};
        CK_ATTRIBUTE by_value = {CKA_VALUE, value, attribute(session, object, CKA_VALUE, value, sizeof value)};
        CK_ULONG count = find_objects(session, &by_value, 1, found, 8);
        bool is_among = false;
        for (CK_ULONG hit = 0; hit < count && hit < 8; hit++) is_among |= found[hit] == object;
        expect(labels[index], is_among, "is not among the %lu objects with its value", count);
    }
    CK_OBJECT_HANDLE certificate = find_labelled(session, CKO_CERTIFICATE, "Certificat de Signature CPS"), found = 0;
    CK_ATTRIBUTE by_value = {CKA_VALUE, value, attribute(session, certificate, CKA_VALUE, value, sizeof value)};
    expect_number("certificates with the value of one", 1, find_objects(session, &by_value, 1, &found, 1));
    expect_number("the certificate", certificate, found);
    stop();
}

/* ---- Signatures ---- */

/* The signature key puts a bare hash into its DigestInfo: what it signs can be verified
   with the same bytes. */
static void bare_hashes(void) {
    unsigned char hash[32], signature[256];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    for (int role = 0; role < 2; role++) {
        known_key key = get_key(session, role == 0 ? KEY_SIGNATURE : KEY_AUTHENTICATION);
        CK_OBJECT_HANDLE public = public_key_of(session, key.handle);
        static const CK_ULONG sizes[] = {20, 32};
        for (int index = 0; index < 2; index++) {
            CK_ULONG length = sizeof signature;
            memset(hash, 0x5A + index, sizeof hash);
            must("C_SignInit", p11->C_SignInit(session, &rsa_pkcs, key.handle));
            must("C_Sign", p11->C_Sign(session, hash, sizes[index], signature, &length));
            must("C_VerifyInit", p11->C_VerifyInit(session, &rsa_pkcs, public));
            expect_rv("C_Verify of the same bytes", CKR_OK, p11->C_Verify(session, hash, sizes[index], signature, length));
            hash[0] ^= 1;
            must("C_VerifyInit", p11->C_VerifyInit(session, &rsa_pkcs, public));
            expect_rv("C_Verify of others", CKR_SIGNATURE_INVALID, p11->C_Verify(session, hash, sizes[index], signature, length));
        }
    }
    stop();
}

/* Verification is done here: it takes any salt and any mask. */
static void pss_of_others(void) {
    static CK_RSA_PKCS_PSS_PARAMS good = {CKM_SHA256, CKG_MGF1_SHA256, 32}, salt = {CKM_SHA256, CKG_MGF1_SHA256, 20},
                                  no_salt = {CKM_SHA256, CKG_MGF1_SHA256, 0}, mask = {CKM_SHA256, CKG_MGF1_SHA1, 32},
                                  long_salt = {CKM_SHA256, CKG_MGF1_SHA256, ~0UL}, sha384 = {CKM_SHA384, CKG_MGF1_SHA384, 48};
    unsigned char message[] = "a message", signature[256];
    CK_ULONG length = sizeof signature;
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    CK_OBJECT_HANDLE public = public_key_of(session, key.handle);
    CK_MECHANISM own = {CKM_SHA256_RSA_PKCS_PSS, &good, sizeof good};
    must("C_SignInit", p11->C_SignInit(session, &own, key.handle));
    must("C_Sign", p11->C_Sign(session, message, sizeof message, signature, &length));
    const struct {
        CK_MECHANISM mechanism;
        CK_RV begun, verified;
    } cases[] = {
        {{CKM_SHA256_RSA_PKCS_PSS, &good, sizeof good}, CKR_OK, CKR_OK},
        {{CKM_SHA256_RSA_PKCS_PSS, &salt, sizeof salt}, CKR_OK, CKR_SIGNATURE_INVALID},
        {{CKM_SHA256_RSA_PKCS_PSS, &no_salt, sizeof no_salt}, CKR_OK, CKR_SIGNATURE_INVALID},
        {{CKM_SHA256_RSA_PKCS_PSS, &mask, sizeof mask}, CKR_OK, CKR_SIGNATURE_INVALID},
        {{CKM_SHA256_RSA_PKCS_PSS, &long_salt, sizeof long_salt}, CKR_MECHANISM_PARAM_INVALID, CKR_OK},
        {{CKM_SHA256_RSA_PKCS_PSS, &sha384, sizeof sha384}, CKR_MECHANISM_PARAM_INVALID, CKR_OK},
        {{CKM_RSA_PKCS_PSS, &sha384, sizeof sha384}, CKR_OK, CKR_SIGNATURE_INVALID},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        CK_MECHANISM mechanism = cases[index].mechanism;
        CK_RV got = p11->C_VerifyInit(session, &mechanism, public);
        expect_rv("C_VerifyInit", cases[index].begun, got);
        if (got == CKR_OK) expect_rv("C_Verify", cases[index].verified, p11->C_Verify(session, message, sizeof message, signature, length));
    }
    CK_MECHANISM unknown = {CKM_RSA_PKCS_PSS, &sha384, sizeof sha384};
    expect_rv("C_SignInit with a hash that the card lacks", CKR_MECHANISM_PARAM_INVALID, p11->C_SignInit(session, &unknown, key.handle));
    stop();
}

const promise code_promises[] = {
    {"versions", versions, {CARD_CPS4, 0}, NULL, 0},
    {"functions-without-use", functions_without_use, {CARD_CPS4, 0}, NULL, 0},
    {"pins-that-are-none-cps3", pins_that_are_none, {CARD_CPS3, 0}, NULL, 0},
    {"pins-that-are-none-cps4", pins_that_are_none, {CARD_CPS4, 0}, NULL, 0},
    {"values-cps3", values, {CARD_CPS3, 0}, NULL, 0},
    {"values-cps4", values, {CARD_CPS4, 0}, NULL, 0},
    {"bare-hashes-cps3", bare_hashes, {CARD_CPS3, 0}, NULL, 0},
    {"bare-hashes-cps4", bare_hashes, {CARD_CPS4, 0}, NULL, 0},
    {"pss-of-others", pss_of_others, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
