/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the conformance programs share: the module under test, expectations that
 * count, finding objects, and a judge of signatures that is not ours (nettle).
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CPKCS11.h"

/* Ends the list of codes of expect_one_of. */
#define END_OF_CODES ((CK_RV)-2)

/* The function list of the module under test, version 2.40. */
extern CK_FUNCTION_LIST *p11;
/* Its dlopen handle. */
extern void *module_handle;

/* load_module: dlopen and C_GetFunctionList; ends the program on failure. */
void load_module(const char *path);

/* module_symbol: an exported function, or null. */
void *module_symbol(const char *name);

/* ---- Expectations. Each counts as passed or failed; they may come from any thread. ---- */

/* rv_name: CKR_OK, or a number in hexadecimal for an unknown code. */
const char *rv_name(CK_RV code);

bool expect_rv(const char *what, CK_RV expected, CK_RV got);
/* expect_one_of: the code is one of the list, which ends with END_OF_CODES. */
bool expect_one_of(const char *what, CK_RV got, ...);
bool expect_number(const char *what, unsigned long expected, unsigned long got);
bool expect(const char *what, bool holds, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* passed, failed: counts without words of their own. */
void count_passed(void);
void count_failed(void);

/* finish: prints "N passed, N failed"; the exit code of the program. */
int finish(void);

/* A note to the reader that counts for nothing. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* give_up: the test cannot go on; prints why, counts a failure and ends. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* must: gives up unless the code is CKR_OK. */
void must(const char *what, CK_RV got);

/* ---- Time and watchdog ---- */

unsigned long milliseconds_now(void);
void sleep_milliseconds(unsigned long duration);
/* watchdog: the program ends with a failure if it is still there after so many seconds. */
void watchdog(unsigned seconds, const char *what);

/* ---- Tokens and objects ---- */

typedef enum { CARD_UNKNOWN = 0, CARD_CPS3 = 1, CARD_CPS4 = 2, CARD_CONTACTLESS = 4 } card_kind;
extern const char *card_names[5];

/* token_slots: the slots with a token; at most `capacity`. */
CK_ULONG token_slots(CK_SLOT_ID *slots, CK_ULONG capacity);
CK_SLOT_ID first_token(void);
card_kind kind_of_card(CK_SLOT_ID slot);

CK_SESSION_HANDLE open_session(CK_SLOT_ID slot, CK_FLAGS more);
CK_RV login(CK_SESSION_HANDLE session, const char *pin);

/* find_objects: how many objects match; the first `capacity` of them in `found`. */
CK_ULONG find_objects(
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *found, CK_ULONG capacity);
/* find_labelled: the first object of this class and label, or 0. */
CK_OBJECT_HANDLE find_labelled(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label);
/* find_by_id: the first object of this class with this CKA_ID, or 0. */
CK_OBJECT_HANDLE find_by_id(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const unsigned char *id, CK_ULONG length);
/* attribute: reads one by two calls; the length, or (CK_ULONG)-1. */
CK_ULONG attribute(
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *value, CK_ULONG capacity);

/* The keys that all contact cards have; the technical key of a contactless one. */
typedef enum { KEY_SIGNATURE, KEY_AUTHENTICATION, KEY_TECHNICAL } key_role;
CK_OBJECT_HANDLE private_key(CK_SESSION_HANDLE session, key_role role);
/* public_key_of: the public key with the same CKA_ID. */
CK_OBJECT_HANDLE public_key_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE private_key);

/* ---- Signatures ---- */

/* The numbers of a public key, as the module shows them. */
typedef struct {
    unsigned char modulus[512];
    CK_ULONG modulus_length;
    unsigned char exponent[16];
    CK_ULONG exponent_length;
} public_numbers;

bool read_public_numbers(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, public_numbers *numbers);

/* is_pkcs1_signature: of `data` as it is (usually a DigestInfo). */
bool is_pkcs1_signature(
    const public_numbers *key, const void *data, size_t data_length, const unsigned char *signature, size_t length);
bool is_sha256_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature, size_t length);
bool is_sha1_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature, size_t length);
bool is_pss_sha256_signature(
    const public_numbers *key, const void *message, size_t message_length, const unsigned char *signature, size_t length);

/* sha256_info, sha1_info: a DigestInfo over the hash of a message; its length. */
size_t sha256_info(const void *message, size_t length, unsigned char info[51]);
size_t sha1_info(const void *message, size_t length, unsigned char info[35]);

#endif
