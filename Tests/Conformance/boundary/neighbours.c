/* SPDX-License-Identifier: Apache-2.0 */
/* Other programs that use the same card. */
#include "boundary.h"

#include <stdio.h>
#include <string.h>

static void expect_state(CK_SESSION_HANDLE session, const char *what, CK_STATE state) {
    CK_SESSION_INFO info;
    must("C_GetSessionInfo", p11->C_GetSessionInfo(session, &info));
    expect_number(what, state, info.state);
}

/* The login is lost, which a signature tells; after a new one all is as before. */
static void expect_login_lost(CK_SESSION_HANDLE session, known_key *key, const char *what) {
    expect_rv(what, CKR_USER_NOT_LOGGED_IN, sign_document(session, key->handle, &key->numbers, 1));
    expect_state(session, "C_GetSessionInfo tells", CKS_RW_PUBLIC_SESSION);
    expect("private keys do not show", private_key(session, KEY_AUTHENTICATION) == 0, "they do");
    expect_rv("C_Login", CKR_OK, login(session, pin));
    expect_rv("a signature after the login", CKR_OK, sign_document(session, key->handle, &key->numbers, 2));
    expect_state(session, "C_GetSessionInfo tells", CKS_RW_USER_FUNCTIONS);
}

static void reset_by_another(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("before", CKR_OK, sign_document(session, key.handle, &key.numbers, 0));
    static const char *ways[] = {"reset", "unpower"};
    for (int way = 0; way < 2; way++) {
        expect("the neighbour resets the card", neighbour_does(0, ways[way], ""), "it could not");
        expect_login_lost(session, &key, "a signature after the reset");
        /* An operation that was begun before. */
        CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
        unsigned char signature[256];
        CK_ULONG length = sizeof signature;
        must("C_SignInit", p11->C_SignInit(session, &mechanism, key.handle));
        must("C_SignUpdate", p11->C_SignUpdate(session, (CK_BYTE *)"abc", 3));
        expect("the neighbour resets the card", neighbour_does(0, ways[way], ""), "it could not");
        expect_rv("C_SignFinal after the reset", CKR_USER_NOT_LOGGED_IN, p11->C_SignFinal(session, signature, &length));
        must("C_Login", login(session, pin));
        /* What needs no login goes on without a word. */
        expect("the neighbour resets the card", neighbour_does(0, ways[way], ""), "it could not");
        unsigned char value[4096];
        CK_ULONG size = attribute(session, find_labelled(session, CKO_DATA, "CPS_DATA"), CKA_VALUE, value, sizeof value);
        expect("a public data object after the reset", size <= sizeof value, "not readable");
        expect_rv("random bytes after the reset", CKR_OK, p11->C_GenerateRandom(session, value, 16));
        if (login(session, pin) != CKR_OK) expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));
    }
    stop();
}

static void another_applet(void) {
    start();
    card_kind card = kind_of_card(slot_of_reader(0));
    CK_SESSION_HANDLE session = logged_in(0);
    known_key keys[] = {get_key(session, KEY_AUTHENTICATION), get_key(session, KEY_SIGNATURE)};
    /* The old volet; the root directory; on a CPS4 the applet on the other channel. */
    static const char *cps3[] = {"00A4040C088025000001FF0002", "00A4000C023F00"};
    static const char *cps4[] = {"01A4040C088025000001FF0002", "01A4000C023F00"};
    for (int index = 0; index < 4; index++) {
        const char *command = card == CARD_CPS4 ? cps4[index % 2] : cps3[index % 2];
        expect("the neighbour selects something else", neighbour_does(0, "apdu", command), "it could not");
        known_key *key = &keys[index / 2];
        CK_RV got = sign_document(session, key->handle, &key->numbers, 1);
        expect_one_of("a signature, or a word on the login", got, (CK_RV)CKR_OK, (CK_RV)CKR_USER_NOT_LOGGED_IN, END_OF_CODES);
        note("%s: %s", command, rv_name(got));
        if (got == CKR_USER_NOT_LOGGED_IN) {
            expect_state(session, "C_GetSessionInfo tells", CKS_RW_PUBLIC_SESSION);
            expect_rv("C_Login", CKR_OK, login(session, pin));
            expect_rv("a signature after the login", CKR_OK, sign_document(session, key->handle, &key->numbers, 2));
        }
        expect("the neighbour selects something else", neighbour_does(0, "apdu", command), "it could not");
        unsigned char value[4096];
        CK_ULONG size = attribute(session, find_labelled(session, CKO_DATA, "CPS_DATA"), CKA_VALUE, value, sizeof value);
        expect("a data object", size <= sizeof value, "not readable");
        expect("the neighbour selects something else", neighbour_does(0, "apdu", command), "it could not");
        p11->C_Logout(session);
        expect_rv("C_Login", CKR_OK, login(session, pin));
    }
    if (card == CARD_CPS4) {
        expect("the neighbour leaves the applet", neighbour_does(0, "apdu", "01A4040C088025000001FF0002"), "it could not");
        expect("the neighbour selects the applet on the basic channel", neighbour_does(0, "apdu", "00A4040C088025000001FF0100"), "it could not");
        CK_RV got = sign_document(session, keys[0].handle, &keys[0].numbers, 1);
        note("the applet on the other channel: %s", rv_name(got));
        expect_one_of("a signature, or a word on the login", got, (CK_RV)CKR_OK, (CK_RV)CKR_USER_NOT_LOGGED_IN, END_OF_CODES);
        if (got != CKR_OK) expect_rv("C_Login", CKR_OK, login(session, pin));
        expect_rv("a signature", CKR_OK, sign_document(session, keys[0].handle, &keys[0].numbers, 2));
    }
    expect_number("no try was spent", 3, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
    stop();
}

/* A neighbour's wrong PIN takes our login without any event. */
static void wrong_pin_by_another(void) {
    start();
    card_kind card = kind_of_card(slot_of_reader(0));
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("before", CKR_OK, sign_document(session, key.handle, &key.numbers, 0));
    expect("the neighbour presents a wrong PIN",
           neighbour_does(0, "apdu", card == CARD_CPS4 ? "012000010430303030" : "002000010430303030"), "it could not");
    expect_number("one try was spent", 2, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
    CK_RV got = sign_document(session, key.handle, &key.numbers, 1);
    expect_rv("a signature", CKR_USER_NOT_LOGGED_IN, got);
    expect_number("and no other", 2, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
    if (got == CKR_USER_NOT_LOGGED_IN) {
        expect_state(session, "C_GetSessionInfo tells", CKS_RW_PUBLIC_SESSION);
        expect_rv("C_Login", CKR_OK, login(session, pin));
        expect_rv("a signature after the login", CKR_OK, sign_document(session, key.handle, &key.numbers, 2));
    }
    stop();
}

/* Calls that must not wait for the card that a neighbour holds, for about 2 s or longer. A busy machine delays any
   call, by less. */
static void expect_responsive(CK_SESSION_HANDLE other_session, known_key *other_key) {
    CK_SLOT_INFO info;
    CK_SLOT_ID slots[8];
    unsigned long before = milliseconds_now();
    must("C_GetSlotInfo", p11->C_GetSlotInfo(slot_of_reader(0), &info));
    must("C_GetSlotInfo", p11->C_GetSlotInfo(slot_of_reader(1), &info));
    token_slots(slots, 8);
    expect("C_GetSlotInfo and C_GetSlotList", milliseconds_now() - before < 1000, "took %lu ms", milliseconds_now() - before);
    before = milliseconds_now();
    expect_rv("a signature of the other card", CKR_OK, sign_document(other_session, other_key->handle, &other_key->numbers, 1));
    expect("a signature of the other card", milliseconds_now() - before < 1000, "took %lu ms", milliseconds_now() - before);
}

static void transaction_by_another(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0), other = logged_in(1);
    known_key key = get_key(session, KEY_AUTHENTICATION), other_key = get_key(other, KEY_AUTHENTICATION);

    /* A short one is waited for. */
    neighbour holder = start_neighbour(0, "hold", "2");
    unsigned long before = milliseconds_now();
    expect_responsive(other, &other_key);
    expect_rv("a signature after a short transaction", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    expect("it waited", milliseconds_now() - before >= 1500, "%lu ms", milliseconds_now() - before);
    end_neighbour(holder);

    /* A long one is not. */
    holder = start_neighbour(0, "hold", "9");
    before = milliseconds_now();
    CK_RV got = sign_document(session, key.handle, &key.numbers, 2);
    expect_rv("a signature during a long transaction", CKR_FUNCTION_FAILED, got);
    expect("after about five seconds", milliseconds_now() - before < 7000, "%lu ms", milliseconds_now() - before);
    note("a neighbour's transaction: %s after %lu ms", rv_name(got), milliseconds_now() - before);
    expect_responsive(other, &other_key);
    end_neighbour(holder);
    expect_rv("a signature afterwards: the login still stands", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));

    holder = start_neighbour(0, "hold", "9");
    before = milliseconds_now();
    stop();
    expect("C_Finalize", milliseconds_now() - before < 7000, "took %lu ms", milliseconds_now() - before);
    note("C_Finalize during a neighbour's transaction: %lu ms", milliseconds_now() - before);
    before = milliseconds_now();
    start();
    CK_SLOT_INFO info;
    must("C_GetSlotInfo", p11->C_GetSlotInfo(slot_of_reader(0), &info));
    expect("C_Initialize and C_GetSlotInfo", milliseconds_now() - before < 1000, "took %lu ms", milliseconds_now() - before);
    end_neighbour(holder);
    stop();
}

static void exclusive_neighbour(void) {
    CK_SLOT_INFO info;
    CK_TOKEN_INFO token;
    CK_SESSION_HANDLE session = 0;
    neighbour holder = start_neighbour(0, "exclusive", "6");
    start();
    CK_SLOT_ID slot = slot_of_reader(0);
    unsigned long before = milliseconds_now();
    expect_rv("C_GetSlotInfo", CKR_OK, p11->C_GetSlotInfo(slot, &info));
    expect("the token shows", info.flags & CKF_TOKEN_PRESENT, "it does not");
    CK_RV got = p11->C_GetTokenInfo(slot, &token);
    expect_rv("C_GetTokenInfo", CKR_FUNCTION_FAILED, got);
    got = p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session);
    expect_rv("C_OpenSession", CKR_FUNCTION_FAILED, got);
    expect("without a wait", milliseconds_now() - before < 1000, "%lu ms", milliseconds_now() - before);
    CK_SESSION_HANDLE other = logged_in(1);
    known_key other_key = get_key(other, KEY_AUTHENTICATION);
    expect_responsive(other, &other_key);
    end_neighbour(holder);
    sleep_milliseconds(200);
    session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("a signature once it is gone", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    stop();
}

const promise neighbour_promises[] = {
    {"neighbour-reset-cps3", reset_by_another, {CARD_CPS3, 0}, NULL, 0},
    {"neighbour-reset-cps4", reset_by_another, {CARD_CPS4, 0}, NULL, 0},
    {"neighbour-applet-cps3", another_applet, {CARD_CPS3, 0}, NULL, 0},
    {"neighbour-applet-cps4", another_applet, {CARD_CPS4, 0}, NULL, 0},
    {"neighbour-wrong-pin-cps3", wrong_pin_by_another, {CARD_CPS3, 0}, NULL, 0},
    {"neighbour-wrong-pin-cps4", wrong_pin_by_another, {CARD_CPS4, 0}, NULL, 0},
    {"neighbour-transaction", transaction_by_another, {CARD_CPS3, CARD_CPS4}, NULL, 90},
    {"neighbour-exclusive", exclusive_neighbour, {CARD_CPS4, CARD_CPS3}, NULL, 60},
    {NULL, NULL, {0, 0}, NULL, 0},
};
