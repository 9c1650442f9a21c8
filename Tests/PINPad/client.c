/* SPDX-License-Identifier: Apache-2.0 */
// A PKCS#11 program for the tests of the PIN pad: one call for each line of stdin,
// one line of answer, with the name of the return code. It uses the first slot
// with a token. A code that is not given is a null pointer: it is to be typed on
// the reader.
//
//   client MODULE < calls
//
//   flags                        those of the token that say how to log in, and tries
//   open | close                 a read-write session
//   login user|so [PIN] | logout
//   set-pin [OLD NEW] | set-new-pin NEW | init-pin [NEW]
//   state                        of the session
//   sign ID MESSAGE SIGNATURE    CKM_SHA256_RSA_PKCS with the key of this CKA_ID; files
//   hold | release               as another program: a transaction on the card
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

static CK_FUNCTION_LIST_PTR p11;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;
static SCARDCONTEXT context;
static SCARDHANDLE neighbour;

struct name {
    CK_ULONG value;
    const char *name;
};
#define NAME(x) {x, #x}
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const struct name codes[] = {
    NAME(CKR_OK), NAME(CKR_FUNCTION_FAILED), NAME(CKR_ARGUMENTS_BAD), NAME(CKR_DEVICE_ERROR),
    NAME(CKR_DEVICE_REMOVED), NAME(CKR_FUNCTION_CANCELED), NAME(CKR_FUNCTION_NOT_SUPPORTED),
    NAME(CKR_PIN_INCORRECT), NAME(CKR_PIN_INVALID), NAME(CKR_PIN_LEN_RANGE), NAME(CKR_PIN_LOCKED),
    NAME(CKR_SESSION_HANDLE_INVALID), NAME(CKR_TOKEN_NOT_PRESENT), NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_NOT_LOGGED_IN), NAME(CKR_KEY_HANDLE_INVALID),
};

static const struct name flags[] = {
    NAME(CKF_LOGIN_REQUIRED), NAME(CKF_PROTECTED_AUTHENTICATION_PATH), NAME(CKF_USER_PIN_COUNT_LOW),
    NAME(CKF_USER_PIN_FINAL_TRY), NAME(CKF_USER_PIN_LOCKED), NAME(CKF_SO_PIN_COUNT_LOW),
};

static const struct name states[] = {
    NAME(CKS_RW_PUBLIC_SESSION), NAME(CKS_RW_USER_FUNCTIONS), NAME(CKS_RW_SO_FUNCTIONS),
};

static void answer(CK_RV code) {
    for (size_t i = 0; i < COUNT(codes); i++) {
        if (codes[i].value == code) {
            printf("%s\n", codes[i].name);
            return;
        }
    }
    printf("CKR_0x%lX\n", code);
}

static CK_RV choose_slot(void) {
    CK_SLOT_ID slots[16];
    CK_ULONG count = COUNT(slots);
    CK_RV code = p11->C_GetSlotList(CK_TRUE, slots, &count);
    if (code == CKR_OK && count == 0) code = CKR_TOKEN_NOT_PRESENT;
    slot = slots[0];
    return code;
}

static void show_flags(void) {
    CK_TOKEN_INFO info;
    CK_RV code = p11->C_GetTokenInfo(slot, &info);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK");
    for (size_t i = 0; i < COUNT(flags); i++)
        if (info.flags & flags[i].value) printf(" %s", flags[i].name);
    printf("\n");
}

static void show_state(void) {
    CK_SESSION_INFO info;
    CK_RV code = p11->C_GetSessionInfo(session, &info);
    if (code != CKR_OK) return answer(code);
    for (size_t i = 0; i < COUNT(states); i++)
        if (info.state == states[i].value) printf("%s\n", states[i].name);
}

static CK_RV find_key(const char *hex, CK_OBJECT_HANDLE *key) {
    unsigned char id[64];
    CK_ULONG length = 0, found = 0;
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    unsigned int byte;
    while (length < sizeof id && sscanf(hex + 2 * length, "%2x", &byte) == 1) id[length++] = (unsigned char)byte;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, id, length}};
    CK_RV code = p11->C_FindObjectsInit(session, template, 2);
    if (code == CKR_OK) code = p11->C_FindObjects(session, key, 1, &found);
    if (code == CKR_OK) code = p11->C_FindObjectsFinal(session);
    return code == CKR_OK && found == 0 ? CKR_KEY_HANDLE_INVALID : code;
}

static CK_RV sign(const char *id, const char *message, const char *output) {
    unsigned char data[4096], signature[512];
    CK_ULONG length = sizeof signature;
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key;
    FILE *file = fopen(message, "rb");
    if (!file) return CKR_ARGUMENTS_BAD;
    size_t count = fread(data, 1, sizeof data, file);
    fclose(file);
    CK_RV code = find_key(id, &key);
    if (code == CKR_OK) code = p11->C_SignInit(session, &mechanism, key);
    if (code == CKR_OK) code = p11->C_Sign(session, data, count, signature, &length);
    if (code != CKR_OK) return code;
    file = fopen(output, "wb");
    if (!file) return CKR_ARGUMENTS_BAD;
    fwrite(signature, 1, length, file);
    return fclose(file) == 0 ? CKR_OK : CKR_ARGUMENTS_BAD;
}

static void hold(void) {
    CK_SLOT_INFO info;
    char reader[65];
    DWORD protocol;
    CK_RV code = p11->C_GetSlotInfo(slot, &info);
    if (code != CKR_OK) return answer(code);
    memcpy(reader, info.slotDescription, 64);
    size_t length = 64;
    while (length > 0 && reader[length - 1] == ' ') length--;
    reader[length] = 0;
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (result == SCARD_S_SUCCESS)
        result = SCardConnect(
            context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &neighbour, &protocol);
    if (result == SCARD_S_SUCCESS) result = SCardBeginTransaction(neighbour);
    printf("%s\n", pcsc_stringify_error(result));
}

static void release(void) {
    SCardEndTransaction(neighbour, SCARD_LEAVE_CARD);
    SCardDisconnect(neighbour, SCARD_LEAVE_CARD);
    printf("%s\n", pcsc_stringify_error(SCardReleaseContext(context)));
}

static CK_UTF8CHAR *code_or_null(char *text) { return text[0] ? (CK_UTF8CHAR *)text : NULL; }

static void obey(const char *line) {
    char call[16] = "", a[256] = "", b[256] = "", c[256] = "";
    sscanf(line, "%15s %255s %255s %255s", call, a, b, c);
    if (!strcmp(call, "flags")) show_flags();
    else if (!strcmp(call, "open"))
        answer(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    else if (!strcmp(call, "close")) answer(p11->C_CloseSession(session));
    else if (!strcmp(call, "login"))
        answer(p11->C_Login(session, strcmp(a, "so") ? CKU_USER : CKU_SO, code_or_null(b), strlen(b)));
    else if (!strcmp(call, "logout")) answer(p11->C_Logout(session));
    else if (!strcmp(call, "set-pin"))
        answer(p11->C_SetPIN(session, code_or_null(a), strlen(a), code_or_null(b), strlen(b)));
    else if (!strcmp(call, "set-new-pin")) answer(p11->C_SetPIN(session, NULL, 0, code_or_null(a), strlen(a)));
    else if (!strcmp(call, "init-pin")) answer(p11->C_InitPIN(session, code_or_null(a), strlen(a)));
    else if (!strcmp(call, "state")) show_state();
    else if (!strcmp(call, "sign")) answer(sign(a, b, c));
    else if (!strcmp(call, "hold")) hold();
    else if (!strcmp(call, "release")) release();
    else printf("unknown call: %s\n", call);
    fflush(stdout);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    void *module = dlopen(words[1], RTLD_NOW);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    CK_C_GetFunctionList get = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get || get(&p11) != CKR_OK || p11->C_Initialize(NULL) != CKR_OK) return 1;
    CK_RV code = choose_slot();
    if (code != CKR_OK) answer(code);
    char line[1024];
    while (code == CKR_OK && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        obey(line);
    }
    return p11->C_Finalize(NULL) == CKR_OK && code == CKR_OK ? 0 : 1;
}
