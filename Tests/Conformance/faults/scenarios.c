/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

const char *scenario_names[SCENARIO_COUNT] = {
    "list",    "log in",     "authenticate", "sign a hash", "sign a message", "sign by PSS",
    "decrypt", "change PIN", "unblock",      "write"};

static public_numbers keys[2];
static unsigned char cryptogram[256];

static const char message[] = "one hundred bytes are more than one block of the hash, and so both halves have something to do here";

void learn_keys(CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = open_session(slot, 0);
    must("C_Login", login(session, OLD_PIN));
    for (int role = KEY_SIGNATURE; role <= KEY_AUTHENTICATION; role++) {
        CK_OBJECT_HANDLE public = public_key_of(session, private_key(session, role));
        if (!read_public_numbers(session, public, &keys[role])) give_up("a key has no numbers");
        if (role != KEY_AUTHENTICATION) continue;
        CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
        CK_ULONG length = sizeof cryptogram;
        must("C_EncryptInit", p11->C_EncryptInit(session, &mechanism, public));
        must("C_Encrypt", p11->C_Encrypt(session, (CK_BYTE *)message, 32, cryptogram, &length));
    }
    must("C_CloseAllSessions", p11->C_CloseAllSessions(slot));
}

/* The state of one attempt. */
typedef struct {
    attempt result;
    CK_SLOT_ID slot;
    const char *pin;
    CK_SESSION_HANDLE session;
    struct sha256_ctx seen;
} run;

static bool called(run *now, const char *function, CK_RV code) {
    now->result.function = function;
    now->result.code = code;
    return code == CKR_OK;
}

#define CALL(name, arguments) called(now, #name, p11->name arguments)

static void see(run *now, const void *bytes, size_t length) {
    unsigned char size[8] = {(unsigned char)(length >> 8), (unsigned char)length};
    sha256_update(&now->seen, sizeof size, size);
    sha256_update(&now->seen, length, bytes);
}

static bool opened(run *now, CK_FLAGS more) {
    CK_SLOT_INFO info;
    return CALL(C_GetSlotInfo, (now->slot, &info)) &&
           CALL(C_OpenSession, (now->slot, CKF_SERIAL_SESSION | more, NULL, NULL, &now->session));
}

static bool logged_in(run *now, CK_FLAGS more) {
    return opened(now, more) &&
           CALL(C_Login, (now->session, CKU_USER, (CK_BYTE *)now->pin, strlen(now->pin)));
}

/* found: the objects that match; none is an end of the attempt too. */
static CK_ULONG found(run *now, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *objects, CK_ULONG capacity) {
    CK_ULONG number = 0;
    if (!CALL(C_FindObjectsInit, (now->session, template, count))) return 0;
    if (!CALL(C_FindObjects, (now->session, objects, capacity, &number))) return 0;
    if (!CALL(C_FindObjectsFinal, (now->session))) return 0;
    now->result.found_nothing = number == 0;
    return number;
}

static CK_OBJECT_HANDLE labelled(run *now, CK_OBJECT_CLASS class, const char *label) {
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)label, strlen(label)}};
    CK_OBJECT_HANDLE object = 0;
    return found(now, template, 2, &object, 1) == 1 ? object : 0;
}

/* seen_attribute: false when the attempt ends. */
static bool seen_attribute(run *now, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    unsigned char value[4096];
    CK_ATTRIBUTE attribute = {type, value, sizeof value};
    CK_RV code = p11->C_GetAttributeValue(now->session, object, &attribute, 1);
    if (code == CKR_ATTRIBUTE_TYPE_INVALID || code == CKR_ATTRIBUTE_SENSITIVE) return true;
    if (!called(now, "C_GetAttributeValue", code)) return false;
    see(now, value, attribute.ulValueLen);
    return true;
}

static void list_objects(run *now) {
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS, CKA_PRIVATE, CKA_ID, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_MODULUS,
        CKA_PUBLIC_EXPONENT, CKA_SIGN, CKA_DECRYPT, CKA_START_DATE, CKA_END_DATE, CKA_APPLICATION};
    CK_OBJECT_HANDLE objects[128];
    CK_ULONG count = found(now, NULL, 0, objects, 128);
    if (count == 0) return;
    for (CK_ULONG index = 0; index < count; index++) {
        char label[64] = "";
        CK_ATTRIBUTE attribute = {CKA_LABEL, label, sizeof label - 1};
        if (!CALL(C_GetAttributeValue, (now->session, objects[index], &attribute, 1))) return;
        see(now, label, attribute.ulValueLen);
        for (size_t type = 0; type < sizeof types / sizeof types[0]; type++)
            if (!seen_attribute(now, objects[index], types[type])) return;
        /* Programs write what they like to CPS_DATA: nothing tells right bytes from wrong ones. */
        unsigned char value[4096];
        attribute = (CK_ATTRIBUTE){CKA_VALUE, value, sizeof value};
        CK_RV code = p11->C_GetAttributeValue(now->session, objects[index], &attribute, 1);
        if (code == CKR_ATTRIBUTE_TYPE_INVALID || code == CKR_ATTRIBUTE_SENSITIVE) continue;
        if (!called(now, "C_GetAttributeValue", code)) return;
        if (strcmp(label, "CPS_DATA") != 0) see(now, value, attribute.ulValueLen);
    }
    /* The last call was one that worked, or had nothing to give. */
    called(now, "C_GetAttributeValue", CKR_OK);
}

static void list(run *now) {
    CK_TOKEN_INFO info;
    if (!CALL(C_GetTokenInfo, (now->slot, &info))) return;
    see(now, info.label, sizeof info.label);
    see(now, info.serialNumber, sizeof info.serialNumber);
    if (opened(now, 0)) list_objects(now);
}

static void sign(run *now, key_role role, CK_MECHANISM_TYPE type) {
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {type, NULL, 0};
    if (type == CKM_SHA256_RSA_PKCS_PSS) mechanism = (CK_MECHANISM){type, &pss, sizeof pss};
    unsigned char info[51], signature[256];
    CK_ULONG length = sizeof signature;
    size_t info_length = sha256_info(message, sizeof message, info);
    if (!logged_in(now, 0)) return;
    CK_OBJECT_HANDLE key = labelled(now, CKO_PRIVATE_KEY, role == KEY_SIGNATURE ? "CPS_PRIV_SIG" : "CPS_PRIV_AUT");
    if (key == 0 || !CALL(C_SignInit, (now->session, &mechanism, key))) return;
    bool hashed = type != CKM_RSA_PKCS;
    if (!CALL(C_Sign, (now->session, hashed ? (CK_BYTE *)message : info, hashed ? sizeof message : info_length,
                       signature, &length)))
        return;
    now->result.wrong_signature =
        type == CKM_SHA256_RSA_PKCS_PSS
            ? !is_pss_sha256_signature(&keys[role], message, sizeof message, signature, length)
            : !is_pkcs1_signature(&keys[role], info, info_length, signature, length);
}

static void decrypt(run *now) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    unsigned char plain[256];
    CK_ULONG length = sizeof plain;
    if (!logged_in(now, 0)) return;
    CK_OBJECT_HANDLE key = labelled(now, CKO_PRIVATE_KEY, "CPS_PRIV_AUT");
    if (key == 0 || !CALL(C_DecryptInit, (now->session, &mechanism, key))) return;
    if (CALL(C_Decrypt, (now->session, cryptogram, sizeof cryptogram, plain, &length))) see(now, plain, length);
}

static void change_pin(run *now) {
    const char *new = strcmp(now->pin, OLD_PIN) == 0 ? NEW_PIN : OLD_PIN;
    if (!opened(now, CKF_RW_SESSION)) return;
    CALL(C_SetPIN, (now->session, (CK_BYTE *)now->pin, strlen(now->pin), (CK_BYTE *)new, strlen(new)));
}

static void unblock(run *now) {
    if (opened(now, CKF_RW_SESSION) &&
        CALL(C_Login, (now->session, CKU_SO, (CK_BYTE *)UNBLOCKING_CODE, strlen(UNBLOCKING_CODE))))
        CALL(C_InitPIN, (now->session, (CK_BYTE *)NEW_PIN, strlen(NEW_PIN)));
}

static void write_data(run *now) {
    unsigned char value[256];
    memset(value, 0x42, sizeof value);
    CK_ATTRIBUTE attribute = {CKA_VALUE, value, sizeof value};
    if (!logged_in(now, CKF_RW_SESSION)) return;
    CK_OBJECT_HANDLE object = labelled(now, CKO_DATA, "CPS_DATA");
    if (object != 0) CALL(C_SetAttributeValue, (now->session, object, &attribute, 1));
}

attempt try_scenario(scenario what, CK_SLOT_ID slot, const char *pin) {
    run state = {.slot = slot, .pin = pin}, *now = &state;
    sha256_init(&now->seen);
    switch (what) {
    case SCENARIO_LIST: list(now); break;
    case SCENARIO_LOGIN:
        if (logged_in(now, 0)) list_objects(now);
        break;
    case SCENARIO_AUTHENTICATE: sign(now, KEY_AUTHENTICATION, CKM_RSA_PKCS); break;
    case SCENARIO_SIGN_HASH: sign(now, KEY_SIGNATURE, CKM_RSA_PKCS); break;
    case SCENARIO_SIGN_MESSAGE: sign(now, KEY_SIGNATURE, CKM_SHA256_RSA_PKCS); break;
    case SCENARIO_SIGN_PSS: sign(now, KEY_AUTHENTICATION, CKM_SHA256_RSA_PKCS_PSS); break;
    case SCENARIO_DECRYPT: decrypt(now); break;
    case SCENARIO_CHANGE_PIN: change_pin(now); break;
    case SCENARIO_UNBLOCK: unblock(now); break;
    case SCENARIO_WRITE: write_data(now); break;
    case SCENARIO_COUNT: break;
    }
    sha256_digest(&now->seen, sizeof now->result.sight, now->result.sight);
    p11->C_CloseAllSessions(slot);
    return now->result;
}
