/* SPDX-License-Identifier: Apache-2.0 */
/* Cards that come and go, slow cards, several cards, wrong PINs. */
#include "boundary.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- C_WaitForSlotEvent ---- */

struct wait {
    CK_RV code;
    CK_SLOT_ID slot;
    bool returned;
    unsigned long at;
    pthread_t thread;
};

static void *wait_for_event(void *argument) {
    struct wait *wait = argument;
    wait->code = p11->C_WaitForSlotEvent(0, &wait->slot, NULL);
    wait->at = milliseconds_now();
    __atomic_store_n(&wait->returned, true, __ATOMIC_RELEASE);
    return NULL;
}

static bool returned(struct wait *wait) { return __atomic_load_n(&wait->returned, __ATOMIC_ACQUIRE); }

static void begin_wait(struct wait *wait) {
    memset(wait, 0, sizeof *wait);
    pthread_create(&wait->thread, NULL, wait_for_event, wait);
    sleep_milliseconds(400);
}

static void expect_end(struct wait *wait, const char *what, CK_RV code, unsigned long since) {
    for (int round = 0; round < 150 && !returned(wait); round++) sleep_milliseconds(20);
    if (!expect(what, returned(wait), "still waiting after 3 s")) return;
    pthread_join(wait->thread, NULL);
    expect_rv(what, code, wait->code);
    expect(what, wait->at <= since + 1500, "%lu ms later", wait->at - since);
}

static void waits(void) {
    struct wait wait;
    CK_SLOT_ID slot, slots[8];
    start();
    token_slots(slots, 8);
    while (p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL) == CKR_OK) continue;
    begin_wait(&wait);
    expect("nothing happens: the call waits", !returned(&wait), "%s", rv_name(wait.code));
    insert_card(1, CARD_CPS4, "");
    expect_end(&wait, "an insertion", CKR_OK, milliseconds_now());
    expect_number("its slot", slot_of_reader(1), wait.slot);
    begin_wait(&wait);
    expect("nothing happens: the call waits", !returned(&wait), "%s", rv_name(wait.code));
    remove_card(1);
    expect_end(&wait, "a removal", CKR_OK, milliseconds_now());
    expect_number("its slot", slot_of_reader(1), wait.slot);
    begin_wait(&wait);
    remove_card(0);
    expect_end(&wait, "a removal in the other reader", CKR_OK, milliseconds_now());
    expect_number("its slot", slot_of_reader(0), wait.slot);

    /* Events are told once, also when they came before the call. */
    insert_card(0, CARD_CPS3, "");
    insert_card(1, CARD_CPS4, "");
    CK_SLOT_ID seen[2] = {99, 99};
    for (int index = 0; index < 2; index++)
        expect_rv("an event that has come already", CKR_OK, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &seen[index], NULL));
    expect("both slots", seen[0] != seen[1], "%lu twice", seen[0]);
    expect_rv("no event any more", CKR_NO_EVENT, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL));

    begin_wait(&wait);
    CK_SLOT_INFO info;
    unsigned long before = milliseconds_now();
    must("C_GetSlotInfo", p11->C_GetSlotInfo(0, &info));
    expect("C_GetSlotInfo while a thread waits", milliseconds_now() - before < 500, "%lu ms", milliseconds_now() - before);
    before = milliseconds_now();
    stop();
    expect("C_Finalize while a thread waits", milliseconds_now() - before < 1500, "%lu ms", milliseconds_now() - before);
    expect_end(&wait, "C_Finalize from another thread", CKR_CRYPTOKI_NOT_INITIALIZED, before);

    expect_rv("not initialised", CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL));
    start();
    expect_rv("no place for the slot", CKR_ARGUMENTS_BAD, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL));
    int something = 0;
    expect_rv("a reserved argument", CKR_ARGUMENTS_BAD, p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &something));
    stop();
}

/* Two threads wait: each event wakes one, C_Finalize wakes both. */
static void two_wait(void) {
    struct wait waits[2];
    CK_SLOT_ID slots[8];
    start();
    token_slots(slots, 8);
    begin_wait(&waits[0]);
    begin_wait(&waits[1]);
    unsigned long before = milliseconds_now();
    stop();
    for (int index = 0; index < 2; index++)
        expect_end(&waits[index], "C_Finalize wakes each", CKR_CRYPTOKI_NOT_INITIALIZED, before);
    start();
    stop();
}

/* ---- Many threads, two cards ---- */

struct signer {
    pthread_t thread;
    int reader;
    unsigned number;
    unsigned signatures;
    CK_RV code;
};

static void *sign_many(void *argument) {
    struct signer *signer = argument;
    CK_SESSION_HANDLE session = 0;
    signer->code = p11->C_OpenSession(slot_of_reader(signer->reader), CKF_SERIAL_SESSION, NULL, NULL, &session);
    if (signer->code != CKR_OK) return NULL;
    known_key key = get_key(session, signer->number % 2 ? KEY_AUTHENTICATION : KEY_SIGNATURE);
    for (unsigned index = 0; index < signer->signatures && signer->code == CKR_OK; index++)
        signer->code = sign_document(session, key.handle, &key.numbers, signer->number * 1000 + index);
    if (signer->code == CKR_OK) signer->code = p11->C_CloseSession(session);
    return NULL;
}

static void threads(void) {
    struct signer signers[8];
    start();
    logged_in(0);
    logged_in(1);
    for (unsigned index = 0; index < 8; index++) {
        signers[index] = (struct signer){.reader = (int)index % 2, .number = index / 2, .signatures = 25};
        pthread_create(&signers[index].thread, NULL, sign_many, &signers[index]);
    }
    for (int index = 0; index < 8; index++) {
        pthread_join(signers[index].thread, NULL);
        expect_rv("25 signatures of one thread", CKR_OK, signers[index].code);
    }
    stop();
}

/* ---- One slow card ---- */

static void slow_card(void) {
    start();
    logged_in(0);
    CK_SESSION_HANDLE session = logged_in(1);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    struct signer signer = {.reader = 0, .number = 1, .signatures = 2};
    /* Objects are read before, so that only the signatures are slow. */
    get_key(open_session(slot_of_reader(0), 0), KEY_AUTHENTICATION);
    CK_SLOT_ID slots[8], other = slot_of_reader(1), slow = slot_of_reader(0);
    CK_SLOT_INFO info;
    CK_TOKEN_INFO token;
    CK_ULONG count;
    unsigned long longest[5] = {0};
    pthread_create(&signer.thread, NULL, sign_many, &signer);
    sleep_milliseconds(200);
    unsigned long end = milliseconds_now() + 3000;
    unsigned rounds = 0;
    for (; milliseconds_now() < end; rounds++) {
        for (int what = 0; what < 5; what++) {
            unsigned long before = milliseconds_now();
            CK_RV got = CKR_OK;
            switch (what) {
            case 0: got = p11->C_GetSlotInfo(other, &info); break;
            case 1: got = p11->C_GetSlotInfo(slow, &info); break;
            case 2: count = 8, got = p11->C_GetSlotList(CK_TRUE, slots, &count); break;
            case 3: got = p11->C_GetTokenInfo(other, &token); break;
            case 4: got = sign_document(session, key.handle, &key.numbers, rounds); break;
            }
            expect_rv("a call beside the slow card", CKR_OK, got);
            unsigned long took = milliseconds_now() - before;
            if (took > longest[what]) longest[what] = took;
        }
        sleep_milliseconds(30);
    }
    static const char *names[] = {"C_GetSlotInfo of the other slot", "C_GetSlotInfo of the slow slot", "C_GetSlotList",
                                  "C_GetTokenInfo of the other slot", "a signature of the other card"};
    /* The first call that waits for the slow card takes about 1.3 s. A busy machine delays any call, by less. */
    for (int what = 0; what < 5; what++) expect(names[what], longest[what] < 1000, "took %lu ms", longest[what]);
    pthread_join(signer.thread, NULL);
    expect_rv("the slow card's signatures", CKR_OK, signer.code);
    stop();
}

/* C_Finalize while a card is busy: it must not hang, and the call must end. */
static void finalize_while_signing(void) {
    start();
    logged_in(0);
    struct signer signer = {.reader = 0, .number = 1, .signatures = 100};
    pthread_create(&signer.thread, NULL, sign_many, &signer);
    sleep_milliseconds(1200);
    unsigned long before = milliseconds_now();
    expect_rv("C_Finalize", CKR_OK, p11->C_Finalize(NULL));
    expect("C_Finalize while a card signs", milliseconds_now() - before < 1500, "%lu ms", milliseconds_now() - before);
    pthread_join(signer.thread, NULL);
    expect("the signing thread ended with a code", signer.code != CKR_OK && milliseconds_now() - before < 5000, "%s after %lu ms",
           rv_name(signer.code), milliseconds_now() - before);
    note("C_Sign during C_Finalize: %s", rv_name(signer.code));
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), 0);
    CK_SESSION_INFO info;
    must("C_GetSessionInfo", p11->C_GetSessionInfo(session, &info));
    expect_number("logged out afterwards", CKS_RO_PUBLIC_SESSION, info.state);
    expect("no private key without a login", private_key(session, KEY_AUTHENTICATION) == 0, "there is one");
    stop();
}

/* ---- Pulled cards ---- */

static void pulled_while_signing(void) {
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    for (int round = 0; round < 2; round++) {
        CK_SESSION_HANDLE session = logged_in(0), second = open_session(slot, 0);
        CK_SESSION_INFO info;
        struct signer signer = {.reader = 0, .number = 1, .signatures = 1000};
        pthread_create(&signer.thread, NULL, sign_many, &signer);
        sleep_milliseconds(round == 0 ? 900 : 1300);
        unsigned long before = milliseconds_now();
        pull_card(0);
        pthread_join(signer.thread, NULL);
        expect("the call ends", milliseconds_now() - before < 5000, "after %lu ms", milliseconds_now() - before);
        expect_one_of("with a code", signer.code, (CK_RV)CKR_DEVICE_REMOVED, (CK_RV)CKR_DEVICE_ERROR, (CK_RV)CKR_SESSION_HANDLE_INVALID, END_OF_CODES);
        note("a card pulled during C_Sign: %s after %lu ms", rv_name(signer.code), milliseconds_now() - before);
        wait_for_card(0, false);
        sleep_milliseconds(100);
        expect_rv("the sessions are dead", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(session, &info));
        expect_rv("all of them", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(second, &info));
        expect_rv("no token", CKR_TOKEN_NOT_PRESENT, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
        insert_card(0, CARD_CPS3, "--latency 5,30,400");
        sleep_milliseconds(100);
        expect_rv("they stay dead with the card back", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(second, &info));
        CK_SESSION_HANDLE fresh = open_session(slot, 0);
        must("C_GetSessionInfo", p11->C_GetSessionInfo(fresh, &info));
        expect_number("nobody is logged in", CKS_RO_PUBLIC_SESSION, info.state);
        must("C_Login", login(fresh, pin));
        known_key key = get_key(fresh, KEY_AUTHENTICATION);
        expect_rv("a signature with the card back", CKR_OK, sign_document(fresh, key.handle, &key.numbers, 2));
        must("C_CloseAllSessions", p11->C_CloseAllSessions(slot));
    }
    stop();
}

/* Pulled and put back between two calls: no call saw it missing. */
static void pulled_unnoticed(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    remove_card(0);
    insert_card(0, CARD_CPS4, "");
    sleep_milliseconds(100);
    CK_SESSION_INFO info;
    expect_rv("the session is dead", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(session, &info));
    expect_rv("no signature", CKR_SESSION_HANDLE_INVALID, sign_document(session, key.handle, &key.numbers, 1));
    session = logged_in(0);
    key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("a signature in a new session", CKR_OK, sign_document(session, key.handle, &key.numbers, 2));
    /* Another kind of card in its place. */
    remove_card(0);
    insert_card(0, CARD_CPS3, "");
    sleep_milliseconds(100);
    expect_rv("the session is dead", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(session, &info));
    expect("another card", kind_of_card(slot_of_reader(0)) == CARD_CPS3, "the same as before");
    session = logged_in(0);
    key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("a signature of the other card", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));
    stop();
}

/* A slot that was empty at the start takes a card without a new C_Initialize. */
static void inserted_later(void) {
    CK_SLOT_ID slots[8];
    start();
    expect_number("no token", 0, token_slots(slots, 8));
    CK_ULONG count = 0, room = 1;
    must("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &count));
    CK_SLOT_ID slot = slot_of_reader(1);
    insert_card(1, CARD_CPS4, "");
    /* The list for the count of before must not fail. */
    expect_rv("the list that was counted before the card came", CKR_OK, p11->C_GetSlotList(CK_TRUE, slots, &room));
    expect_number("one token", 1, token_slots(slots, 8));
    expect_number("the same slot", slot, slots[0]);
    CK_SESSION_HANDLE session = logged_in(1);
    known_key key = get_key(session, KEY_SIGNATURE);
    expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    stop();
}

/* ---- The same card twice ---- */

static void same_card_twice(void) {
    start();
    CK_SLOT_ID one = slot_of_reader(0), two = slot_of_reader(1);
    CK_TOKEN_INFO first, second;
    must("C_GetTokenInfo", p11->C_GetTokenInfo(one, &first));
    must("C_GetTokenInfo", p11->C_GetTokenInfo(two, &second));
    expect("the same serial number", memcmp(first.serialNumber, second.serialNumber, 16) == 0, "others");
    CK_SESSION_HANDLE a = logged_in(0), b = open_session(two, 0);
    CK_SESSION_INFO info;
    must("C_GetSessionInfo", p11->C_GetSessionInfo(b, &info));
    expect_number("the other one is not logged in", CKS_RO_PUBLIC_SESSION, info.state);
    known_key key = get_key(a, KEY_AUTHENTICATION);
    expect("its private keys do not show", private_key(b, KEY_AUTHENTICATION) == 0, "they do");
    expect("a handle of one is none of the other", sign_document(b, key.handle, &key.numbers, 1) != CKR_OK, "it is");
    expect_rv("the first signs", CKR_OK, sign_document(a, key.handle, &key.numbers, 2));
    must("C_Login", login(b, pin));
    known_key other = get_key(b, KEY_AUTHENTICATION);
    /* They belong to serial number and object. */
    expect("the same handles", other.handle == key.handle, "others");
    expect_rv("the second signs", CKR_OK, sign_document(b, other.handle, &other.numbers, 3));
    must("C_Logout", p11->C_Logout(a));
    expect_rv("the second signs on", CKR_OK, sign_document(b, other.handle, &other.numbers, 4));
    remove_card(0);
    sleep_milliseconds(100);
    expect_rv("the first session is dead", CKR_SESSION_HANDLE_INVALID, p11->C_GetSessionInfo(a, &info));
    expect_rv("the second signs on", CKR_OK, sign_document(b, other.handle, &other.numbers, 5));
    stop();
}

/* ---- PIN ---- */

static unsigned long tries(void) { return (unsigned long)state_number(test_file("state0"), "pinTriesLeft"); }

static CK_FLAGS token_flags(void) {
    CK_TOKEN_INFO info;
    must("C_GetTokenInfo", p11->C_GetTokenInfo(slot_of_reader(0), &info));
    return info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
}

static void wrong_pin(void) {
    start();
    CK_SESSION_HANDLE session = open_session(slot_of_reader(0), CKF_RW_SESSION);
    unsigned long all = 3;
    expect_number("flags", 0, token_flags());
    expect_rv("too short", CKR_PIN_LEN_RANGE, login(session, "123"));
    expect_rv("too long", CKR_PIN_LEN_RANGE, login(session, "123456789"));
    expect_rv("empty", CKR_PIN_LEN_RANGE, p11->C_Login(session, CKU_USER, (CK_BYTE *)"", 0));
    expect_rv("C_SetPIN, old PIN too short", CKR_PIN_LEN_RANGE, p11->C_SetPIN(session, (CK_BYTE *)"1", 1, (CK_BYTE *)"5678", 4));
    expect_rv("C_SetPIN, new PIN too short", CKR_PIN_LEN_RANGE, p11->C_SetPIN(session, (CK_BYTE *)"1234", 4, (CK_BYTE *)"5", 1));
    must("C_Login", login(session, pin));
    must("C_Logout", p11->C_Logout(session));
    expect_number("flags after PINs of a wrong length", 0, token_flags());
    expect_rv("a wrong PIN", CKR_PIN_INCORRECT, login(session, "0000"));
    expect_number("spends one try", all - 1, tries());
    expect_number("flags", CKF_USER_PIN_COUNT_LOW, token_flags());
    CK_SESSION_INFO info;
    must("C_GetSessionInfo", p11->C_GetSessionInfo(session, &info));
    expect_number("nobody is logged in", CKS_RW_PUBLIC_SESSION, info.state);
    find_labelled(session, CKO_PRIVATE_KEY, "CPS_PRIV_SIG");
    expect_number("a search spends none", all - 1, tries());
    must("C_Login", login(session, pin));
    expect_number("the right PIN gives all back", all, tries());
    must("C_Logout", p11->C_Logout(session));
    expect_rv("C_SetPIN with a wrong PIN", CKR_PIN_INCORRECT, p11->C_SetPIN(session, (CK_BYTE *)"0000", 4, (CK_BYTE *)"5678", 4));
    expect_number("spends one try", all - 1, tries());
    expect_rv("the same wrong PIN again", CKR_PIN_INVALID, login(session, "0000"));
    expect_number("spends none", all - 1, tries());
    expect_rv("another wrong PIN", CKR_PIN_INCORRECT, login(session, "0001"));
    expect_number("spends one try", all - 2, tries());
    expect_number("flags", CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY, token_flags());
    /* As with the official library: a CPS4 tells at once, a CPS3 with the next one. */
    bool tells = kind_of_card(slot_of_reader(0)) == CARD_CPS4;
    expect_rv("the last wrong PIN", tells ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT, login(session, "0002"));
    expect_number("no try left", 0, tries());
    expect_number("flags", CKF_USER_PIN_LOCKED, token_flags());
    expect_rv("the right PIN, too late", CKR_PIN_LOCKED, login(session, pin));
    /* The security officer gives a new one. */
    must("C_Login as security officer", p11->C_Login(session, CKU_SO, (CK_BYTE *)"12345678", 8));
    expect_rv("C_InitPIN", CKR_OK, p11->C_InitPIN(session, (CK_BYTE *)"5678", 4));
    must("C_Logout", p11->C_Logout(session));
    expect_rv("the new PIN", CKR_OK, login(session, "5678"));
    expect_number("all tries", all, tries());
    stop();
}

const promise card_promises[] = {
    {"wait-for-slot-event", waits, {CARD_CPS3, 0}, NULL, 60},
    {"two-wait", two_wait, {CARD_CPS3, 0}, NULL, 0},
    {"threads", threads, {CARD_CPS3, CARD_CPS4}, NULL, 60},
    {"slow-card", slow_card, {CARD_CPS3, CARD_CPS4}, "--latency 5,30,1500", 60},
    {"finalize-while-signing", finalize_while_signing, {CARD_CPS4, 0}, "--latency 5,30,1000", 60},
    {"pulled-while-signing", pulled_while_signing, {CARD_CPS3, 0}, "--latency 5,30,400", 90},
    {"pulled-unnoticed", pulled_unnoticed, {CARD_CPS4, 0}, NULL, 60},
    {"inserted-later", inserted_later, {0, 0}, NULL, 0},
    {"same-card-twice", same_card_twice, {CARD_CPS3, CARD_CPS3}, NULL, 0},
    {"wrong-pin-cps3", wrong_pin, {CARD_CPS3, 0}, NULL, 0},
    {"wrong-pin-cps4", wrong_pin, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
