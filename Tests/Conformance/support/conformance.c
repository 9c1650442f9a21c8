/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance.h"

#include <dlfcn.h>
#include <nettle/rsa.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

CK_FUNCTION_LIST *p11;
void *module_handle;

const char *card_names[5] = {"unknown card", "cps3", "cps4", "", "contactless"};

void load_module(const char *path) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    module_handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module_handle == NULL) give_up("dlopen: %s", dlerror());
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)module_symbol("C_GetFunctionList");
    if (get == NULL) give_up("%s has no C_GetFunctionList", path);
    must("C_GetFunctionList", get(&p11));
}

void *module_symbol(const char *name) { return dlsym(module_handle, name); }

/* ---- Expectations ---- */

static atomic_ulong passed, failed;

void count_passed(void) { atomic_fetch_add(&passed, 1); }
void count_failed(void) { atomic_fetch_add(&failed, 1); }

static const struct {
    CK_RV code;
    const char *name;
} rv_names[] = {
#define NAME(code) {code, #code}
    NAME(CKR_OK), NAME(CKR_CANCEL), NAME(CKR_HOST_MEMORY), NAME(CKR_SLOT_ID_INVALID), NAME(CKR_GENERAL_ERROR),
    NAME(CKR_FUNCTION_FAILED), NAME(CKR_ARGUMENTS_BAD), NAME(CKR_NO_EVENT), NAME(CKR_NEED_TO_CREATE_THREADS),
    NAME(CKR_CANT_LOCK), NAME(CKR_ATTRIBUTE_READ_ONLY), NAME(CKR_ATTRIBUTE_SENSITIVE),
    NAME(CKR_ATTRIBUTE_TYPE_INVALID), NAME(CKR_ATTRIBUTE_VALUE_INVALID), NAME(CKR_DATA_INVALID),
    NAME(CKR_DATA_LEN_RANGE), NAME(CKR_DEVICE_ERROR), NAME(CKR_DEVICE_MEMORY), NAME(CKR_DEVICE_REMOVED),
    NAME(CKR_ENCRYPTED_DATA_INVALID), NAME(CKR_ENCRYPTED_DATA_LEN_RANGE), NAME(CKR_FUNCTION_CANCELED),
    NAME(CKR_FUNCTION_NOT_PARALLEL), NAME(CKR_FUNCTION_NOT_SUPPORTED), NAME(CKR_KEY_HANDLE_INVALID),
    NAME(CKR_KEY_SIZE_RANGE), NAME(CKR_KEY_TYPE_INCONSISTENT), NAME(CKR_KEY_FUNCTION_NOT_PERMITTED),
    NAME(CKR_MECHANISM_INVALID), NAME(CKR_MECHANISM_PARAM_INVALID), NAME(CKR_OBJECT_HANDLE_INVALID),
    NAME(CKR_OPERATION_ACTIVE), NAME(CKR_OPERATION_NOT_INITIALIZED), NAME(CKR_PIN_INCORRECT), NAME(CKR_PIN_INVALID),
    NAME(CKR_PIN_LEN_RANGE), NAME(CKR_PIN_EXPIRED), NAME(CKR_PIN_LOCKED), NAME(CKR_SESSION_CLOSED),
    NAME(CKR_SESSION_COUNT), NAME(CKR_SESSION_HANDLE_INVALID), NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
    NAME(CKR_SESSION_READ_ONLY), NAME(CKR_SESSION_EXISTS), NAME(CKR_SESSION_READ_ONLY_EXISTS),
    NAME(CKR_SESSION_READ_WRITE_SO_EXISTS), NAME(CKR_SIGNATURE_INVALID), NAME(CKR_SIGNATURE_LEN_RANGE),
    NAME(CKR_TEMPLATE_INCOMPLETE), NAME(CKR_TEMPLATE_INCONSISTENT), NAME(CKR_TOKEN_NOT_PRESENT),
    NAME(CKR_TOKEN_NOT_RECOGNIZED), NAME(CKR_TOKEN_WRITE_PROTECTED), NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_NOT_LOGGED_IN), NAME(CKR_USER_PIN_NOT_INITIALIZED), NAME(CKR_USER_TYPE_INVALID),
    NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN), NAME(CKR_USER_TOO_MANY_TYPES), NAME(CKR_RANDOM_SEED_NOT_SUPPORTED),
    NAME(CKR_RANDOM_NO_RNG), NAME(CKR_BUFFER_TOO_SMALL), NAME(CKR_SAVED_STATE_INVALID),
    NAME(CKR_INFORMATION_SENSITIVE), NAME(CKR_STATE_UNSAVEABLE), NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
    NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED), NAME(CKR_MUTEX_BAD), NAME(CKR_MUTEX_NOT_LOCKED),
    NAME(CKR_FUNCTION_REJECTED),
#undef NAME
};

const char *rv_name(CK_RV code) {
    static _Thread_local char text[4][24];
    static _Thread_local unsigned next;
    for (size_t index = 0; index < sizeof rv_names / sizeof rv_names[0]; index++)
        if (rv_names[index].code == code) return rv_names[index].name;
    char *place = text[next++ % 4];
    snprintf(place, sizeof text[0], "0x%08lX", code);
    return place;
}

static bool count(bool holds, const char *what, const char *detail) {
    if (holds) {
        count_passed();
        return true;
    }
    count_failed();
    printf("  FAIL  %s: %s\n", what, detail);
    return false;
}

bool expect_rv(const char *what, CK_RV expected, CK_RV got) {
    char detail[96];
    snprintf(detail, sizeof detail, "expected %s, got %s", rv_name(expected), rv_name(got));
    return count(expected == got, what, detail);
}

bool expect_one_of(const char *what, CK_RV got, ...) {
    char detail[256] = "expected ";
    bool holds = false;
    va_list codes;
    va_start(codes, got);
    for (CK_RV code = va_arg(codes, CK_RV); code != END_OF_CODES; code = va_arg(codes, CK_RV)) {
        holds |= code == got;
        strncat(detail, rv_name(code), sizeof detail - strlen(detail) - 8);
        strncat(detail, " or ", sizeof detail - strlen(detail) - 8);
    }
    va_end(codes);
    size_t length = strlen(detail);
    if (length > 4) detail[length - 4] = 0;
    strncat(detail, ", got ", sizeof detail - strlen(detail) - 1);
    strncat(detail, rv_name(got), sizeof detail - strlen(detail) - 1);
    return count(holds, what, detail);
}

bool expect_number(const char *what, unsigned long expected, unsigned long got) {
    char detail[96];
    snprintf(detail, sizeof detail, "expected %lu (0x%lX), got %lu (0x%lX)", expected, expected, got, got);
    return count(expected == got, what, detail);
}

bool expect(const char *what, bool holds, const char *format, ...) {
    char detail[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    return count(holds, what, detail);
}

void note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("  note  ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

int finish(void) {
    printf("  %lu passed, %lu failed\n", atomic_load(&passed), atomic_load(&failed));
    fflush(stdout);
    return atomic_load(&failed) == 0 && atomic_load(&passed) > 0 ? 0 : 1;
}

void give_up(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    count_failed();
    printf("  FAIL  ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    finish();
    _exit(1);
}

void must(const char *what, CK_RV got) {
    if (got != CKR_OK) give_up("%s: %s", what, rv_name(got));
}

/* ---- Time and watchdog ---- */

unsigned long milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

void sleep_milliseconds(unsigned long duration) {
    struct timespec time = {(time_t)(duration / 1000), (long)(duration % 1000) * 1000000};
    while (nanosleep(&time, &time) != 0) continue;
}

static const char *watched = "";

static void bark(int number) {
    (void)number;
    static const char text[] = "  FAIL  still running after the time allowed: ";
    /* Nothing but what a signal handler may do. */
    if (write(STDOUT_FILENO, text, sizeof text - 1) < 0 || write(STDOUT_FILENO, watched, strlen(watched)) < 0 ||
        write(STDOUT_FILENO, "\n  0 passed, 1 failed\n", 22) < 0)
        _exit(98);
    _exit(99);
}

void watchdog(unsigned seconds, const char *what) {
    watched = what;
    signal(SIGALRM, bark);
    alarm(seconds);
}

/* ---- Tokens and objects ---- */

CK_ULONG token_slots(CK_SLOT_ID *slots, CK_ULONG capacity) {
    CK_SLOT_ID all[32];
    CK_ULONG count = 32;
    must("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, all, &count));
    for (CK_ULONG index = 0; index < count && index < capacity; index++) slots[index] = all[index];
    return count;
}

CK_SLOT_ID first_token(void) {
    CK_SLOT_ID slot = 0;
    if (token_slots(&slot, 1) == 0) give_up("no token is present");
    return slot;
}

card_kind kind_of_card(CK_SLOT_ID slot) {
    CK_TOKEN_INFO info;
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &info));
    if (!(info.flags & CKF_LOGIN_REQUIRED)) return CARD_CONTACTLESS;
    if (memcmp(info.label, "CPS4", 4) == 0) return CARD_CPS4;
    if (memcmp(info.label, "CPS3", 4) == 0) return CARD_CPS3;
    return CARD_UNKNOWN;
}

CK_SESSION_HANDLE open_session(CK_SLOT_ID slot, CK_FLAGS more) {
    CK_SESSION_HANDLE session = 0;
    must("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION | more, NULL, NULL, &session));
    return session;
}

CK_RV login(CK_SESSION_HANDLE session, const char *pin) {
    return p11->C_Login(session, CKU_USER, (unsigned char *)pin, strlen(pin));
}

CK_ULONG find_objects(
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *found, CK_ULONG capacity) {
    CK_OBJECT_HANDLE handles[64];
    CK_ULONG total = 0, now = 0;
    if (p11->C_FindObjectsInit(session, template, count) != CKR_OK) return 0;
    while (p11->C_FindObjects(session, handles, 64, &now) == CKR_OK && now > 0)
        for (CK_ULONG index = 0; index < now; index++, total++)
            if (total < capacity) found[total] = handles[index];
    p11->C_FindObjectsFinal(session);
    return total;
}

CK_OBJECT_HANDLE find_labelled(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label) {
    CK_OBJECT_HANDLE object = 0;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, (void *)label, strlen(label)}};
    find_objects(session, template, 2, &object, 1);
    return object;
}

CK_OBJECT_HANDLE find_by_id(
    CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const unsigned char *id, CK_ULONG length) {
    CK_OBJECT_HANDLE object = 0;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, (void *)id, length}};
    find_objects(session, template, 2, &object, 1);
    return object;
}

CK_ULONG attribute(
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *value, CK_ULONG capacity) {
    CK_ATTRIBUTE query = {type, NULL, 0};
    if (p11->C_GetAttributeValue(session, object, &query, 1) != CKR_OK || query.ulValueLen > capacity)
        return (CK_ULONG)-1;
    query.pValue = value;
    if (p11->C_GetAttributeValue(session, object, &query, 1) != CKR_OK) return (CK_ULONG)-1;
    return query.ulValueLen;
}

CK_OBJECT_HANDLE private_key(CK_SESSION_HANDLE session, key_role role) {
    static const char *labels[] = {"CPS_PRIV_SIG", "CPS_PRIV_AUT", "CPS_PRIV_TECH_AUT"};
    return find_labelled(session, CKO_PRIVATE_KEY, labels[role]);
}

CK_OBJECT_HANDLE public_key_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    unsigned char id[64];
    CK_ULONG length = attribute(session, key, CKA_ID, id, sizeof id);
    return length > sizeof id ? 0 : find_by_id(session, CKO_PUBLIC_KEY, id, length);
}

/* ---- Signatures ---- */

bool read_public_numbers(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, public_numbers *numbers) {
    numbers->modulus_length = attribute(session, key, CKA_MODULUS, numbers->modulus, sizeof numbers->modulus);
    numbers->exponent_length = attribute(session, key, CKA_PUBLIC_EXPONENT, numbers->exponent, sizeof numbers->exponent);
    return numbers->modulus_length <= sizeof numbers->modulus && numbers->exponent_length <= sizeof numbers->exponent &&
           numbers->modulus_length >= 64 && numbers->exponent_length > 0;
}

typedef bool verification(const struct rsa_public_key *key, const void *context, const mpz_t signature);

static bool with_key(
    const public_numbers *numbers, const unsigned char *signature, size_t length, const void *context,
    verification *verify) {
    struct rsa_public_key key;
    mpz_t number;
    rsa_public_key_init(&key);
    mpz_import(key.n, numbers->modulus_length, 1, 1, 0, 0, numbers->modulus);
    mpz_import(key.e, numbers->exponent_length, 1, 1, 0, 0, numbers->exponent);
    mpz_init(number);
    mpz_import(number, length, 1, 1, 0, 0, signature);
    bool holds = length == numbers->modulus_length && rsa_public_key_prepare(&key) && verify(&key, context, number);
    mpz_clear(number);
    rsa_public_key_clear(&key);
    return holds;
}

struct piece {
    const void *bytes;
    size_t length;
};

static bool verify_pkcs1(const struct rsa_public_key *key, const void *context, const mpz_t signature) {
    const struct piece *data = context;
    return rsa_pkcs1_verify(key, data->length, data->bytes, signature);
}

static bool verify_pss(const struct rsa_public_key *key, const void *context, const mpz_t signature) {
    return rsa_pss_sha256_verify_digest(key, SHA256_DIGEST_SIZE, context, signature);
}

bool is_pkcs1_signature(
    const public_numbers *key, const void *data, size_t data_length, const unsigned char *signature, size_t length) {
    struct piece piece = {data, data_length};
    return with_key(key, signature, length, &piece, verify_pkcs1);
}

bool is_sha256_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature,
    size_t length) {
    unsigned char info[51];
    return is_pkcs1_signature(key, info, sha256_info(message, message_length, info), signature, length);
}

bool is_sha1_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature,
    size_t length) {
    unsigned char info[35];
    return is_pkcs1_signature(key, info, sha1_info(message, message_length, info), signature, length);
}

bool is_pss_sha256_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature,
    size_t length) {
    struct sha256_ctx hash;
    unsigned char digest[SHA256_DIGEST_SIZE];
    sha256_init(&hash);
    sha256_update(&hash, message_length, message);
    sha256_digest(&hash, sizeof digest, digest);
    return with_key(key, signature, length, digest, verify_pss);
}

size_t sha256_info(const void *message, size_t length, unsigned char info[51]) {
    static const unsigned char prefix[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                           0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    struct sha256_ctx hash;
    memcpy(info, prefix, sizeof prefix);
    sha256_init(&hash);
    sha256_update(&hash, length, message);
    sha256_digest(&hash, SHA256_DIGEST_SIZE, info + sizeof prefix);
    return 51;
}

size_t sha1_info(const void *message, size_t length, unsigned char info[35]) {
    static const unsigned char prefix[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E,
                                           0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14};
    struct sha1_ctx hash;
    memcpy(info, prefix, sizeof prefix);
    sha1_init(&hash);
    sha1_update(&hash, length, message);
    sha1_digest(&hash, SHA1_DIGEST_SIZE, info + sizeof prefix);
    return 35;
}
