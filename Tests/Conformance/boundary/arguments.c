/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes, buffers, operations, null pointers and hostile handles. */
#include "boundary.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define UNAVAILABLE ((CK_ULONG)-1)
#define CANARY 0xA5

static CK_MECHANISM rsa_pkcs = {CKM_RSA_PKCS, NULL, 0}, sha256_rsa_pkcs = {CKM_SHA256_RSA_PKCS, NULL, 0},
                    sha256 = {CKM_SHA256, NULL, 0};

/* ---- ulValueLen ---- */

/* What an entry of a template is, and what becomes of it. */
enum entry { GOOD, LENGTH_ONLY, SHORT, UNKNOWN, SENSITIVE, ENTRIES };

static void fill(CK_ATTRIBUTE *attribute, enum entry entry, unsigned char *buffer) {
    memset(buffer, CANARY, 64);
    static const CK_ATTRIBUTE_TYPE types[ENTRIES] = {CKA_CLASS, CKA_LABEL, CKA_ID, 0x80001234UL, CKA_PRIVATE_EXPONENT};
    attribute->type = types[entry];
    attribute->pValue = entry == LENGTH_ONLY ? NULL : buffer;
    attribute->ulValueLen = entry == SHORT ? 13 : entry == LENGTH_ONLY ? 7777 : 64;
}

static bool untouched(const unsigned char *buffer, size_t from, size_t size) {
    for (size_t index = from; index < size; index++)
        if (buffer[index] != CANARY) return false;
    return true;
}

static void check_entry(const CK_ATTRIBUTE *attribute, enum entry entry, const unsigned char *buffer) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    switch (entry) {
    case GOOD:
        expect_number("good entry: length", sizeof class, attribute->ulValueLen);
        expect("good entry: value", memcmp(buffer, &class, sizeof class) == 0, "another one");
        expect("good entry: nothing after it", untouched(buffer, sizeof class, 64), "something");
        break;
    case LENGTH_ONLY: expect_number("entry without a buffer: length", 12, attribute->ulValueLen); break;
    default:
        expect_number("short, unknown or sensitive entry: length", UNAVAILABLE, attribute->ulValueLen);
        expect("short, unknown or sensitive entry: buffer untouched", untouched(buffer, 0, 64), "changed");
    }
}

/* Any of these may come when several entries are refused; ours is the gravest. */
static CK_RV wanted_code(const enum entry *entries, int count) {
    CK_RV codes[] = {CKR_OK, CKR_OK, CKR_BUFFER_TOO_SMALL, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE};
    enum entry gravest = GOOD;
    for (int index = 0; index < count; index++)
        if (entries[index] > gravest) gravest = entries[index];
    return codes[gravest];
}

static void attributes(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    CK_OBJECT_HANDLE key = private_key(session, KEY_SIGNATURE);
    unsigned char buffers[4][64];
    CK_ATTRIBUTE template[4];
    /* Every template of up to four entries, in every order. */
    for (int count = 1, total = ENTRIES; count <= 4; count++, total *= ENTRIES) {
        for (int number = 0; number < total; number++) {
            enum entry entries[4];
            for (int index = 0, rest = number; index < count; index++, rest /= ENTRIES) {
                entries[index] = rest % ENTRIES;
                fill(&template[index], entries[index], buffers[index]);
            }
            CK_RV got = p11->C_GetAttributeValue(session, key, template, (CK_ULONG)count);
            expect_rv("mixed template", wanted_code(entries, count), got);
            for (int index = 0; index < count; index++) check_entry(&template[index], entries[index], buffers[index]);
        }
    }
    expect_rv("no template, no entries", CKR_OK, p11->C_GetAttributeValue(session, key, NULL, 0));
    expect_rv("no template, one entry", CKR_ARGUMENTS_BAD, p11->C_GetAttributeValue(session, key, NULL, 1));
    expect_rv("a template without end", CKR_ARGUMENTS_BAD, p11->C_GetAttributeValue(session, key, template, UNAVAILABLE));
    expect_rv("object 0", CKR_OBJECT_HANDLE_INVALID, p11->C_GetAttributeValue(session, 0, template, 1));
    must("C_Logout", p11->C_Logout(session));
    expect_rv("private object after logout", CKR_OBJECT_HANDLE_INVALID,
              p11->C_GetAttributeValue(session, key, template, 1));
    stop();
}

/* Every attribute of every object: the length that is told is the length that is
   given, and a buffer one byte too short is refused. */
static void every_attribute(void) {
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_UNIQUE_ID, CKA_APPLICATION, CKA_VALUE, CKA_OBJECT_ID,
        CKA_CERTIFICATE_TYPE, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_AC_ISSUER, CKA_OWNER, CKA_ATTR_TYPES, CKA_TRUSTED,
        CKA_CERTIFICATE_CATEGORY, CKA_JAVA_MIDP_SECURITY_DOMAIN, CKA_URL, CKA_HASH_OF_SUBJECT_PUBLIC_KEY,
        CKA_HASH_OF_ISSUER_PUBLIC_KEY, CKA_CHECK_VALUE, CKA_KEY_TYPE, CKA_SUBJECT, CKA_ID, CKA_SENSITIVE, CKA_ENCRYPT,
        CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_SIGN, CKA_SIGN_RECOVER, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_DERIVE,
        CKA_START_DATE, CKA_END_DATE, CKA_MODULUS, CKA_MODULUS_BITS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT,
        CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT, 0x129UL /* PUBLIC_KEY_INFO */,
        CKA_PRIME, CKA_BASE, CKA_VALUE_LEN, CKA_EXTRACTABLE, CKA_LOCAL, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE,
        CKA_KEY_GEN_MECHANISM, CKA_MODIFIABLE, 0x171UL /* COPYABLE */, 0x172UL /* DESTROYABLE */, CKA_EC_PARAMS,
        CKA_EC_POINT, CKA_ALWAYS_AUTHENTICATE, CKA_WRAP_WITH_TRUSTED, CKA_ALLOWED_MECHANISMS, CKA_PROFILE_ID,
        CKA_VENDOR_DEFINED, 0xCE534351UL /* NSS */, UNAVAILABLE};
    static unsigned char buffer[16384];
    CK_OBJECT_HANDLE objects[64];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    CK_ULONG count = find_objects(session, NULL, 0, objects, 64);
    expect("objects", count >= 10 && count <= 64, "%lu", count);
    unsigned long seen = 0;
    for (CK_ULONG index = 0; index < count; index++) {
        for (size_t type = 0; type < sizeof types / sizeof types[0]; type++) {
            char what[64];
            snprintf(what, sizeof what, "object %lu, attribute %lX", objects[index], types[type]);
            CK_ATTRIBUTE query = {types[type], NULL, 0};
            CK_RV got = p11->C_GetAttributeValue(session, objects[index], &query, 1);
            CK_ULONG length = query.ulValueLen;
            if (got != CKR_OK) {
                expect_one_of(what, got, (CK_RV)CKR_ATTRIBUTE_TYPE_INVALID, (CK_RV)CKR_ATTRIBUTE_SENSITIVE, END_OF_CODES);
                expect_number(what, UNAVAILABLE, length);
                continue;
            }
            seen++;
            if (!expect(what, length < sizeof buffer, "length %lu", length)) continue;
            memset(buffer, CANARY, sizeof buffer);
            query.pValue = buffer;
            query.ulValueLen = length;
            expect_rv(what, CKR_OK, p11->C_GetAttributeValue(session, objects[index], &query, 1));
            expect_number(what, length, query.ulValueLen);
            expect(what, buffer[length] == CANARY, "written beyond the end");
            query.ulValueLen = sizeof buffer;
            expect_rv(what, CKR_OK, p11->C_GetAttributeValue(session, objects[index], &query, 1));
            expect_number(what, length, query.ulValueLen);
            if (length == 0) continue;
            memset(buffer, CANARY, length);
            query.ulValueLen = length - 1;
            expect_rv(what, CKR_BUFFER_TOO_SMALL, p11->C_GetAttributeValue(session, objects[index], &query, 1));
            expect_number(what, UNAVAILABLE, query.ulValueLen);
            expect(what, untouched(buffer, 0, length), "a short buffer was written to");
        }
    }
    expect("attributes with a value", seen > 100, "%lu", seen);
    stop();
}

/* ---- Output buffers ---- */

/* A function that gives bytes, with its operation begun. */
struct output {
    const char *name;
    CK_RV (*begin)(CK_SESSION_HANDLE session);
    CK_RV (*give)(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length);
    /* What the query for the length says; the real length may be less. */
    CK_ULONG announced, given;
};

static known_key signature_key, authentication_key;
static CK_OBJECT_HANDLE public_key;
static unsigned char data[35], cryptogram[256];

static CK_RV begin_sign(CK_SESSION_HANDLE session) { return p11->C_SignInit(session, &rsa_pkcs, authentication_key.handle); }
static CK_RV begin_sign_parts(CK_SESSION_HANDLE session) {
    CK_RV got = p11->C_SignInit(session, &sha256_rsa_pkcs, signature_key.handle);
    return got == CKR_OK ? p11->C_SignUpdate(session, data, sizeof data) : got;
}
static CK_RV begin_digest(CK_SESSION_HANDLE session) { return p11->C_DigestInit(session, &sha256); }
static CK_RV begin_digest_parts(CK_SESSION_HANDLE session) {
    CK_RV got = begin_digest(session);
    return got == CKR_OK ? p11->C_DigestUpdate(session, data, sizeof data) : got;
}
static CK_RV begin_encrypt(CK_SESSION_HANDLE session) { return p11->C_EncryptInit(session, &rsa_pkcs, public_key); }
static CK_RV begin_encrypt_parts(CK_SESSION_HANDLE session) {
    unsigned char none[1];
    CK_ULONG length = sizeof none;
    CK_RV got = begin_encrypt(session);
    return got == CKR_OK ? p11->C_EncryptUpdate(session, data, sizeof data, none, &length) : got;
}
static CK_RV begin_decrypt(CK_SESSION_HANDLE session) {
    return p11->C_DecryptInit(session, &rsa_pkcs, authentication_key.handle);
}
static CK_RV begin_decrypt_parts(CK_SESSION_HANDLE session) {
    unsigned char none[1];
    CK_ULONG length = sizeof none;
    CK_RV got = begin_decrypt(session);
    return got == CKR_OK ? p11->C_DecryptUpdate(session, cryptogram, sizeof cryptogram, none, &length) : got;
}
static CK_RV give_sign(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length) {
    return p11->C_Sign(session, data, sizeof data, buffer, length);
}
static CK_RV give_digest(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length) {
    return p11->C_Digest(session, data, sizeof data, buffer, length);
}
static CK_RV give_encrypt(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length) {
    return p11->C_Encrypt(session, data, sizeof data, buffer, length);
}
static CK_RV give_decrypt(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length) {
    return p11->C_Decrypt(session, cryptogram, sizeof cryptogram, buffer, length);
}

static void buffers(void) {
    unsigned char buffer[300];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    signature_key = get_key(session, KEY_SIGNATURE);
    authentication_key = get_key(session, KEY_AUTHENTICATION);
    public_key = public_key_of(session, authentication_key.handle);
    sha1_info("a message", 9, data);
    CK_ULONG cryptogram_length = sizeof cryptogram;
    must("C_EncryptInit", begin_encrypt(session));
    must("C_Encrypt", give_encrypt(session, cryptogram, &cryptogram_length));

    const struct output outputs[] = {
        {"C_Sign", begin_sign, give_sign, 256, 256},
        {"C_SignFinal", begin_sign_parts, p11->C_SignFinal, 256, 256},
        {"C_Digest", begin_digest, give_digest, 32, 32},
        {"C_DigestFinal", begin_digest_parts, p11->C_DigestFinal, 32, 32},
        {"C_Encrypt", begin_encrypt, give_encrypt, 256, 256},
        {"C_EncryptFinal", begin_encrypt_parts, p11->C_EncryptFinal, 256, 256},
        {"C_Decrypt", begin_decrypt, give_decrypt, 245, sizeof data},
        {"C_DecryptFinal", begin_decrypt_parts, p11->C_DecryptFinal, 245, sizeof data},
    };
    for (size_t index = 0; index < sizeof outputs / sizeof outputs[0]; index++) {
        const struct output *output = &outputs[index];
        CK_ULONG length = 9999;
        expect_rv(output->name, CKR_OK, output->begin(session));
        expect_rv(output->name, CKR_OK, output->give(session, NULL, &length));
        expect_number(output->name, output->announced, length);
        length = 0;
        expect_rv(output->name, CKR_BUFFER_TOO_SMALL, output->give(session, buffer, &length));
        length = output->given - 1;
        memset(buffer, CANARY, sizeof buffer);
        expect_rv(output->name, CKR_BUFFER_TOO_SMALL, output->give(session, buffer, &length));
        expect_number(output->name, output->given, length);
        expect(output->name, untouched(buffer, 0, sizeof buffer), "a short buffer was written to");
        /* The operation still stands, and the buffer of exactly this size does. */
        expect_rv(output->name, CKR_OK, output->give(session, buffer, &length));
        expect_number(output->name, output->given, length);
        expect(output->name, untouched(buffer, output->given, sizeof buffer), "written beyond the end");
        length = sizeof buffer;
        expect_rv(output->name, CKR_OPERATION_NOT_INITIALIZED, output->give(session, buffer, &length));
        /* A longer buffer is no error. */
        expect_rv(output->name, CKR_OK, output->begin(session));
        length = sizeof buffer;
        expect_rv(output->name, CKR_OK, output->give(session, buffer, &length));
        expect_number(output->name, output->given, length);
    }

    CK_SLOT_ID slots[32];
    CK_MECHANISM_TYPE mechanisms[64];
    CK_ULONG count = 0, all = 0;
    CK_SLOT_ID slot = slot_of_reader(0);
    expect_rv("C_GetMechanismList", CKR_OK, p11->C_GetMechanismList(slot, NULL, &all));
    count = all - 1;
    expect_rv("C_GetMechanismList, one too few", CKR_BUFFER_TOO_SMALL, p11->C_GetMechanismList(slot, mechanisms, &count));
    expect_number("C_GetMechanismList", all, count);
    expect_rv("C_GetMechanismList", CKR_OK, p11->C_GetMechanismList(slot, mechanisms, &count));
    count = 64;
    expect_rv("C_GetMechanismList, room for more", CKR_OK, p11->C_GetMechanismList(slot, mechanisms, &count));
    expect_number("C_GetMechanismList", all, count);
    expect_rv("C_GetSlotList", CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &all));
    count = 0;
    expect_rv("C_GetSlotList, none", CKR_BUFFER_TOO_SMALL, p11->C_GetSlotList(CK_FALSE, slots, &count));
    expect_number("C_GetSlotList", all, count);
    stop();
}

/* ---- What a question for the length may change: nothing ---- */

/* A function that takes data and gives bytes, that takes data alone, or that gives
   bytes alone; and what is done around it. */
struct step {
    const char *name;
    CK_RV (*begin)(CK_SESSION_HANDLE session);
    /* The step itself. */
    CK_RV (*call)(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_length, unsigned char *out, CK_ULONG *out_length);
    /* The end, where the step is a part; else null. */
    CK_RV (*end)(CK_SESSION_HANDLE session, unsigned char *out, CK_ULONG *out_length);
    /* What goes in. */
    unsigned char *in;
    CK_ULONG in_length;
    bool gives;
    /* Whether what came out is right. */
    bool (*right)(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length);
};

static CK_RV begin_verify(CK_SESSION_HANDLE session) { return p11->C_VerifyInit(session, &rsa_pkcs, public_key); }
static CK_RV begin_sign_message(CK_SESSION_HANDLE session) { return p11->C_SignInit(session, &sha256_rsa_pkcs, authentication_key.handle); }
static CK_RV begin_sign_message_parts(CK_SESSION_HANDLE session) {
    CK_RV got = begin_sign_message(session);
    return got == CKR_OK ? p11->C_SignUpdate(session, data, sizeof data) : got;
}
static unsigned char known_signature[256];
static CK_RV begin_verify_parts(CK_SESSION_HANDLE session) {
    CK_RV got = begin_verify(session);
    return got == CKR_OK ? p11->C_VerifyUpdate(session, data, sizeof data) : got;
}

static CK_RV call_verify(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_length, unsigned char *out, CK_ULONG *out_length) {
    (void)out, (void)out_length;
    return p11->C_Verify(session, in, in_length, known_signature, sizeof known_signature);
}
static CK_RV call_verify_final(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_length, unsigned char *out, CK_ULONG *out_length) {
    (void)out, (void)out_length;
    return p11->C_VerifyFinal(session, in, in_length);
}
static CK_RV end_verify(CK_SESSION_HANDLE session, unsigned char *out, CK_ULONG *out_length) {
    (void)out;
    *out_length = 0;
    return p11->C_VerifyFinal(session, known_signature, sizeof known_signature);
}

/* A function without output, or without input, as one with both. */
#define WITHOUT_OUTPUT(function)                                                                                      \
    static CK_RV call_##function(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_length, unsigned char *out, \
                                 CK_ULONG *out_length) {                                                              \
        (void)out, (void)out_length;                                                                                  \
        return p11->function(session, in, in_length);                                                                 \
    }
#define WITHOUT_INPUT(function)                                                                                       \
    static CK_RV call_##function(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_length, unsigned char *out, \
                                 CK_ULONG *out_length) {                                                              \
        (void)in, (void)in_length;                                                                                    \
        return p11->function(session, out, out_length);                                                               \
    }
WITHOUT_OUTPUT(C_DigestUpdate)
WITHOUT_OUTPUT(C_SignUpdate)
WITHOUT_OUTPUT(C_VerifyUpdate)
WITHOUT_INPUT(C_DigestFinal)
WITHOUT_INPUT(C_SignFinal)
WITHOUT_INPUT(C_EncryptFinal)
WITHOUT_INPUT(C_DecryptFinal)

static bool right_digest(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length) {
    (void)session;
    unsigned char info[51];
    sha256_info(data, sizeof data, info);
    return length == 32 && memcmp(out, info + 19, 32) == 0;
}
static bool right_signature(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length) {
    (void)session;
    return is_sha256_signature(&authentication_key.numbers, data, sizeof data, out, length);
}
static bool right_cryptogram(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length) {
    unsigned char plain[256];
    CK_ULONG plain_length = sizeof plain;
    must("C_DecryptInit", begin_decrypt(session));
    must("C_Decrypt", p11->C_Decrypt(session, (unsigned char *)out, length, plain, &plain_length));
    return plain_length == sizeof data && memcmp(plain, data, sizeof data) == 0;
}
static bool right_message(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length) {
    (void)session;
    return length == sizeof data && memcmp(out, data, sizeof data) == 0;
}
static bool nothing(CK_SESSION_HANDLE session, const unsigned char *out, CK_ULONG length) {
    (void)session, (void)out;
    return length == 0;
}

/* finish_step: the step as it should be, its end, and what came out. */
static void finish_step(CK_SESSION_HANDLE session, const struct step *step, const char *after) {
    static unsigned char out[512];
    char what[96];
    CK_ULONG length = sizeof out;
    snprintf(what, sizeof what, "%s after %s", step->name, after);
    CK_RV got = step->call(session, step->in, step->in_length, out, &length);
    if (!step->gives) length = 0;
    if (got == CKR_OK && step->end != NULL) {
        length = sizeof out;
        got = step->end(session, out, &length);
    }
    if (expect_rv(what, CKR_OK, got)) expect(what, step->right(session, out, length), "gives other bytes");
}

/* missing: after an error for a missing pointer. A digest is over, as the standard says; the
   others go on, as with the official library, whose test programs rest on it. */
static void missing(CK_SESSION_HANDLE session, const struct step *step, const char *after) {
    if (strncmp(step->name, "C_Digest", 8) != 0) {
        finish_step(session, step, after);
        return;
    }
    static unsigned char out[512];
    char what[96];
    CK_ULONG length = sizeof out;
    snprintf(what, sizeof what, "%s after %s", step->name, after);
    expect_rv(what, CKR_OPERATION_NOT_INITIALIZED, step->call(session, step->in, step->in_length, out, &length));
}

/* begin_anew: whatever is under way ends before. */
static void begin_anew(CK_SESSION_HANDLE session, const char *name, CK_RV (*begin)(CK_SESSION_HANDLE session)) {
    __typeof__(&C_SessionCancel) cancel = (__typeof__(&C_SessionCancel))module_symbol("C_SessionCancel");
    must("C_SessionCancel", cancel(session, CKF_SIGN | CKF_VERIFY | CKF_DIGEST | CKF_ENCRYPT | CKF_DECRYPT));
    must(name, begin(session));
}

static void questions_change_nothing(void) {
    static unsigned char out[512];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    authentication_key = get_key(session, KEY_AUTHENTICATION);
    public_key = public_key_of(session, authentication_key.handle);
    sha1_info("a message", 9, data);
    CK_ULONG length = sizeof cryptogram;
    must("C_EncryptInit", begin_encrypt(session));
    must("C_Encrypt", give_encrypt(session, cryptogram, &length));
    length = sizeof known_signature;
    must("C_SignInit", begin_sign(session));
    must("C_Sign", give_sign(session, known_signature, &length));

    const struct step steps[] = {
        {"C_Digest", begin_digest, p11->C_Digest, NULL, data, sizeof data, true, right_digest},
        {"C_DigestUpdate", begin_digest, call_C_DigestUpdate, p11->C_DigestFinal, data, sizeof data, false, right_digest},
        {"C_DigestFinal", begin_digest_parts, call_C_DigestFinal, NULL, NULL, 0, true, right_digest},
        {"C_Sign", begin_sign_message, p11->C_Sign, NULL, data, sizeof data, true, right_signature},
        {"C_SignUpdate", begin_sign_message, call_C_SignUpdate, p11->C_SignFinal, data, sizeof data, false, right_signature},
        {"C_SignFinal", begin_sign_message_parts, call_C_SignFinal, NULL, NULL, 0, true, right_signature},
        {"C_Verify", begin_verify, call_verify, NULL, data, sizeof data, false, nothing},
        {"C_VerifyUpdate", begin_verify, call_C_VerifyUpdate, end_verify, data, sizeof data, false, nothing},
        {"C_VerifyFinal", begin_verify_parts, call_verify_final, NULL, known_signature, sizeof known_signature, false, nothing},
        {"C_Encrypt", begin_encrypt, p11->C_Encrypt, NULL, data, sizeof data, true, right_cryptogram},
        {"C_EncryptUpdate", begin_encrypt, p11->C_EncryptUpdate, p11->C_EncryptFinal, data, sizeof data, true, right_cryptogram},
        {"C_EncryptFinal", begin_encrypt_parts, call_C_EncryptFinal, NULL, NULL, 0, true, right_cryptogram},
        {"C_Decrypt", begin_decrypt, p11->C_Decrypt, NULL, cryptogram, sizeof cryptogram, true, right_message},
        {"C_DecryptUpdate", begin_decrypt, p11->C_DecryptUpdate, p11->C_DecryptFinal, cryptogram, sizeof cryptogram, true, right_message},
        {"C_DecryptFinal", begin_decrypt_parts, call_C_DecryptFinal, NULL, NULL, 0, true, right_message},
    };
    for (size_t index = 0; index < sizeof steps / sizeof steps[0]; index++) {
        const struct step *step = &steps[index];
        bool is_part = step->gives && step->end != NULL;
        begin_anew(session, step->name, step->begin);
        finish_step(session, step, "nothing else");
        if (step->gives) {
            /* No buffer, twice: a question for the length. A caller makes a buffer of that
               length; one of no bytes would be a null pointer, and so a question again. */
            begin_anew(session, step->name, step->begin);
            for (int round = 0; round < 2; round++) {
                length = 0;
                expect_rv(step->name, CKR_OK, step->call(session, step->in, step->in_length, NULL, &length));
                expect(step->name, length > 0, "the length is 0");
            }
            finish_step(session, step, "two questions for the length");
            /* Too small a buffer; a part that gives nothing needs none. */
            begin_anew(session, step->name, step->begin);
            length = 0;
            expect_rv(step->name, is_part ? CKR_OK : CKR_BUFFER_TOO_SMALL, step->call(session, step->in, step->in_length, out, &length));
            if (!is_part) {
                length = 1;
                expect_rv(step->name, CKR_BUFFER_TOO_SMALL, step->call(session, step->in, step->in_length, out, &length));
                finish_step(session, step, "too small a buffer");
            } else {
                length = sizeof out;
                expect_rv(step->name, CKR_OK, step->end(session, out, &length));
                expect(step->name, step->right(session, out, length), "other bytes with a buffer of no length");
            }
            /* No place for the length: an error. */
            begin_anew(session, step->name, step->begin);
            expect_rv(step->name, CKR_ARGUMENTS_BAD, step->call(session, step->in, step->in_length, out, NULL));
            missing(session, step, "no place for the length");
            begin_anew(session, step->name, step->begin);
            expect_rv(step->name, CKR_ARGUMENTS_BAD, step->call(session, step->in, step->in_length, NULL, NULL));
            missing(session, step, "neither buffer nor a place for the length");
        }
        if (step->in != NULL) {
            /* No data: an error. */
            begin_anew(session, step->name, step->begin);
            length = sizeof out;
            expect_rv(step->name, CKR_ARGUMENTS_BAD, step->call(session, NULL, step->in_length, out, &length));
            missing(session, step, "no data");
            begin_anew(session, step->name, step->begin);
            length = sizeof out;
            CK_RV got = step->call(session, step->in, (CK_ULONG)-1, out, &length);
            expect(step->name, got != CKR_OK, "takes data without end");
        }
        if (step->end != NULL) {
            /* A part of no bytes is none. */
            begin_anew(session, step->name, step->begin);
            length = sizeof out;
            expect_rv(step->name, CKR_OK, step->call(session, NULL, 0, out, &length));
            length = sizeof out;
            expect_rv(step->name, CKR_OK, step->call(session, step->in, 0, out, &length));
            finish_step(session, step, "two parts of no bytes");
        }
    }

    /* A question with the data in one piece, and then the end for parts. With C_Digest the
       data counts, as with the official library; else it is refused: what would come
       is a signature of nothing. */
    length = 5;
    must("C_DigestInit", begin_digest(session));
    expect_rv("C_Digest, too small a buffer", CKR_BUFFER_TOO_SMALL, give_digest(session, out, &length));
    length = sizeof out;
    expect_rv("C_DigestFinal then", CKR_OK, p11->C_DigestFinal(session, out, &length));
    expect("C_DigestFinal then", right_digest(session, out, length), "gives other bytes");
    must("C_DigestInit", begin_digest(session));
    expect_rv("C_Digest, no buffer", CKR_OK, give_digest(session, NULL, &length));
    length = sizeof out;
    expect_rv("C_DigestFinal then", CKR_OK, p11->C_DigestFinal(session, out, &length));
    expect("C_DigestFinal then", right_digest(session, out, length), "gives other bytes");
    const struct {
        const char *name;
        CK_RV (*begin)(CK_SESSION_HANDLE session);
        CK_RV (*ask)(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length);
        CK_RV (*end)(CK_SESSION_HANDLE session, unsigned char *buffer, CK_ULONG *length);
    } mixes[] = {
        {"C_Sign, C_SignFinal", begin_sign_message, give_sign, p11->C_SignFinal},
        {"C_Encrypt, C_EncryptFinal", begin_encrypt, give_encrypt, p11->C_EncryptFinal},
        {"C_Decrypt, C_DecryptFinal", begin_decrypt, give_decrypt, p11->C_DecryptFinal},
    };
    for (size_t index = 0; index < sizeof mixes / sizeof mixes[0]; index++) {
        for (int without_buffer = 0; without_buffer < 2; without_buffer++) {
            begin_anew(session, mixes[index].name, mixes[index].begin);
            length = 5;
            expect_rv(mixes[index].name, without_buffer ? CKR_OK : CKR_BUFFER_TOO_SMALL, mixes[index].ask(session, without_buffer ? NULL : out, &length));
            length = sizeof out;
            expect_rv(mixes[index].name, CKR_OPERATION_ACTIVE, mixes[index].end(session, out, &length));
            length = sizeof out;
            expect_rv(mixes[index].name, CKR_OPERATION_NOT_INITIALIZED, mixes[index].end(session, out, &length));
        }
    }
    stop();
}

/* ---- Lengths that nobody meant ---- */

/* The last bytes before memory that must not be touched. */
static unsigned char *at_the_edge(const char *text) {
    unsigned char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE) != 0) give_up("no page to guard");
    unsigned char *place = pages + 4096 - strlen(text);
    memcpy(place, text, strlen(text));
    return place;
}

/* What is longer than the library takes is not read: the length may be that which
   C_GetAttributeValue leaves for a value that is not there, or a number with a sign. */
static void absurd_lengths(void) {
    static const CK_ULONG lengths[] = {UNAVAILABLE, 0xFFFFFFFFUL, 1UL << 63, 70000};
    unsigned char *edge = at_the_edge("1234"), buffer[256] = {0};
    CK_MECHANISM pss = {CKM_SHA256_RSA_PKCS_PSS, edge, 0};
    CK_ATTRIBUTE attribute = {CKA_LABEL, edge, 0};
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), CKF_RW_SESSION);
    for (size_t index = 0; index < sizeof lengths / sizeof lengths[0]; index++) {
        CK_ULONG length = lengths[index], size = sizeof buffer, found = 0;
        CK_OBJECT_HANDLE object = 0;
        expect_rv("C_Login", CKR_PIN_LEN_RANGE, p11->C_Login(session, CKU_USER, edge, length));
        expect_rv("C_SetPIN, old", CKR_PIN_LEN_RANGE, p11->C_SetPIN(session, edge, length, edge, 4));
        expect_rv("C_SetPIN, new", CKR_PIN_LEN_RANGE, p11->C_SetPIN(session, edge, 4, edge, length));
        attribute.ulValueLen = length;
        expect_rv("C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, &attribute, 1));
        expect_rv("C_FindObjects", CKR_OK, p11->C_FindObjects(session, &object, 1, &found));
        expect_number("objects found by no label", 0, found);
        must("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
        must("C_Login", login(session, pin));
        known_key key = get_key(session, KEY_AUTHENTICATION);
        pss.ulParameterLen = length;
        expect_rv("C_SignInit", CKR_MECHANISM_PARAM_INVALID, p11->C_SignInit(session, &pss, key.handle));
        must("C_DecryptInit", p11->C_DecryptInit(session, &rsa_pkcs, key.handle));
        expect_rv("C_Decrypt", CKR_ENCRYPTED_DATA_LEN_RANGE, p11->C_Decrypt(session, edge, length, buffer, &size));
        must("C_VerifyInit", p11->C_VerifyInit(session, &rsa_pkcs, public_key_of(session, key.handle)));
        expect_rv("C_Verify", CKR_SIGNATURE_LEN_RANGE, p11->C_Verify(session, edge, 4, edge, length));
        CK_OBJECT_HANDLE data_object = find_labelled(session, CKO_DATA, "CPS_DATA");
        attribute.type = CKA_VALUE;
        expect_rv("C_SetAttributeValue", CKR_ATTRIBUTE_VALUE_INVALID,
                  p11->C_SetAttributeValue(session, data_object, &attribute, 1));
        attribute.type = CKA_LABEL;
        must("C_Logout", p11->C_Logout(session));
    }
    must("C_DigestInit", begin_digest(session));
    expect_rv("C_DigestUpdate", CKR_ARGUMENTS_BAD, p11->C_DigestUpdate(session, edge, 1UL << 53));
    /* All that cost no try. */
    must("C_Login", login(session, pin));
    stop();
}

/* ---- Operations ---- */

static void operations(void) {
    unsigned char signature[256], hash[32], none[1];
    CK_ULONG length = sizeof signature, hits = 0, hash_length = sizeof hash;
    CK_OBJECT_HANDLE object = 0;
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    signature_key = get_key(session, KEY_SIGNATURE);
    authentication_key = get_key(session, KEY_AUTHENTICATION);
    public_key = public_key_of(session, authentication_key.handle);
    CK_OBJECT_HANDLE key = authentication_key.handle;
    sha1_info("a message", 9, data);

    /* One of each kind at the same time, and no second one. */
    expect_rv("C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, NULL, 0));
    expect_rv("C_SignInit", CKR_OK, begin_sign(session));
    expect_rv("C_VerifyInit", CKR_OK, p11->C_VerifyInit(session, &rsa_pkcs, public_key));
    expect_rv("C_DigestInit", CKR_OK, begin_digest(session));
    expect_rv("C_EncryptInit", CKR_OK, begin_encrypt(session));
    expect_rv("C_DecryptInit", CKR_OK, begin_decrypt(session));
    expect_rv("C_FindObjectsInit again", CKR_OPERATION_ACTIVE, p11->C_FindObjectsInit(session, NULL, 0));
    expect_rv("C_SignInit again", CKR_OPERATION_ACTIVE, begin_sign(session));
    expect_rv("C_VerifyInit again", CKR_OPERATION_ACTIVE, p11->C_VerifyInit(session, &rsa_pkcs, public_key));
    expect_rv("C_DigestInit again", CKR_OPERATION_ACTIVE, begin_digest(session));
    expect_rv("C_EncryptInit again", CKR_OPERATION_ACTIVE, begin_encrypt(session));
    expect_rv("C_DecryptInit again", CKR_OPERATION_ACTIVE, begin_decrypt(session));
    /* Another session has its own. */
    CK_SESSION_HANDLE other = open_session(slot_of_reader(0), 0);
    expect_rv("C_SignInit in another session", CKR_OK, begin_sign(other));
    expect_rv("C_Sign in another session", CKR_OK, give_sign(other, signature, &length));
    expect("its signature", is_pkcs1_signature(&authentication_key.numbers, data, sizeof data, signature, length), "wrong");
    must("C_CloseSession", p11->C_CloseSession(other));

    __typeof__(&C_SessionCancel) cancel = (__typeof__(&C_SessionCancel))module_symbol("C_SessionCancel");
    expect_rv("C_SessionCancel", CKR_OK,
              cancel(session, CKF_FIND_OBJECTS | CKF_SIGN | CKF_VERIFY | CKF_DIGEST | CKF_ENCRYPT | CKF_DECRYPT));
    length = sizeof signature;
    expect_rv("C_FindObjects cancelled", CKR_OPERATION_NOT_INITIALIZED, p11->C_FindObjects(session, &object, 1, &hits));
    expect_rv("C_Sign cancelled", CKR_OPERATION_NOT_INITIALIZED, give_sign(session, signature, &length));
    expect_rv("C_Verify cancelled", CKR_OPERATION_NOT_INITIALIZED, p11->C_Verify(session, data, sizeof data, signature, 256));
    expect_rv("C_Digest cancelled", CKR_OPERATION_NOT_INITIALIZED, give_digest(session, hash, &hash_length));
    length = sizeof signature;
    expect_rv("C_Encrypt cancelled", CKR_OPERATION_NOT_INITIALIZED, give_encrypt(session, signature, &length));
    length = sizeof signature;
    expect_rv("C_Decrypt cancelled", CKR_OPERATION_NOT_INITIALIZED, give_decrypt(session, signature, &length));
    expect_rv("C_SessionCancel of nothing", CKR_OK, cancel(session, CKF_SIGN));

    /* Null pointers keep an operation, wrong lengths end it. */
    must("C_SignInit", begin_sign(session));
    expect_rv("C_SignUpdate, no data", CKR_ARGUMENTS_BAD, p11->C_SignUpdate(session, NULL, 5));
    length = sizeof signature;
    expect_rv("C_Sign, no data", CKR_ARGUMENTS_BAD, p11->C_Sign(session, NULL, 5, signature, &length));
    expect_rv("C_Sign, no length", CKR_ARGUMENTS_BAD, give_sign(session, signature, NULL));
    length = sizeof signature;
    expect_rv("C_Sign after all that", CKR_OK, give_sign(session, signature, &length));
    must("C_SignInit", begin_sign(session));
    static unsigned char long_data[513];
    length = sizeof signature;
    expect_rv("C_Sign of 513 bytes", CKR_DATA_LEN_RANGE, p11->C_Sign(session, long_data, 513, signature, &length));
    expect_rv("... ends it", CKR_OPERATION_NOT_INITIALIZED, give_sign(session, signature, &length));
    must("C_SignInit", begin_sign(session));
    expect_rv("C_SignUpdate of 512 bytes", CKR_OK, p11->C_SignUpdate(session, long_data, 512));
    expect_rv("C_SignUpdate of one more", CKR_DATA_LEN_RANGE, p11->C_SignUpdate(session, long_data, 1));
    expect_rv("... ends it", CKR_OPERATION_NOT_INITIALIZED, p11->C_SignUpdate(session, long_data, 1));

    /* No mixing of one part with many. */
    must("C_SignInit", begin_sign(session));
    must("C_SignUpdate", p11->C_SignUpdate(session, data, 20));
    length = sizeof signature;
    CK_RV got = give_sign(session, signature, &length);
    expect("C_Sign after C_SignUpdate is refused", got != CKR_OK, "it is not");
    must("C_DigestInit", begin_digest(session));
    must("C_DigestUpdate", p11->C_DigestUpdate(session, data, 20));
    hash_length = sizeof hash;
    got = give_digest(session, hash, &hash_length);
    expect("C_Digest after C_DigestUpdate is refused", got != CKR_OK, "it is not");

    /* Parts of any size, none among them. */
    must("C_SignInit", begin_sign(session));
    expect_rv("C_SignUpdate with nothing", p11->C_SignUpdate(session, none, 0), CKR_OK);
    must("C_SignUpdate", p11->C_SignUpdate(session, data, 1));
    must("C_SignUpdate", p11->C_SignUpdate(session, data + 1, sizeof data - 1));
    length = sizeof signature;
    expect_rv("C_SignFinal", CKR_OK, p11->C_SignFinal(session, signature, &length));
    expect("its signature", is_pkcs1_signature(&authentication_key.numbers, data, sizeof data, signature, length), "wrong");

    /* What is signed is hidden from who has logged out meanwhile. */
    must("C_SignInit", begin_sign(session));
    must("C_Logout", p11->C_Logout(session));
    length = sizeof signature;
    expect_one_of("C_Sign after C_Logout", give_sign(session, signature, &length), (CK_RV)CKR_USER_NOT_LOGGED_IN,
                  (CK_RV)CKR_OPERATION_NOT_INITIALIZED, END_OF_CODES);
    expect_rv("C_SignInit after C_Logout", CKR_USER_NOT_LOGGED_IN, p11->C_SignInit(session, &rsa_pkcs, key));
    must("C_Login", login(session, pin));
    expect_rv("after a new login", CKR_OK, sign_document(session, key, &authentication_key.numbers, 1));

    /* A closed session takes its operations along. */
    must("C_SignInit", begin_sign(session));
    must("C_CloseSession", p11->C_CloseSession(session));
    length = sizeof signature;
    expect_rv("C_Sign in a closed session", CKR_SESSION_HANDLE_INVALID, give_sign(session, signature, &length));
    stop();
}

/* Signatures over messages of all sizes in pieces of all sizes (a CPS3 hashes the
   last block itself). */
static void message_sizes(void) {
    static const CK_ULONG sizes[] = {0, 1, 2, 55, 56, 57, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 191, 192, 193, 1000, 4096};
    static unsigned char message[4096];
    unsigned char signature[256];
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key keys[] = {get_key(session, KEY_SIGNATURE), get_key(session, KEY_AUTHENTICATION)};
    for (size_t index = 0; index < sizeof message; index++) message[index] = (unsigned char)(index * 7);
    for (int key = 0; key < 2; key++) {
        for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
            char what[64];
            CK_ULONG length = sizeof signature;
            snprintf(what, sizeof what, "key %d, message of %lu bytes", key, sizes[index]);
            must("C_SignInit", p11->C_SignInit(session, &sha256_rsa_pkcs, keys[key].handle));
            CK_RV got = p11->C_Sign(session, message, sizes[index], signature, &length);
            expect_rv(what, CKR_OK, got);
            expect(what, got == CKR_OK && is_sha256_signature(&keys[key].numbers, message, sizes[index], signature, length),
                   "wrong signature");
            snprintf(what, sizeof what, "key %d, message of %lu bytes in pieces", key, sizes[index]);
            must("C_SignInit", p11->C_SignInit(session, &sha256_rsa_pkcs, keys[key].handle));
            CK_ULONG piece = 1;
            for (CK_ULONG place = 0; place < sizes[index]; place += piece) {
                piece = (place * 13 + index) % 97 + 1;
                if (piece > sizes[index] - place) piece = sizes[index] - place;
                must("C_SignUpdate", p11->C_SignUpdate(session, message + place, piece));
            }
            length = sizeof signature;
            got = p11->C_SignFinal(session, signature, &length);
            expect(what, got == CKR_OK && is_sha256_signature(&keys[key].numbers, message, sizes[index], signature, length),
                   "%s or wrong signature", rv_name(got));
        }
    }
    stop();
}

/* ---- Function pointers ---- */

typedef CK_RV any_function(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG);

static any_function **newest_list(size_t *count) {
    __typeof__(&C_GetInterface) get = (__typeof__(&C_GetInterface))module_symbol("C_GetInterface");
    CK_INTERFACE *interface = NULL;
    CK_VERSION version = {3, 2};
    must("C_GetInterface", get(NULL, &version, &interface, 0));
    *count = sizeof(CPS_FUNCTION_LIST_3_2) / sizeof(void *);
    return interface->pFunctionList;
}

/* Places in a function list, the version being the first. */
#define PLACE(list, field) (offsetof(list, field) / sizeof(void *))

static bool begins_with_pointer(size_t place) {
    return place == PLACE(CK_FUNCTION_LIST, C_Initialize) || place == PLACE(CK_FUNCTION_LIST, C_Finalize) ||
           place == PLACE(CK_FUNCTION_LIST, C_GetInfo) || place == PLACE(CK_FUNCTION_LIST, C_GetFunctionList) ||
           place == PLACE(CPS_FUNCTION_LIST_3_0, C_GetInterfaceList) || place == PLACE(CPS_FUNCTION_LIST_3_0, C_GetInterface);
}

static void before_initialize(void) {
    size_t count;
    any_function **functions = newest_list(&count);
    for (size_t place = 1; place < count; place++) {
        char what[64];
        CK_RV expected = CKR_CRYPTOKI_NOT_INITIALIZED;
        snprintf(what, sizeof what, "function %zu before C_Initialize", place);
        if (place == PLACE(CK_FUNCTION_LIST, C_Initialize)) continue;
        if (place == PLACE(CK_FUNCTION_LIST, C_GetFunctionList) || place == PLACE(CPS_FUNCTION_LIST_3_0, C_GetInterfaceList) ||
            place == PLACE(CPS_FUNCTION_LIST_3_0, C_GetInterface))
            expected = CKR_ARGUMENTS_BAD;
        expect_rv(what, expected, functions[place](0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        if (!begins_with_pointer(place)) expect_rv(what, expected, functions[place](1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }
    start();
    stop();
    for (size_t place = PLACE(CK_FUNCTION_LIST, C_Finalize); place < PLACE(CK_FUNCTION_LIST, C_WaitForSlotEvent); place++) {
        if (place == PLACE(CK_FUNCTION_LIST, C_GetFunctionList)) continue;
        expect_rv("after C_Finalize", CKR_CRYPTOKI_NOT_INITIALIZED, functions[place](!begins_with_pointer(place), 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }
}

static void null_arguments(void) {
    size_t count;
    any_function **functions = newest_list(&count);
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    for (size_t place = 1; place < count; place++) {
        if (place == PLACE(CK_FUNCTION_LIST, C_Initialize) || place == PLACE(CK_FUNCTION_LIST, C_Finalize)) continue;
        CK_SESSION_HANDLE session = open_session(slot, CKF_RW_SESSION);
        bool takes_slot = place == PLACE(CK_FUNCTION_LIST, C_GetSlotInfo) || place == PLACE(CK_FUNCTION_LIST, C_GetTokenInfo) ||
                          place == PLACE(CK_FUNCTION_LIST, C_GetMechanismList) ||
                          place == PLACE(CK_FUNCTION_LIST, C_GetMechanismInfo) ||
                          place == PLACE(CK_FUNCTION_LIST, C_OpenSession) || place == PLACE(CK_FUNCTION_LIST, C_WaitForSlotEvent) ||
                          place == PLACE(CK_FUNCTION_LIST, C_GetSlotList);
        CK_ULONG first = takes_slot ? slot : begins_with_pointer(place) ? 0 : session;
        char what[64];
        snprintf(what, sizeof what, "function %zu with nothing but a handle", place);
        CK_RV got = functions[place](first, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        expect(what, got != CKR_GENERAL_ERROR && got != CKR_HOST_MEMORY, "%s", rv_name(got));
        p11->C_CloseSession(session);
    }
    stop();

    /* Null pointers that have a length. */
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    signature_key = get_key(session, KEY_SIGNATURE);
    authentication_key = get_key(session, KEY_AUTHENTICATION);
    public_key = public_key_of(session, authentication_key.handle);
    CK_OBJECT_HANDLE key = authentication_key.handle;
    unsigned char buffer[256];
    static const CK_ULONG lengths[] = {1, 256, 0x7FFFFFFF, 0x80000000UL, 0x7FFFFFFFFFFFFFFFUL, ~0UL};
    for (size_t index = 0; index < sizeof lengths / sizeof lengths[0]; index++) {
        CK_ULONG huge = lengths[index], length = sizeof buffer;
        CK_MECHANISM no_parameter = {CKM_RSA_PKCS, NULL, huge};
        expect_one_of("C_SignInit, mechanism parameter", p11->C_SignInit(session, &no_parameter, key),
                      (CK_RV)CKR_MECHANISM_PARAM_INVALID, (CK_RV)CKR_ARGUMENTS_BAD, END_OF_CODES);
        expect_rv("C_FindObjectsInit, template", CKR_ARGUMENTS_BAD, p11->C_FindObjectsInit(session, NULL, huge));
        CK_ATTRIBUTE no_value = {CKA_LABEL, NULL, huge};
        expect_rv("C_FindObjectsInit, value", CKR_ARGUMENTS_BAD, p11->C_FindObjectsInit(session, &no_value, 1));
        expect_rv("C_SetAttributeValue, template", CKR_ARGUMENTS_BAD, p11->C_SetAttributeValue(session, key, NULL, huge));
        must("C_SignInit", begin_sign(session));
        expect_rv("C_Sign", CKR_ARGUMENTS_BAD, p11->C_Sign(session, NULL, huge, buffer, &length));
        expect_rv("C_SignUpdate", CKR_ARGUMENTS_BAD, p11->C_SignUpdate(session, NULL, huge));
        length = sizeof buffer;
        must("C_Sign", p11->C_Sign(session, buffer, 35, buffer, &length));
        must("C_VerifyInit", p11->C_VerifyInit(session, &rsa_pkcs, public_key));
        expect_rv("C_Verify, data", CKR_ARGUMENTS_BAD, p11->C_Verify(session, NULL, huge, buffer, 256));
        expect_rv("C_Verify, signature", CKR_ARGUMENTS_BAD, p11->C_Verify(session, buffer, 35, NULL, huge));
        expect_rv("C_VerifyUpdate", CKR_ARGUMENTS_BAD, p11->C_VerifyUpdate(session, NULL, huge));
        expect_rv("C_VerifyFinal", CKR_ARGUMENTS_BAD, p11->C_VerifyFinal(session, NULL, huge));
        must("C_DigestInit", begin_digest(session));
        length = sizeof buffer;
        expect_rv("C_Digest", CKR_ARGUMENTS_BAD, p11->C_Digest(session, NULL, huge, buffer, &length));
        /* That ends it. */
        must("C_DigestInit", begin_digest(session));
        expect_rv("C_DigestUpdate", CKR_ARGUMENTS_BAD, p11->C_DigestUpdate(session, NULL, huge));
        must("C_EncryptInit", begin_encrypt(session));
        length = sizeof buffer;
        expect_rv("C_Encrypt", CKR_ARGUMENTS_BAD, p11->C_Encrypt(session, NULL, huge, buffer, &length));
        length = sizeof buffer;
        expect_rv("C_EncryptUpdate", CKR_ARGUMENTS_BAD, p11->C_EncryptUpdate(session, NULL, huge, buffer, &length));
        must("C_DecryptInit", begin_decrypt(session));
        length = sizeof buffer;
        expect_rv("C_Decrypt", CKR_ARGUMENTS_BAD, p11->C_Decrypt(session, NULL, huge, buffer, &length));
        length = sizeof buffer;
        expect_rv("C_DecryptUpdate", CKR_ARGUMENTS_BAD, p11->C_DecryptUpdate(session, NULL, huge, buffer, &length));
        expect_rv("C_GenerateRandom", CKR_ARGUMENTS_BAD, p11->C_GenerateRandom(session, NULL, huge));
        expect_rv("C_SetPIN", CKR_ARGUMENTS_BAD, p11->C_SetPIN(session, NULL, huge, NULL, huge));
        CK_SESSION_HANDLE public_session = session;
        must("C_CloseSession", p11->C_CloseSession(public_session));
        session = open_session(slot, CKF_RW_SESSION);
        expect_rv("C_Login without a PIN, no keypad", CKR_ARGUMENTS_BAD, p11->C_Login(session, CKU_USER, NULL, huge));
        must("C_Login", login(session, pin));
        key = authentication_key.handle;
    }
    expect_number("no try was spent", 3, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
    stop();
}

static void hostile_handles(void) {
    static const CK_ULONG handles[] = {0, 999, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000UL, 0x7FFFFFFFFFFFFFFFUL, 0x8000000000000000UL, ~0UL};
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    CK_SESSION_HANDLE session = logged_in(0), closed = open_session(slot, 0);
    must("C_CloseSession", p11->C_CloseSession(closed));
    unsigned char buffer[256];
    CK_ATTRIBUTE attribute = {CKA_LABEL, buffer, sizeof buffer};
    CK_SLOT_INFO slot_info;
    CK_TOKEN_INFO token_info;
    CK_MECHANISM_INFO mechanism_info;
    CK_SESSION_INFO session_info;
    for (size_t index = 0; index <= sizeof handles / sizeof handles[0]; index++) {
        CK_ULONG handle = index < sizeof handles / sizeof handles[0] ? handles[index] : closed, count = 1, length = sizeof buffer;
        CK_OBJECT_HANDLE object;
        CK_RV none = CKR_SESSION_HANDLE_INVALID;
        expect_rv("C_CloseSession", none, p11->C_CloseSession(handle));
        expect_rv("C_GetSessionInfo", none, p11->C_GetSessionInfo(handle, &session_info));
        expect_rv("C_Login", none, login(handle, "0000"));
        expect_rv("C_Logout", none, p11->C_Logout(handle));
        expect_rv("C_InitPIN", none, p11->C_InitPIN(handle, (CK_BYTE *)"0000", 4));
        expect_rv("C_SetPIN", none, p11->C_SetPIN(handle, (CK_BYTE *)"0000", 4, (CK_BYTE *)"0000", 4));
        expect_rv("C_GetObjectSize", none, p11->C_GetObjectSize(handle, 1, &count));
        expect_rv("C_GetAttributeValue", none, p11->C_GetAttributeValue(handle, 1, &attribute, 1));
        expect_rv("C_SetAttributeValue", none, p11->C_SetAttributeValue(handle, 1, &attribute, 1));
        expect_rv("C_FindObjectsInit", none, p11->C_FindObjectsInit(handle, NULL, 0));
        expect_rv("C_FindObjects", none, p11->C_FindObjects(handle, &object, 1, &count));
        expect_rv("C_FindObjectsFinal", none, p11->C_FindObjectsFinal(handle));
        expect_rv("C_EncryptInit", none, p11->C_EncryptInit(handle, &rsa_pkcs, 1));
        expect_rv("C_Encrypt", none, p11->C_Encrypt(handle, buffer, 5, buffer, &length));
        expect_rv("C_EncryptUpdate", none, p11->C_EncryptUpdate(handle, buffer, 5, buffer, &length));
        expect_rv("C_EncryptFinal", none, p11->C_EncryptFinal(handle, buffer, &length));
        expect_rv("C_DecryptInit", none, p11->C_DecryptInit(handle, &rsa_pkcs, 1));
        expect_rv("C_Decrypt", none, p11->C_Decrypt(handle, buffer, 256, buffer, &length));
        expect_rv("C_DecryptUpdate", none, p11->C_DecryptUpdate(handle, buffer, 256, buffer, &length));
        expect_rv("C_DecryptFinal", none, p11->C_DecryptFinal(handle, buffer, &length));
        expect_rv("C_DigestInit", none, p11->C_DigestInit(handle, &sha256));
        expect_rv("C_Digest", none, p11->C_Digest(handle, buffer, 5, buffer, &length));
        expect_rv("C_DigestUpdate", none, p11->C_DigestUpdate(handle, buffer, 5));
        expect_rv("C_DigestFinal", none, p11->C_DigestFinal(handle, buffer, &length));
        expect_rv("C_SignInit", none, p11->C_SignInit(handle, &rsa_pkcs, 1));
        expect_rv("C_Sign", none, p11->C_Sign(handle, buffer, 5, buffer, &length));
        expect_rv("C_SignUpdate", none, p11->C_SignUpdate(handle, buffer, 5));
        expect_rv("C_SignFinal", none, p11->C_SignFinal(handle, buffer, &length));
        expect_rv("C_VerifyInit", none, p11->C_VerifyInit(handle, &rsa_pkcs, 1));
        expect_rv("C_Verify", none, p11->C_Verify(handle, buffer, 5, buffer, 256));
        expect_rv("C_VerifyUpdate", none, p11->C_VerifyUpdate(handle, buffer, 5));
        expect_rv("C_VerifyFinal", none, p11->C_VerifyFinal(handle, buffer, 256));
        expect_rv("C_GenerateRandom", none, p11->C_GenerateRandom(handle, buffer, 8));
        if (handle != closed) {
            expect_rv("object: C_GetAttributeValue", CKR_OBJECT_HANDLE_INVALID, p11->C_GetAttributeValue(session, handle, &attribute, 1));
            expect_rv("object: C_SetAttributeValue", CKR_OBJECT_HANDLE_INVALID, p11->C_SetAttributeValue(session, handle, &attribute, 1));
            expect_rv("object: C_GetObjectSize", CKR_OBJECT_HANDLE_INVALID, p11->C_GetObjectSize(session, handle, &count));
            expect_rv("key: C_SignInit", CKR_KEY_HANDLE_INVALID, p11->C_SignInit(session, &rsa_pkcs, handle));
            expect_rv("key: C_VerifyInit", CKR_KEY_HANDLE_INVALID, p11->C_VerifyInit(session, &rsa_pkcs, handle));
            expect_rv("key: C_EncryptInit", CKR_KEY_HANDLE_INVALID, p11->C_EncryptInit(session, &rsa_pkcs, handle));
            expect_rv("key: C_DecryptInit", CKR_OBJECT_HANDLE_INVALID, p11->C_DecryptInit(session, &rsa_pkcs, handle));
        }
        if (handle > 1 && handle != closed) {
            CK_MECHANISM_TYPE type;
            expect_rv("slot: C_GetSlotInfo", CKR_SLOT_ID_INVALID, p11->C_GetSlotInfo(handle, &slot_info));
            expect_rv("slot: C_GetTokenInfo", CKR_SLOT_ID_INVALID, p11->C_GetTokenInfo(handle, &token_info));
            expect_rv("slot: C_GetMechanismList", CKR_SLOT_ID_INVALID, p11->C_GetMechanismList(handle, &type, &count));
            expect_rv("slot: C_GetMechanismInfo", CKR_SLOT_ID_INVALID, p11->C_GetMechanismInfo(handle, CKM_RSA_PKCS, &mechanism_info));
            expect_rv("slot: C_OpenSession", CKR_SLOT_ID_INVALID, p11->C_OpenSession(handle, CKF_SERIAL_SESSION, NULL, NULL, &session_info.slotID));
            expect_rv("slot: C_CloseAllSessions", CKR_SLOT_ID_INVALID, p11->C_CloseAllSessions(handle));
            CK_MECHANISM unknown = {handle, NULL, 0};
            CK_OBJECT_HANDLE key = private_key(session, KEY_AUTHENTICATION);
            expect_rv("mechanism: C_GetMechanismInfo", CKR_MECHANISM_INVALID, p11->C_GetMechanismInfo(slot, handle, &mechanism_info));
            expect_rv("mechanism: C_SignInit", CKR_MECHANISM_INVALID, p11->C_SignInit(session, &unknown, key));
            expect_rv("mechanism: C_DigestInit", CKR_MECHANISM_INVALID, p11->C_DigestInit(session, &unknown));
            expect_rv("user type: C_Login", CKR_USER_TYPE_INVALID, p11->C_Login(session, handle, (CK_BYTE *)"0000", 4));
            /* Among the flags may be CKF_ASYNC_SESSION: CKR_SESSION_ASYNC_NOT_SUPPORTED. */
            expect_one_of("flags: C_OpenSession", p11->C_OpenSession(slot, handle, NULL, NULL, &session_info.slotID),
                          (CK_RV)(handle & CKF_SERIAL_SESSION ? CKR_ARGUMENTS_BAD : CKR_SESSION_PARALLEL_NOT_SUPPORTED),
                          (CK_RV)(handle & CKF_SERIAL_SESSION ? 0x205 : CKR_SESSION_PARALLEL_NOT_SUPPORTED), END_OF_CODES);
        }
    }
    expect_number("no try was spent", 3, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
    stop();
}

/* PSS parameters that no card fulfils, and parameters that are none. */
static void pss_parameters(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    CK_RSA_PKCS_PSS_PARAMS good = {CKM_SHA256, CKG_MGF1_SHA256, 32}, salt = {CKM_SHA256, CKG_MGF1_SHA256, 20},
                           mask = {CKM_SHA256, CKG_MGF1_SHA1, 32}, hash = {CKM_SHA384, CKG_MGF1_SHA384, 48},
                           nonsense = {~0UL, ~0UL, ~0UL}, other = {CKM_SHA_1, CKG_MGF1_SHA1, 20};
    struct {
        CK_MECHANISM mechanism;
        CK_RV code;
        const char *what;
    } cases[] = {
        {{CKM_SHA256_RSA_PKCS_PSS, &good, sizeof good}, CKR_OK, "what the card does"},
        {{CKM_RSA_PKCS_PSS, &good, sizeof good}, CKR_OK, "what the card does, of a hash"},
        {{CKM_SHA256_RSA_PKCS_PSS, NULL, 0}, CKR_MECHANISM_PARAM_INVALID, "no parameter"},
        {{CKM_SHA256_RSA_PKCS_PSS, &good, sizeof good - 1}, CKR_MECHANISM_PARAM_INVALID, "a short parameter"},
        {{CKM_SHA256_RSA_PKCS_PSS, NULL, sizeof good}, CKR_MECHANISM_PARAM_INVALID, "a null parameter"},
        {{CKM_SHA256_RSA_PKCS_PSS, &salt, sizeof salt}, CKR_MECHANISM_PARAM_INVALID, "another salt"},
        {{CKM_SHA256_RSA_PKCS_PSS, &mask, sizeof mask}, CKR_MECHANISM_PARAM_INVALID, "another mask"},
        {{CKM_SHA256_RSA_PKCS_PSS, &other, sizeof other}, CKR_MECHANISM_PARAM_INVALID, "another hash"},
        {{CKM_RSA_PKCS_PSS, &nonsense, sizeof nonsense}, CKR_MECHANISM_PARAM_INVALID, "nonsense"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        CK_RV got = p11->C_SignInit(session, &cases[index].mechanism, key.handle);
        expect_rv(cases[index].what, cases[index].code, got);
        if (got == CKR_OK) must("C_CloseSession", p11->C_CloseSession(session)), session = logged_in(0);
    }
    CK_MECHANISM unsupported = {CKM_RSA_PKCS_PSS, &hash, sizeof hash};
    expect_rv("a hash that the card's PSS lacks", CKR_MECHANISM_PARAM_INVALID, p11->C_SignInit(session, &unsupported, key.handle));
    stop();
}

/* ---- docs/differences.md: what differs from the official library's attributes ---- */

static void expect_truth(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const char *what, CK_ATTRIBUTE_TYPE type, CK_BBOOL wanted) {
    CK_BBOOL value = 0x55;
    expect_number(what, 1, attribute(session, object, type, &value, 1));
    expect_number(what, wanted, value);
}

static void expect_none(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const char *what, CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE query = {type, NULL, 0};
    expect_rv(what, CKR_ATTRIBUTE_TYPE_INVALID, p11->C_GetAttributeValue(session, object, &query, 1));
}

static void documented_differences(void) {
    static unsigned char value[8192], other[8192];
    CK_INFO info;
    CK_TOKEN_INFO token;
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    card_kind card = kind_of_card(slot);
    must("C_GetInfo", p11->C_GetInfo(&info));
    expect_number("cryptokiVersion", 2, info.cryptokiVersion.major);
    expect_number("cryptokiVersion", 40, info.cryptokiVersion.minor);
    CK_SESSION_HANDLE session = logged_in(0);
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &token));
    expect("CKF_WRITE_PROTECTED", token.flags & CKF_WRITE_PROTECTED, "flags %lX", token.flags);
    expect("no CKF_USER_PIN_LOCKED while logged in", !(token.flags & CKF_USER_PIN_LOCKED), "flags %lX", token.flags);
    expect("model", memcmp(token.model, "IAS ECC         ", 16) == 0, "%.16s", token.model);

    CK_OBJECT_HANDLE certificate = find_labelled(session, CKO_CERTIFICATE, "Certificat de Signature CPS");
    CK_ULONG length = attribute(session, certificate, CKA_SERIAL_NUMBER, value, sizeof value);
    expect("CKA_SERIAL_NUMBER is a DER INTEGER", length > 2 && length < 40 && value[0] == 0x02 && value[1] == length - 2, "%lu bytes", length);
    CK_ATTRIBUTE by_serial = {CKA_SERIAL_NUMBER, value, length}, by_content = {CKA_SERIAL_NUMBER, value + 2, length - 2};
    expect_number("found by it", 1, find_objects(session, &by_serial, 1, NULL, 0));
    expect_number("found by its content bytes", 1, find_objects(session, &by_content, 1, NULL, 0));
    length = attribute(session, certificate, CKA_ISSUER, value, sizeof value);
    CK_ATTRIBUTE by_issuer = {CKA_ISSUER, value, length};
    CK_ULONG header = value[1] < 0x80 ? 2 : 2 + (value[1] & 0x7FU);
    CK_ATTRIBUTE by_names = {CKA_ISSUER, value + header, length - header};
    expect_number("found by issuer", 2, find_objects(session, &by_issuer, 1, NULL, 0));
    expect_number("found by issuer without its outer tag", 2, find_objects(session, &by_names, 1, NULL, 0));
    length = attribute(session, certificate, CKA_SUBJECT, value, sizeof value);
    expect_number("CKA_START_DATE", 8, attribute(session, certificate, CKA_START_DATE, other, sizeof other));
    expect_number("CKA_END_DATE", 8, attribute(session, certificate, CKA_END_DATE, other, sizeof other));
    expect_number("CKA_CHECK_VALUE", 3, attribute(session, certificate, CKA_CHECK_VALUE, other, sizeof other));
    CK_ULONG category = 0;
    attribute(session, certificate, CKA_CERTIFICATE_CATEGORY, &category, sizeof category);
    expect_number("CKA_CERTIFICATE_CATEGORY", CK_CERTIFICATE_CATEGORY_TOKEN_USER, category);

    CK_OBJECT_HANDLE keys[] = {private_key(session, KEY_SIGNATURE), private_key(session, KEY_AUTHENTICATION)};
    for (int index = 0; index < 2; index++) {
        CK_OBJECT_HANDLE public = public_key_of(session, keys[index]);
        expect_number("CKA_SUBJECT of a private key", length, attribute(session, keys[index], CKA_SUBJECT, other, sizeof other));
        expect_number("CKA_SUBJECT of a public key", length, attribute(session, public, CKA_SUBJECT, other, sizeof other));
        expect_truth(session, keys[index], "CKA_SIGN", CKA_SIGN, CK_TRUE);
        expect_truth(session, keys[index], "CKA_DECRYPT", CKA_DECRYPT, index == 1);
        expect_truth(session, keys[index], "CKA_UNWRAP", CKA_UNWRAP, CK_FALSE);
        expect_truth(session, keys[index], "CKA_ALWAYS_AUTHENTICATE", CKA_ALWAYS_AUTHENTICATE, CK_FALSE);
        expect_truth(session, public, "CKA_ENCRYPT", CKA_ENCRYPT, index == 1);
        expect_truth(session, public, "CKA_VERIFY_RECOVER", CKA_VERIFY_RECOVER, CK_FALSE);
        expect_none(session, public, "CKA_SENSITIVE of a public key", CKA_SENSITIVE);
        expect_none(session, public, "CKA_ALWAYS_SENSITIVE of a public key", CKA_ALWAYS_SENSITIVE);
        expect_none(session, public, "CKA_EXTRACTABLE of a public key", CKA_EXTRACTABLE);
        expect_none(session, public, "CKA_NEVER_EXTRACTABLE of a public key", CKA_NEVER_EXTRACTABLE);
    }
    if (card == CARD_CPS3) {
        static const char label[] = "Cle publique - Certificat de Signature CPS";
        CK_ATTRIBUTE text = {CKA_LABEL, (void *)label, sizeof label - 1}, with_nul = {CKA_LABEL, (void *)label, sizeof label};
        expect_number("CKA_LABEL of a public key", sizeof label - 1,
                      attribute(session, public_key_of(session, keys[0]), CKA_LABEL, other, sizeof other));
        expect_number("found by its label", 1, find_objects(session, &text, 1, NULL, 0));
        expect_number("found by its label with a NUL character", 1, find_objects(session, &with_nul, 1, NULL, 0));
    }

    /* CPS_DATA: a longer value is refused before a byte is written. */
    CK_OBJECT_HANDLE cps_data = find_labelled(session, CKO_DATA, "CPS_DATA");
    CK_ULONG size = attribute(session, cps_data, CKA_VALUE, value, sizeof value);
    memset(other, 0x5A, sizeof other);
    CK_ATTRIBUTE longer = {CKA_VALUE, other, size + 1};
    expect_rv("CPS_DATA, one byte too long", CKR_ATTRIBUTE_VALUE_INVALID, p11->C_SetAttributeValue(session, cps_data, &longer, 1));
    expect("nothing was written", attribute(session, cps_data, CKA_VALUE, other, sizeof other) == size && memcmp(value, other, size) == 0,
           "something was");
    CK_ATTRIBUTE label = {CKA_LABEL, "other", 5}, content = {CKA_VALUE, value, size};
    expect_rv("CPS_DATA, another attribute", CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session, cps_data, &label, 1));
    expect_rv("another object", CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session, certificate, &content, 1));
    CK_SESSION_HANDLE read_only = open_session(slot, 0);
    expect_rv("CPS_DATA, read-only session", CKR_SESSION_READ_ONLY, p11->C_SetAttributeValue(read_only, cps_data, &content, 1));
    must("C_Logout", p11->C_Logout(session));
    expect_rv("CPS_DATA, no login", CKR_USER_NOT_LOGGED_IN, p11->C_SetAttributeValue(session, cps_data, &content, 1));
    stop();
}

/* ---- C_Initialize ---- */

static CK_RV make_mutex(void **mutex) {
    *mutex = malloc(sizeof(pthread_mutex_t));
    return pthread_mutex_init(*mutex, NULL) == 0 ? CKR_OK : CKR_CANT_LOCK;
}
static CK_RV end_mutex(void *mutex) {
    free(mutex);
    return CKR_OK;
}
static CK_RV lock_mutex(void *mutex) { return pthread_mutex_lock(mutex) == 0 ? CKR_OK : CKR_CANT_LOCK; }
static CK_RV unlock_mutex(void *mutex) { return pthread_mutex_unlock(mutex) == 0 ? CKR_OK : CKR_MUTEX_NOT_LOCKED; }

static unsigned long entries_of(const char *folder) {
    DIR *directory = opendir(folder);
    unsigned long count = 0;
    while (directory != NULL && readdir(directory) != NULL) count++;
    if (directory != NULL) closedir(directory);
    return count;
}

static unsigned long resident_kilobytes(void) {
    unsigned long pages = 0, all = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu %lu", &all, &pages) != 2) pages = 0;
    if (file != NULL) fclose(file);
    return pages * 4;
}

static void *try_initialize(void *argument) {
    *(CK_RV *)argument = p11->C_Initialize(NULL);
    return NULL;
}

static void initialize(void) {
    struct {
        const char *who;
        CK_C_INITIALIZE_ARGS arguments;
        CK_RV code;
    } callers[] = {
        {"NSS: callbacks, flags 3, parameters",
         {make_mutex, end_mutex, lock_mutex, unlock_mutex, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS,
          "configdir='sql:/nowhere' certPrefix='' keyPrefix='' flags=readOnly"},
         CKR_OK},
        {"NSS: callbacks, flags 3",
         {make_mutex, end_mutex, lock_mutex, unlock_mutex, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, NULL},
         CKR_OK},
        {"p11-kit: callbacks, flags 2", {make_mutex, end_mutex, lock_mutex, unlock_mutex, CKF_OS_LOCKING_OK, NULL}, CKR_OK},
        {"Java, OpenSSL: flags 2", {NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL}, CKR_OK},
        {"GnuTLS: flags 3", {NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, NULL}, CKR_OK},
        {"an empty reserved string", {NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, ""}, CKR_OK},
        {"callbacks only", {make_mutex, end_mutex, lock_mutex, unlock_mutex, 0, NULL}, CKR_OK},
        {"one callback missing", {make_mutex, end_mutex, lock_mutex, NULL, CKF_OS_LOCKING_OK, NULL}, CKR_ARGUMENTS_BAD},
        {"one callback only", {NULL, NULL, lock_mutex, NULL, 0, NULL}, CKR_ARGUMENTS_BAD},
    };
    for (size_t index = 0; index < sizeof callers / sizeof callers[0]; index++) {
        CK_RV got = p11->C_Initialize(&callers[index].arguments);
        expect_rv(callers[index].who, callers[index].code, got);
        if (got != CKR_OK) continue;
        expect_rv("C_Initialize again", CKR_CRYPTOKI_ALREADY_INITIALIZED, p11->C_Initialize(&callers[index].arguments));
        CK_SESSION_HANDLE session = logged_in(0);
        known_key key = get_key(session, KEY_AUTHENTICATION);
        expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
        stop();
        expect_rv("C_Finalize again", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
    }
    /* Numbers in place of an address. */
    static const unsigned long numbers[] = {1, 2, 0x1000, 0xFFFF};
    for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; index++) {
        CK_C_INITIALIZE_ARGS arguments = {NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, (void *)numbers[index]};
        expect_rv("a number as pReserved", CKR_ARGUMENTS_BAD, p11->C_Initialize(&arguments));
    }
    int something = 0;
    start();
    expect_rv("C_Finalize with an argument", CKR_ARGUMENTS_BAD, p11->C_Finalize(&something));
    stop();

    /* One of many wins. */
    pthread_t threads[8];
    CK_RV codes[8];
    for (int round = 0; round < 20; round++) {
        int won = 0, lost = 0;
        for (int index = 0; index < 8; index++) pthread_create(&threads[index], NULL, try_initialize, &codes[index]);
        for (int index = 0; index < 8; index++) {
            pthread_join(threads[index], NULL);
            won += codes[index] == CKR_OK;
            lost += codes[index] == CKR_CRYPTOKI_ALREADY_INITIALIZED;
        }
        expect("one thread of eight initialises", won == 1 && lost == 7, "%d won, %d lost", won, lost);
        stop();
    }
}

static void round_trip(void) {
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), 0);
    CK_TOKEN_INFO info;
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot_of_reader(0), &info));
    find_labelled(session, CKO_CERTIFICATE, "nothing");
    stop();
}

static void two_hundred_times(void) {
    for (int round = 0; round < 5; round++) round_trip();
    unsigned long files = entries_of("/proc/self/fd"), threads = entries_of("/proc/self/task"), memory = resident_kilobytes();
    for (int round = 0; round < 200; round++) {
        if (round % 4 == 0) {
            round_trip();
        } else {
            start();
            CK_SLOT_ID slots[8];
            token_slots(slots, 8);
            stop();
        }
    }
    expect_number("open files", files, entries_of("/proc/self/fd"));
    expect_number("threads", threads, entries_of("/proc/self/task"));
    unsigned long grown = resident_kilobytes() - memory;
    expect("memory", (long)grown < 4096, "%ld kB more", (long)grown);
    expect_number("the library starts no thread", 3, threads); /* one, and two entries for . and .. */
}

/* ---- Card traffic ---- */

static void no_traffic(void) {
    const char *trace = test_file("trace0");
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    CK_SLOT_INFO info;
    unsigned long before = lines_in(trace);
    start();
    must("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG index = 0; index < count; index++) must("C_GetSlotInfo", p11->C_GetSlotInfo(slots[index], &info));
    expect_number("commands for C_Initialize, C_GetSlotList and C_GetSlotInfo", before, lines_in(trace));
    CK_SESSION_HANDLE session = logged_in(0);
    CK_OBJECT_HANDLE objects[64];
    unsigned char value[8192];
    count = find_objects(session, NULL, 0, objects, 64);
    for (CK_ULONG index = 0; index < count; index++) attribute(session, objects[index], CKA_VALUE, value, sizeof value);
    before = lines_in(trace);
    for (int round = 0; round < 200; round++) {
        CK_OBJECT_CLASS class = round % 2 ? CKO_CERTIFICATE : 0xCE534353UL;
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}};
        find_objects(session, template, 1, objects, 64);
        attribute(session, find_labelled(session, CKO_CERTIFICATE, "Certificat de Signature CPS"), CKA_SUBJECT, value, sizeof value);
        token_slots(slots, 32);
    }
    expect_number("commands for 400 searches and 200 slot lists", before, lines_in(trace));
    CK_TOKEN_INFO token;
    for (int round = 0; round < 50; round++) must("C_GetTokenInfo", p11->C_GetTokenInfo(slots[0], &token));
    expect("commands for 50 C_GetTokenInfo", lines_in(trace) - before <= 40, "%lu lines", lines_in(trace) - before);
    stop();
}

const promise argument_promises[] = {
    {"attributes", attributes, {CARD_CPS3, 0}, NULL, 0},
    {"every-attribute-cps3", every_attribute, {CARD_CPS3, 0}, NULL, 0},
    {"every-attribute-cps4", every_attribute, {CARD_CPS4, 0}, NULL, 0},
    {"buffers-cps3", buffers, {CARD_CPS3, 0}, NULL, 0},
    {"buffers-cps4", buffers, {CARD_CPS4, 0}, NULL, 0},
    {"questions-cps3", questions_change_nothing, {CARD_CPS3, 0}, NULL, 60},
    {"questions-cps4", questions_change_nothing, {CARD_CPS4, 0}, NULL, 60},
    {"absurd-lengths", absurd_lengths, {CARD_CPS4, 0}, NULL, 60},
    {"operations", operations, {CARD_CPS4, 0}, NULL, 0},
    {"message-sizes-cps3", message_sizes, {CARD_CPS3, 0}, NULL, 0},
    {"message-sizes-cps4", message_sizes, {CARD_CPS4, 0}, NULL, 0},
    {"before-initialize", before_initialize, {0, 0}, NULL, 0},
    {"null-arguments", null_arguments, {CARD_CPS3, 0}, NULL, 0},
    {"hostile-handles", hostile_handles, {CARD_CPS4, 0}, NULL, 0},
    {"pss-parameters", pss_parameters, {CARD_CPS4, 0}, NULL, 0},
    {"differences-cps3", documented_differences, {CARD_CPS3, 0}, NULL, 0},
    {"differences-cps4", documented_differences, {CARD_CPS4, 0}, NULL, 0},
    {"initialize", initialize, {CARD_CPS3, 0}, NULL, 60},
    {"two-hundred-times", two_hundred_times, {CARD_CPS4, 0}, NULL, 120},
    {"no-traffic-cps3", no_traffic, {CARD_CPS3, 0}, NULL, 0},
    {"no-traffic-cps4", no_traffic, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
