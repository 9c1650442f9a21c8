/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a PIN and of private data is found in the memory of a program that uses
 * the library: nothing, once the call is over, or the login.
 *
 *   secrets MODULE PIN PUK CRYPTOGRAM MESSAGE
 *
 * CRYPTOGRAM is a file, of which the authentication key makes MESSAGE (hexadecimal).
 * The program keeps what it looks for in a form that is not the thing itself, and
 * looks from a thread of its own: the calls' abandoned stack stays as it was left.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "support/conformance.h"

/* ---- Things that are looked for ---- */

#define LONGEST 32

typedef struct {
    unsigned char masked[LONGEST], mask[LONGEST];
    size_t length;
} thing;

static void hide(thing *what, const volatile unsigned char *value, size_t length) {
    what->length = length;
    if (getrandom(what->mask, sizeof what->mask, 0) < 0) give_up("no random bytes");
    for (size_t index = 0; index < length; index++) what->masked[index] = value[index] ^ what->mask[index];
}

static void show(const thing *what, volatile unsigned char *value) {
    for (size_t index = 0; index < what->length; index++) value[index] = what->masked[index] ^ what->mask[index];
}

static thing eight_digits(void) {
    thing pin;
    unsigned char digits[8];
    if (getrandom(digits, sizeof digits, 0) < 0) give_up("no random bytes");
    for (int index = 0; index < 8; index++) digits[index] = (unsigned char)('0' + digits[index] % 10);
    hide(&pin, digits, sizeof digits);
    explicit_bzero(digits, sizeof digits);
    return pin;
}

/* The same with two digits in a byte. */
static thing packed(const thing *pin) {
    thing result;
    unsigned char digits[8], bytes[4];
    show(pin, digits);
    for (int index = 0; index < 4; index++) bytes[index] = (unsigned char)(digits[2 * index] << 4 | (digits[2 * index + 1] & 15));
    hide(&result, bytes, sizeof bytes);
    explicit_bzero(digits, sizeof digits);
    explicit_bzero(bytes, sizeof bytes);
    return result;
}

/* ---- Looking ---- */

/* Where the caller's own copy lies for the time of a call: in no core dump. */
static volatile unsigned char *own;

static bool is_at(const thing *what, const volatile unsigned char *place) {
    for (size_t index = 0; index < what->length; index++)
        if ((place[index] ^ what->mask[index]) != what->masked[index]) return false;
    return true;
}

/* Where it is looked. */
typedef enum { EVERYWHERE, WHAT_A_DUMP_HOLDS } extent;

/* In regions that can be written. */
static unsigned long count_of(const thing *what, extent where) {
    char line[512], name[256] = "";
    unsigned long first = 0, last = 0, found = 0;
    bool is_written = false;
    FILE *map = fopen("/proc/self/smaps", "r");
    if (map == NULL) give_up("no /proc/self/smaps");
    while (fgets(line, sizeof line, map) != NULL) {
        char rights[8];
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255[^\n]", &from, &to, rights, name) >= 3) {
            first = from;
            last = to;
            is_written = rights[0] == 'r' && rights[1] == 'w';
        } else if (strncmp(line, "VmFlags:", 8) == 0 && is_written && (where == EVERYWHERE || strstr(line, " dd") == NULL)) {
            for (unsigned long place = first; place + what->length <= last; place++) {
                if (!is_at(what, (const volatile unsigned char *)place)) continue;
                found++;
                fprintf(stderr, "  found at %lx in %lx-%lx %s\n", place, first, last, name);
            }
        }
        if (strncmp(line, "VmFlags:", 8) == 0) name[0] = 0;
    }
    fclose(map);
    return found;
}

/* The thread that looks: it sleeps on a pipe until it is told what to look for. */
static int orders[2], answers[2];

typedef struct {
    const thing *what;
    extent where;
} order;

static void *look(void *argument) {
    (void)argument;
    order next;
    while (read(orders[0], &next, sizeof next) == sizeof next) {
        unsigned long found = count_of(next.what, next.where);
        if (write(answers[1], &found, sizeof found) != sizeof found) break;
    }
    return NULL;
}

static unsigned long found_now(const thing *what, extent where) {
    unsigned long found = 0;
    order next = {what, where};
    if (write(orders[1], &next, sizeof next) != sizeof next || read(answers[0], &found, sizeof found) != sizeof found)
        give_up("the thread that looks is gone");
    return found;
}

/* Eight digits that nothing else in the memory has, nor packed: four bytes may be there by
   chance. */
static thing random_pin(void) {
    thing pin, digits;
    do {
        pin = eight_digits();
        digits = packed(&pin);
    } while (found_now(&pin, EVERYWHERE) + found_now(&digits, EVERYWHERE) > 0);
    return pin;
}

static void nothing_left(const char *when, const thing *what) {
    char text[128];
    snprintf(text, sizeof text, "%s: copies in memory", when);
    expect_number(text, 0, found_now(what, EVERYWHERE));
}

static void no_pin_left(const char *when, const thing *pin) {
    char text[128];
    thing digits = packed(pin);
    nothing_left(when, pin);
    snprintf(text, sizeof text, "%s, two digits a byte", when);
    nothing_left(text, &digits);
}

/* A PIN that the card has refused is kept to compare the next one with it: once, and in no
   core dump. */
static void kept_to_compare(const char *when, const thing *pin) {
    char text[128];
    thing digits = packed(pin);
    snprintf(text, sizeof text, "%s: copies in memory", when);
    expect_number(text, 1, found_now(pin, EVERYWHERE));
    snprintf(text, sizeof text, "%s: copies in what a core dump holds", when);
    expect_number(text, 0, found_now(pin, WHAT_A_DUMP_HOLDS));
    snprintf(text, sizeof text, "%s, two digits a byte", when);
    nothing_left(text, &digits);
}

/* ---- Calls with a code, whose copy of ours is gone afterwards ---- */

static CK_RV login_with(CK_SESSION_HANDLE session, CK_USER_TYPE user, const thing *pin) {
    show(pin, own);
    CK_RV code = p11->C_Login(session, user, (CK_BYTE *)own, pin->length);
    explicit_bzero((void *)own, 64);
    return code;
}

static CK_RV change(CK_SESSION_HANDLE session, const thing *old, const thing *new) {
    show(old, own);
    show(new, own + 32);
    CK_RV code = p11->C_SetPIN(session, (CK_BYTE *)own, old->length, (CK_BYTE *)own + 32, new->length);
    explicit_bzero((void *)own, 64);
    return code;
}

static CK_RV unblock(CK_SESSION_HANDLE session, const thing *pin) {
    show(pin, own);
    CK_RV code = p11->C_InitPIN(session, (CK_BYTE *)own, pin->length);
    explicit_bzero((void *)own, 64);
    return code;
}

/* While a call is under way: what a core dump would hold then, looked at again and
   again. */
static const thing *presented;
static _Atomic bool call_is_over;
static unsigned looks;

static void *look_during_the_call(void *result) {
    for (looks = 0; !call_is_over; looks++) *(unsigned long *)result += count_of(presented, WHAT_A_DUMP_HOLDS);
    return NULL;
}

/* A piece from the middle of a private value, which the program then forgets. */
static thing private_piece(CK_SESSION_HANDLE session, const char *label) {
    static unsigned char value[2048];
    thing piece;
    CK_ULONG length = attribute(session, find_labelled(session, CKO_DATA, label), CKA_VALUE, value, sizeof value);
    if (length == (CK_ULONG)-1 || length < LONGEST) give_up("%s: no value to look for", label);
    hide(&piece, value + (length - LONGEST) / 2, LONGEST);
    explicit_bzero(value, sizeof value);
    return piece;
}

static void sign_once(CK_SESSION_HANDLE session) {
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    unsigned char signature[256];
    CK_ULONG length = sizeof signature;
    must("C_SignInit", p11->C_SignInit(session, &mechanism, private_key(session, KEY_SIGNATURE)));
    must("C_Sign", p11->C_Sign(session, (CK_BYTE *)"abc", 3, signature, &length));
}

static void pins(CK_SESSION_HANDLE session, const thing *first, const thing *puk) {
    thing wrong = random_pin(), pin = random_pin(), next = random_pin();

    show(&pin, own + 32);
    expect_number("a copy of our own is found", 1, found_now(&pin, EVERYWHERE));
    expect_number("in what a core dump holds it is not", 0, found_now(&pin, WHAT_A_DUMP_HOLDS));
    madvise((void *)own, 4096, MADV_DODUMP);
    expect_number("unless that was left out by nobody", 1, found_now(&pin, WHAT_A_DUMP_HOLDS));
    madvise((void *)own, 4096, MADV_DONTDUMP);
    explicit_bzero((void *)own, 64);

    expect_rv("C_SetPIN", CKR_OK, change(session, first, &pin));
    no_pin_left("the new PIN after C_SetPIN", &pin);
    expect_rv("C_Login, wrong", CKR_PIN_INCORRECT, login_with(session, CKU_USER, &wrong));
    kept_to_compare("a wrong PIN", &wrong);

    unsigned long during = 0;
    pthread_t thread;
    presented = &pin;
    pthread_create(&thread, NULL, look_during_the_call, &during);
    expect_rv("C_Login", CKR_OK, login_with(session, CKU_USER, &pin));
    call_is_over = true;
    pthread_join(thread, NULL);
    expect("the memory was looked at during C_Login", looks > 1, "%u times", looks);
    expect_number("copies of the PIN that a core dump would hold in the middle of C_Login", 0, during);
    no_pin_left("the PIN after C_Login", &pin);
    no_pin_left("the wrong PIN after a right one", &wrong);
    expect_rv("C_Login again", CKR_USER_ALREADY_LOGGED_IN, login_with(session, CKU_USER, &pin));
    sign_once(session);
    no_pin_left("the PIN after a signature", &pin);
    must("C_Logout", p11->C_Logout(session));
    no_pin_left("the PIN after C_Logout", &pin);
    expect_rv("C_SetPIN, wrong", CKR_PIN_INCORRECT, change(session, &wrong, &next));
    kept_to_compare("the wrong PIN after C_SetPIN", &wrong);
    no_pin_left("the new PIN after a refused C_SetPIN", &next);

    expect_rv("C_Login with the unblocking code", CKR_OK, login_with(session, CKU_SO, puk));
    nothing_left("the unblocking code after C_Login", puk);
    expect_rv("C_InitPIN", CKR_OK, unblock(session, &next));
    no_pin_left("the new PIN after C_InitPIN", &next);
    no_pin_left("the wrong PIN after C_InitPIN", &wrong);
    must("C_Logout", p11->C_Logout(session));
    expect_rv("C_Login with the new PIN", CKR_OK, login_with(session, CKU_USER, &next));
}

static void private_data(CK_SESSION_HANDLE session) {
    thing pieces[] = {
        private_piece(session, "CPS_ACTIVITY_03_PS"),
        private_piece(session, "CPS_SIT_FACT"),
    };
    expect("a private value is found while the login stands", found_now(&pieces[0], EVERYWHERE) > 0, "it is not: nothing was looked at");
    must("C_Logout", p11->C_Logout(session));
    nothing_left("CPS_ACTIVITY_03_PS after C_Logout", &pieces[0]);
    nothing_left("CPS_SIT_FACT after C_Logout", &pieces[1]);
}

/* Takes a message from hexadecimal, of which nothing stays. */
static void hide_hexadecimal(thing *what, char *text) {
    unsigned char bytes[LONGEST];
    size_t length = strlen(text) / 2;
    if (length > sizeof bytes) give_up("a message that is too long");
    for (size_t index = 0; index < length; index++) {
        char digits[3] = {text[2 * index], text[2 * index + 1], 0};
        bytes[index] = (unsigned char)strtoul(digits, NULL, 16);
    }
    hide(what, bytes, length);
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(text, strlen(text));
}

static void decrypted_message(CK_SESSION_HANDLE session, const char *path, const thing *message) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    unsigned char cryptogram[256];
    CK_ULONG length = message->length - 1;
    FILE *file = fopen(path, "r");
    if (file == NULL || fread(cryptogram, 1, sizeof cryptogram, file) != sizeof cryptogram) give_up("no cryptogram");
    fclose(file);
    CK_OBJECT_HANDLE key = private_key(session, KEY_AUTHENTICATION);
    must("C_DecryptInit", p11->C_DecryptInit(session, &mechanism, key));
    expect_rv("C_Decrypt, small buffer", CKR_BUFFER_TOO_SMALL,
              p11->C_Decrypt(session, cryptogram, sizeof cryptogram, (CK_BYTE *)own, &length));
    expect("a message that waits is found", found_now(message, EVERYWHERE) > 0, "it is not: nothing was looked at");
    expect_rv("C_Decrypt", CKR_OK, p11->C_Decrypt(session, cryptogram, sizeof cryptogram, (CK_BYTE *)own, &length));
    expect("it is the message", length == message->length && is_at(message, own), "%lu bytes", length);
    explicit_bzero((void *)own, 64);
    nothing_left("a message after the second C_Decrypt", message);
    must("C_DecryptInit", p11->C_DecryptInit(session, &mechanism, key));
    length = 64;
    must("C_Decrypt", p11->C_Decrypt(session, cryptogram, sizeof cryptogram, (CK_BYTE *)own, &length));
    explicit_bzero((void *)own, 64);
    nothing_left("a message after C_Decrypt", message);
    CK_SESSION_HANDLE other = open_session(first_token(), 0);
    must("C_DecryptInit", p11->C_DecryptInit(other, &mechanism, key));
    length = 1;
    p11->C_Decrypt(other, cryptogram, sizeof cryptogram, (CK_BYTE *)own, &length);
    must("C_CloseSession", p11->C_CloseSession(other));
    nothing_left("a message that waited, after C_CloseSession", message);
    must("C_DecryptInit", p11->C_DecryptInit(session, &mechanism, key));
    length = 1;
    p11->C_Decrypt(session, cryptogram, sizeof cryptogram, (CK_BYTE *)own, &length);
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: secrets MODULE PIN PUK CRYPTOGRAM MESSAGE\n");
        return 2;
    }
    thing pin, puk, message;
    hide_hexadecimal(&message, arguments[5]);
    hide(&pin, (unsigned char *)arguments[2], strlen(arguments[2]));
    hide(&puk, (unsigned char *)arguments[3], strlen(arguments[3]));
    memset(arguments[2], 0, strlen(arguments[2]));
    memset(arguments[3], 0, strlen(arguments[3]));
    own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own == MAP_FAILED || madvise((void *)own, 4096, MADV_DONTDUMP) != 0) give_up("no memory out of dumps");
    if (pipe(orders) != 0 || pipe(answers) != 0) give_up("no pipes");
    pthread_t thread;
    pthread_create(&thread, NULL, look, NULL);
    load_module(arguments[1]);
    watchdog(120, "secrets");
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_SESSION_HANDLE session = open_session(first_token(), CKF_RW_SESSION);
    pins(session, &pin, &puk);
    decrypted_message(session, arguments[4], &message);
    private_data(session);
    nothing_left("a message that waited, after C_Logout", &message);
    must("C_Finalize", p11->C_Finalize(NULL));
    return finish();
}
