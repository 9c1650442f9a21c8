/* SPDX-License-Identifier: Apache-2.0 */
// The scenarios of scripts/bench that pkcs11-tool cannot play, one process each.
//
//   bench MODULE slots                   load, C_Initialize, the slots with a card
//   bench MODULE sign PIN LABEL COUNT    login, signatures with the key of this label
//   bench MODULE hash PIN LABEL COUNT    the same, the message hashed by the module
//   bench MODULE tls PIN LABEL           what OpenSSL's engine calls to authenticate a TLS client
//   bench MODULE list PIN                login, all objects with what listings show
//   bench MODULE calls PIN COUNT         nanoseconds per C_FindObjects*, C_GetAttributeValue, and
//                                        C_FindObjects* with a login
//   bench MODULE memory                  KiB of resident memory that the module adds, its
//                                        token's public objects listed
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static CK_FUNCTION_LIST_PTR p11;
static CK_SESSION_HANDLE session;

static void check(const char *call, CK_RV code) {
    if (code == CKR_OK) return;
    fprintf(stderr, "%s: 0x%lX\n", call, code);
    exit(1);
}
#define DO(call, ...) check(#call, p11->call(__VA_ARGS__))

static void load(const char *path) {
    void *module = dlopen(path, RTLD_NOW);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    CK_C_GetFunctionList get = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get) exit(1);
    check("C_GetFunctionList", get(&p11));
    DO(C_Initialize, NULL);
}

static CK_SLOT_ID first_slot(void) {
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    DO(C_GetSlotList, CK_TRUE, slots, &count);
    if (count == 0) {
        fprintf(stderr, "no card\n");
        exit(1);
    }
    return slots[0];
}

static void open_session(void) { DO(C_OpenSession, first_slot(), CKF_SERIAL_SESSION, NULL, NULL, &session); }

static void log_in(char *pin) { DO(C_Login, session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)); }

static CK_ULONG search(CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *found, CK_ULONG room) {
    CK_ULONG hits = 0;
    DO(C_FindObjectsInit, session, template, count);
    DO(C_FindObjects, session, found, room, &hits);
    DO(C_FindObjectsFinal, session);
    return hits;
}

static CK_OBJECT_HANDLE private_key(char *label) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, strlen(label)}};
    CK_OBJECT_HANDLE key;
    // A module without this label (SoftHSM's test token) gives its first key.
    if (search(template, 2, &key, 1) == 0 && search(template, 1, &key, 1) == 0) exit(1);
    return key;
}

// DigestInfo of the SHA-256 hash of "abc".
static unsigned char digest_info[] = {
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20, 0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22,
    0x23, 0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD};
static unsigned char message[] = "abc";

static void sign(char *label, int count, int hashes) {
    CK_OBJECT_HANDLE key = private_key(label);
    CK_MECHANISM mechanism = {hashes ? CKM_SHA256_RSA_PKCS : CKM_RSA_PKCS, NULL, 0};
    for (int i = 0; i < count; i++) {
        unsigned char signature[256];
        CK_ULONG length = sizeof signature;
        DO(C_SignInit, session, &mechanism, key);
        if (hashes) DO(C_Sign, session, message, 3, signature, &length);
        else DO(C_Sign, session, digest_info, sizeof digest_info, signature, &length);
    }
}

static void list(void) {
    CK_OBJECT_HANDLE objects[64];
    CK_ULONG count = search(NULL, 0, objects, 64);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_OBJECT_CLASS class = 0;
        unsigned char label[256], id[256];
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, sizeof label}};
        (void)p11->C_GetAttributeValue(session, objects[i], template, 2);
        CK_ATTRIBUTE identifier = {CKA_ID, id, sizeof id};
        if (class != CKO_DATA) (void)p11->C_GetAttributeValue(session, objects[i], &identifier, 1);
    }
}

// Whether the object has a modulus and an exponent.
static int has_numbers(CK_OBJECT_HANDLE object) {
    unsigned char modulus[512], exponent[16];
    CK_ATTRIBUTE first = {CKA_MODULUS, modulus, sizeof modulus}, second = {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent};
    return p11->C_GetAttributeValue(session, object, &first, 1) == CKR_OK && first.ulValueLen > 0 &&
           p11->C_GetAttributeValue(session, object, &second, 1) == CKR_OK;
}

// The calls of libp11 0.4 for an engine's private key and one signature with it. It
// takes the public numbers from the private key; of a module that does not have them
// there (the official one, CPS4), from the public key.
static void tls(char *pin, char *label) {
    CK_TOKEN_INFO information;
    DO(C_GetTokenInfo, first_slot(), &information);
    open_session();
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE private[] = {{CKA_CLASS, &class, sizeof class}};
    CK_OBJECT_HANDLE keys[16];
    search(private, 1, keys, 16);
    log_in(pin);
    CK_ULONG count = search(private, 1, keys, 16);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_BBOOL always;
        CK_ATTRIBUTE authenticates = {CKA_ALWAYS_AUTHENTICATE, &always, sizeof always};
        (void)p11->C_GetAttributeValue(session, keys[i], &authenticates, 1);
    }
    CK_OBJECT_HANDLE key = private_key(label), public;
    if (!has_numbers(key)) {
        unsigned char id[256];
        CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
        CK_ATTRIBUTE template[] = {{CKA_ID, id, sizeof id}, {CKA_CLASS, &public_class, sizeof public_class}};
        DO(C_GetAttributeValue, session, key, template, 1);
        if (search(template, 2, &public, 1) == 0 || !has_numbers(public)) exit(1);
    }
    sign(label, 1, 0);
}

static double nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// Nanoseconds for one search for the keys of a class, and the last hit.
static double time_searches(CK_OBJECT_CLASS class, int count, CK_OBJECT_HANDLE *key) {
    CK_ATTRIBUTE keys[] = {{CKA_CLASS, &class, sizeof class}};
    // The first round warms up.
    double start = 0;
    for (int round = 0; round < 2; round++) {
        start = nanoseconds();
        for (int i = 0; i < count; i++)
            if (search(keys, 1, key, 1) == 0) exit(1);
    }
    return (nanoseconds() - start) / count;
}

static double time_attributes(CK_OBJECT_HANDLE key, int count) {
    unsigned char label[256], id[256];
    double start = nanoseconds();
    for (int i = 0; i < count; i++) {
        CK_ATTRIBUTE wanted[] = {{CKA_LABEL, label, sizeof label}, {CKA_ID, id, sizeof id}};
        DO(C_GetAttributeValue, session, key, wanted, 2);
    }
    return (nanoseconds() - start) / count;
}

// Searching in a public session, reading attributes, and searching in one that is logged
// in: there the card may have been reset by somebody, so a library may look at it first.
static void time_calls(char *pin, int count) {
    CK_OBJECT_HANDLE key;
    double searches = time_searches(CKO_PUBLIC_KEY, count, &key);
    log_in(pin);
    double searches_logged_in = time_searches(CKO_PRIVATE_KEY, count, &key);
    printf("%.0f %.0f %.0f\n", searches, time_attributes(key, count), searches_logged_in);
}

static long resident(void) {
    long pages = 0, total = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &total, &pages) != 2) exit(1);
    fclose(file);
    return pages * 4;
}

int main(int count, char **words) {
    if (count < 3) return 2;
    char *what = words[2];
    long before = resident();
    load(words[1]);
    if (!strcmp(what, "slots")) first_slot();
    if (!strcmp(what, "memory")) {
        CK_TOKEN_INFO information;
        DO(C_GetTokenInfo, first_slot(), &information);
        open_session();
        list();
        printf("%ld\n", resident() - before);
    }
    if (!strcmp(what, "tls") && count == 5) tls(words[3], words[4]);
    else if (count > 3) {
        open_session();
        if (strcmp(what, "calls")) log_in(words[3]);
    }
    if (!strcmp(what, "sign") && count == 6) sign(words[4], atoi(words[5]), 0);
    if (!strcmp(what, "hash") && count == 6) sign(words[4], atoi(words[5]), 1);
    if (!strcmp(what, "list")) list();
    if (!strcmp(what, "calls") && count == 5) time_calls(words[3], atoi(words[4]));
    DO(C_Finalize, NULL);
    return 0;
}
