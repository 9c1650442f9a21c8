/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays calls to a PKCS#11 module: one call for each line of stdin, one line of answer.
 *
 *   compare MODULE READER
 *
 * READER is the beginning of the PC/SC name of the reader whose card is used. Sessions are
 * letters; `0` and `x` are handles of no session. Objects have names (see `objects` below).
 * Lengths of data are numbers of bytes; ROOM is the caller's buffer in bytes, `n` a null
 * buffer, `z` a null place for the length. `-` as data is a null pointer.
 * What an answer tells is the return code and what came with it; of signatures that are
 * never the same twice, and of random bytes, only the length.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/conformance.h"

static char *words[32];
static int word_count;
static const char *reader;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE sessions[26];

/* ---- Words ---- */

static const char *word(int index) { return index < word_count ? words[index] : ""; }

static CK_SESSION_HANDLE session_of(const char *name) {
    if (name[0] == '0') return 0;
    if (name[0] < 'a' || name[0] > 'h') return 99999;
    return sessions[name[0] - 'a'] != 0 ? sessions[name[0] - 'a'] : 99998;
}

static const struct {
    const char *name;
    CK_OBJECT_CLASS class;
    const char *labels[2];
} objects[] = {
    {"sig", CKO_PRIVATE_KEY, {"CPS_PRIV_SIG", NULL}},
    {"aut", CKO_PRIVATE_KEY, {"CPS_PRIV_AUT", NULL}},
    {"pubsig", CKO_PUBLIC_KEY, {"CPS_PUB_SIG", "Cle publique - Certificat de Signature CPS"}},
    {"pubaut", CKO_PUBLIC_KEY, {"CPS_PUB_AUT", "Cle publique - Certificat d'Authentification CPS"}},
    {"cert", CKO_CERTIFICATE, {"Certificat d'Authentification CPS", NULL}},
    {"name", CKO_DATA, {"CPS_NAME_PS", NULL}},
    {"activity", CKO_DATA, {"CPS_ACTIVITY_01_PS", NULL}},
    {"own", CKO_DATA, {"CPS_DATA", NULL}},
};
#define OBJECTS (sizeof objects / sizeof objects[0])
static CK_OBJECT_HANDLE handles[OBJECTS];

static CK_OBJECT_HANDLE object_of(const char *name) {
    for (size_t index = 0; index < OBJECTS; index++)
        if (strcmp(objects[index].name, name) == 0) return handles[index];
    return name[0] == '0' ? 0 : 9999;
}

static CK_RSA_PKCS_PSS_PARAMS pss_sha1 = {CKM_SHA_1, CKG_MGF1_SHA1, 20}, pss_sha256 = {CKM_SHA256, CKG_MGF1_SHA256, 32};
static const struct {
    const char *name;
    CK_MECHANISM mechanism;
} mechanisms[] = {
    {"rsa", {CKM_RSA_PKCS, NULL, 0}},
    {"x509", {CKM_RSA_X_509, NULL, 0}},
    {"sha1rsa", {CKM_SHA1_RSA_PKCS, NULL, 0}},
    {"sha256rsa", {CKM_SHA256_RSA_PKCS, NULL, 0}},
    {"pss", {CKM_RSA_PKCS_PSS, &pss_sha256, sizeof pss_sha256}},
    {"sha1pss", {CKM_SHA1_RSA_PKCS_PSS, &pss_sha1, sizeof pss_sha1}},
    {"sha256pss", {CKM_SHA256_RSA_PKCS_PSS, &pss_sha256, sizeof pss_sha256}},
    {"sha1", {CKM_SHA_1, NULL, 0}},
    {"sha256", {CKM_SHA256, NULL, 0}},
    {"des", {CKM_DES_ECB, NULL, 0}},
};

static CK_MECHANISM *mechanism_of(const char *name) {
    static CK_MECHANISM mechanism;
    for (size_t index = 0; index < sizeof mechanisms / sizeof mechanisms[0]; index++)
        if (strcmp(mechanisms[index].name, name) == 0) return mechanism = mechanisms[index].mechanism, &mechanism;
    return NULL;
}

static const struct {
    const char *name;
    CK_ATTRIBUTE_TYPE type;
} attributes[] = {
#define A(name) {#name, CKA_##name}
    A(CLASS), A(TOKEN), A(PRIVATE), A(LABEL), A(APPLICATION), A(VALUE), A(OBJECT_ID), A(CERTIFICATE_TYPE), A(ISSUER),
    A(SERIAL_NUMBER), A(TRUSTED), A(KEY_TYPE), A(SUBJECT), A(ID), A(SENSITIVE), A(ENCRYPT), A(DECRYPT), A(WRAP), A(UNWRAP),
    A(SIGN), A(SIGN_RECOVER), A(VERIFY), A(VERIFY_RECOVER), A(DERIVE), A(MODULUS), A(MODULUS_BITS), A(PUBLIC_EXPONENT),
    A(PRIVATE_EXPONENT), A(PRIME_1), A(EXTRACTABLE), A(LOCAL), A(NEVER_EXTRACTABLE), A(ALWAYS_SENSITIVE), A(MODIFIABLE),
#undef A
};

static CK_ATTRIBUTE_TYPE attribute_of(const char *name) {
    for (size_t index = 0; index < sizeof attributes / sizeof attributes[0]; index++)
        if (strcmp(attributes[index].name, name) == 0) return attributes[index].type;
    return strtoul(name, NULL, 0);
}

/* ---- Data ---- */

static CK_BYTE data[65536], buffer[65536], signature[512], cryptogram[512];
static CK_ULONG signature_length = 256, cryptogram_length = 256;

static CK_BYTE *data_of(const char *length) { return length[0] == '-' ? NULL : data; }
static CK_ULONG length_of(const char *length) { return length[0] == '-' ? 4 : strtoul(length, NULL, 10); }

static CK_ULONG room;
static CK_BYTE *buffer_of(const char *text) {
    room = text[0] == 'n' || text[0] == 'z' ? 0 : strtoul(text, NULL, 10);
    memset(buffer, 0, sizeof buffer);
    return text[0] == 'n' ? NULL : buffer;
}
static CK_ULONG *place_of(const char *text) { return text[0] == 'z' ? NULL : &room; }

/* ---- Answers ---- */

static void tell(CK_RV code) { printf("%s\n", rv_name(code)); }

static void tell_bytes(CK_RV code, const void *bytes, CK_ULONG length, bool is_shown) {
    /* FNV-1a. */
    unsigned long hash = 14695981039346656037UL;
    for (CK_ULONG index = 0; index < length; index++) hash = (hash ^ ((const CK_BYTE *)bytes)[index]) * 1099511628211UL;
    printf("%s %lu", rv_name(code), length);
    if (is_shown) printf(" %08lx", hash & 0xFFFFFFFF);
    printf("\n");
}

/* What a function with a buffer gave. */
static void tell_output(CK_RV code, const char *text, bool is_shown) {
    if (code == CKR_OK && text[0] != 'n') return tell_bytes(code, buffer, room, is_shown);
    if (code == CKR_OK || code == CKR_BUFFER_TOO_SMALL) {
        printf("%s %lu\n", rv_name(code), room);
        return;
    }
    tell(code);
}

/* ---- Calls ---- */

static bool find_slot(void) {
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    if (p11->C_GetSlotList(CK_FALSE, slots, &count) != CKR_OK) return false;
    for (CK_ULONG index = 0; index < count; index++) {
        CK_SLOT_INFO info;
        if (p11->C_GetSlotInfo(slots[index], &info) != CKR_OK) continue;
        slot = slots[index];
        if (memcmp(info.slotDescription, reader, strlen(reader)) == 0) return true;
    }
    return false;
}

/* Finds the objects in a session of its own, which logs in and is closed again. */
static void learn_objects(void) {
    CK_SESSION_HANDLE session;
    if (p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK) return;
    (void)p11->C_Login(session, CKU_USER, (CK_BYTE *)"1234", 4);
    for (size_t index = 0; index < OBJECTS; index++) {
        CK_OBJECT_CLASS class = objects[index].class;
        handles[index] = 0;
        for (int name = 0; name < 2 && handles[index] == 0 && objects[index].labels[name] != NULL; name++) {
            const char *label = objects[index].labels[name];
            /* The official library's label of such a key ends with a NUL character. */
            for (size_t more = 0; more < 2 && handles[index] == 0; more++) {
                CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)label, strlen(label) + more}};
                CK_ULONG count = 0;
                if (p11->C_FindObjectsInit(session, template, 2) != CKR_OK) continue;
                (void)p11->C_FindObjects(session, &handles[index], 1, &count);
                (void)p11->C_FindObjectsFinal(session);
                if (count == 0) handles[index] = 0;
            }
        }
    }
    (void)p11->C_Logout(session);
    (void)p11->C_CloseSession(session);
}

static void find(CK_SESSION_HANDLE session) {
    static CK_OBJECT_CLASS class;
    static CK_BYTE value[64];
    CK_ATTRIBUTE template[8];
    CK_ULONG count = 0;
    for (int index = 2; index < word_count && count < 8; index++) {
        char *equals = strchr(words[index], '=');
        if (equals == NULL) continue;
        *equals = 0;
        CK_ATTRIBUTE_TYPE type = attribute_of(words[index]);
        if (type == CKA_CLASS) {
            class = strtoul(equals + 1, NULL, 0);
            template[count++] = (CK_ATTRIBUTE){type, &class, sizeof class};
        } else if (type == CKA_LABEL) {
            for (char *letter = equals + 1; *letter; letter++)
                if (*letter == '_' && strncmp(equals + 1, "CPS", 3) != 0) *letter = ' ';
            template[count++] = (CK_ATTRIBUTE){type, equals + 1, strlen(equals + 1)};
        } else {
            value[0] = (CK_BYTE)strtoul(equals + 1, NULL, 0);
            template[count++] = (CK_ATTRIBUTE){type, value, 1};
        }
    }
    tell(p11->C_FindObjectsInit(session, count == 0 ? NULL : template, count));
}

/* The hits by class and label: handles are the module's own affair. */
static void find_next(CK_SESSION_HANDLE session, CK_ULONG wanted) {
    CK_OBJECT_HANDLE found[100];
    CK_ULONG count = 0;
    CK_RV code = p11->C_FindObjects(session, found, wanted < 100 ? wanted : 100, &count);
    if (code != CKR_OK) return tell(code);
    printf("%s", rv_name(code));
    for (CK_ULONG index = 0; index < count; index++) {
        CK_OBJECT_CLASS class = 99;
        char label[128] = "";
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, sizeof label - 1}};
        (void)p11->C_GetAttributeValue(session, found[index], template, 2);
        if (class == 9) continue;  /* CKO_PROFILE, which only one of them has. */
        for (char *letter = label; *letter; letter++)
            if (*letter == ' ') *letter = '_';
        printf(" %lu:%s", class, label);
    }
    printf("\n");
}

static void restore(void);

static void play(void) {
    const char *call = words[0];
    CK_SESSION_HANDLE s = session_of(word(1));
    CK_MECHANISM *m = mechanism_of(word(2));
    bool is_fixed = true;
#define IS(name) (strcmp(call, name) == 0)
    if (IS("init")) {
        CK_RV code = p11->C_Initialize(NULL);
        if (code == CKR_OK) {
            memset(sessions, 0, sizeof sessions);
            if (!find_slot()) printf("no-slot ");
            else learn_objects();
        }
        tell(code);
    } else if (IS("final")) tell(p11->C_Finalize(NULL));
    else if (IS("restore")) restore();
    else if (IS("slot-info")) {
        CK_SLOT_INFO info;
        CK_RV code = p11->C_GetSlotInfo(strtoul(word(1), NULL, 0) == 0 ? slot : 99, &info);
        if (code == CKR_OK) printf("%s %lx\n", rv_name(code), info.flags);
        else tell(code);
    } else if (IS("token-info")) {
        CK_TOKEN_INFO info;
        CK_RV code = p11->C_GetTokenInfo(strtoul(word(1), NULL, 0) == 0 ? slot : 99, &info);
        CK_FLAGS known = ~(CKF_WRITE_PROTECTED | CKF_USER_PIN_LOCKED | CKF_SO_PIN_LOCKED);
        if (code == CKR_OK)
            printf("%s %.16s %lx %lu %lu\n", rv_name(code), info.serialNumber, info.flags & known, info.ulMinPinLen, info.ulMaxPinLen);
        else tell(code);
    } else if (IS("mechanism")) {
        CK_MECHANISM_INFO info;
        CK_MECHANISM *wanted = mechanism_of(word(1));
        CK_RV code = p11->C_GetMechanismInfo(slot, wanted ? wanted->mechanism : 0x1234, &info);
        if (code == CKR_OK) printf("%s %lu %lu\n", rv_name(code), info.ulMinKeySize, info.ulMaxKeySize);
        else tell(code);
    } else if (IS("open")) {
        CK_FLAGS flags = strcmp(word(2), "rw") == 0 ? CKF_SERIAL_SESSION | CKF_RW_SESSION
                         : strcmp(word(2), "ro") == 0 ? CKF_SERIAL_SESSION : 0;
        CK_SESSION_HANDLE handle = 0;
        CK_RV code = p11->C_OpenSession(slot, flags, NULL, NULL, &handle);
        if (code == CKR_OK) sessions[(word(1)[0] - 'a') & 7] = handle;
        tell(code);
    } else if (IS("close")) tell(p11->C_CloseSession(s));
    else if (IS("close-all")) tell(p11->C_CloseAllSessions(slot));
    else if (IS("session-info")) {
        CK_SESSION_INFO info;
        CK_RV code = p11->C_GetSessionInfo(s, &info);
        if (code == CKR_OK) printf("%s %lu %lx\n", rv_name(code), info.state, info.flags);
        else tell(code);
    } else if (IS("login"))
        tell(p11->C_Login(s, strcmp(word(2), "so") == 0 ? CKU_SO : strcmp(word(2), "user") == 0 ? CKU_USER : 5,
                          (CK_BYTE *)word(3), strlen(word(3))));
    else if (IS("logout")) tell(p11->C_Logout(s));
    else if (IS("set-pin"))
        tell(p11->C_SetPIN(s, (CK_BYTE *)word(2), strlen(word(2)), (CK_BYTE *)word(3), strlen(word(3))));
    else if (IS("find")) find(s);
    else if (IS("find-next")) find_next(s, strtoul(word(2), NULL, 10));
    else if (IS("find-final")) tell(p11->C_FindObjectsFinal(s));
    else if (IS("get")) {
        CK_ATTRIBUTE attribute = {attribute_of(word(3)), buffer, word(4)[0] ? strtoul(word(4), NULL, 10) : sizeof buffer};
        if (word(4)[0] == 'n') attribute.pValue = NULL;
        CK_RV code = p11->C_GetAttributeValue(s, object_of(word(2)), &attribute, 1);
        if (code == CKR_OK && attribute.pValue) tell_bytes(code, buffer, attribute.ulValueLen, true);
        else if (code == CKR_OK) printf("%s %lu\n", rv_name(code), attribute.ulValueLen);
        else tell(code);
    } else if (IS("set")) {
        memset(buffer, word(4)[0], sizeof buffer);
        CK_ATTRIBUTE attribute = {attribute_of(word(3)), buffer, strtoul(word(5), NULL, 10)};
        tell(p11->C_SetAttributeValue(s, object_of(word(2)), &attribute, 1));
    } else if (IS("sign-init")) tell(p11->C_SignInit(s, m, object_of(word(3))));
    else if (IS("sign") || IS("sign-final")) {
        const char *out = IS("sign") ? word(3) : word(2);
        is_fixed = false;
        CK_BYTE *bytes = buffer_of(out);
        CK_RV code = IS("sign") ? p11->C_Sign(s, data_of(word(2)), length_of(word(2)), bytes, place_of(out))
                                : p11->C_SignFinal(s, bytes, place_of(out));
        if (code == CKR_OK && bytes && room <= sizeof signature) memcpy(signature, bytes, signature_length = room);
        tell_output(code, out, is_fixed);
    } else if (IS("sign-update")) tell(p11->C_SignUpdate(s, data_of(word(2)), length_of(word(2))));
    else if (IS("verify-init")) tell(p11->C_VerifyInit(s, m, object_of(word(3))));
    else if (IS("verify")) tell(p11->C_Verify(s, data_of(word(2)), length_of(word(2)), signature, signature_length));
    else if (IS("verify-update")) tell(p11->C_VerifyUpdate(s, data_of(word(2)), length_of(word(2))));
    else if (IS("verify-final")) tell(p11->C_VerifyFinal(s, signature, signature_length));
    else if (IS("digest-init")) tell(p11->C_DigestInit(s, m));
    else if (IS("digest")) {
        CK_BYTE *bytes = buffer_of(word(3));
        tell_output(p11->C_Digest(s, data_of(word(2)), length_of(word(2)), bytes, place_of(word(3))), word(3), true);
    } else if (IS("digest-update")) tell(p11->C_DigestUpdate(s, data_of(word(2)), length_of(word(2))));
    else if (IS("digest-final")) {
        CK_BYTE *bytes = buffer_of(word(2));
        tell_output(p11->C_DigestFinal(s, bytes, place_of(word(2))), word(2), true);
    } else if (IS("encrypt-init")) tell(p11->C_EncryptInit(s, m, object_of(word(3))));
    else if (IS("encrypt")) {
        CK_BYTE *bytes = buffer_of(word(3));
        CK_RV code = p11->C_Encrypt(s, data_of(word(2)), length_of(word(2)), bytes, place_of(word(3)));
        if (code == CKR_OK && bytes && room <= sizeof cryptogram) memcpy(cryptogram, bytes, cryptogram_length = room);
        tell_output(code, word(3), false);
    } else if (IS("decrypt-init")) tell(p11->C_DecryptInit(s, m, object_of(word(3))));
    else if (IS("decrypt")) {
        CK_BYTE *bytes = buffer_of(word(2));
        tell_output(p11->C_Decrypt(s, cryptogram, cryptogram_length, bytes, place_of(word(2))), word(2), true);
    } else if (IS("random")) {
        CK_ULONG length = strtoul(word(2), NULL, 10);
        tell(p11->C_GenerateRandom(s, length > sizeof buffer ? NULL : buffer, length));
    } else printf("unknown call\n");
}

/* The card as it was: all tries of the PIN, CPS_DATA empty. */
static void restore(void) {
    CK_SESSION_HANDLE session;
    static CK_BYTE nothing[64];
    (void)p11->C_Finalize(NULL);
    memset(signature, 0, sizeof signature);
    memset(cryptogram, 0, sizeof cryptogram);
    signature_length = cryptogram_length = 256;
    CK_RV code = p11->C_Initialize(NULL);
    if (code == CKR_OK && !find_slot()) code = CKR_SLOT_ID_INVALID;
    if (code == CKR_OK) code = p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    if (code == CKR_OK) code = p11->C_Login(session, CKU_USER, (CK_BYTE *)"1234", 4);
    if (code == CKR_OK) {
        CK_ATTRIBUTE value = {CKA_VALUE, nothing, sizeof nothing};
        CK_OBJECT_HANDLE own = find_labelled(session, CKO_DATA, "CPS_DATA");
        code = p11->C_SetAttributeValue(session, own, &value, 1);
        (void)p11->C_Logout(session);
    }
    (void)p11->C_Finalize(NULL);
    tell(code);
}

int main(int count, char **arguments) {
    char line[512];
    if (count != 3) return 2;
    load_module(arguments[1]);
    reader = arguments[2];
    for (size_t index = 0; index < sizeof data; index++) data[index] = (CK_BYTE)(index * 7 + 1);
    while (fgets(line, sizeof line, stdin) != NULL) {
        word_count = 0;
        for (char *next = strtok(line, " \n"); next != NULL && word_count < 32; next = strtok(NULL, " \n")) words[word_count++] = next;
        if (word_count == 0) continue;
        play();
        fflush(stdout);
    }
    return 0;
}
