/* SPDX-License-Identifier: Apache-2.0 */
/* Forks, unloading, and the end of the process. */
#include "boundary.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* in_child: runs a function in a forked child; its exit code, -1 if it was killed,
   -2 if it did not end in time. */
static int in_child(int (*body)(void), unsigned seconds) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(0);
        _exit(body());
    }
    int status = 0;
    for (unsigned round = 0; round < seconds * 50; round++) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        sleep_milliseconds(20);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -2;
}

static int child_reader;
static CK_SESSION_HANDLE parents_session;

/* 0 if all is as it should be, else the step that was not. */
static int child_uses_card(void) {
    CK_INFO info;
    CK_SESSION_INFO session_info;
    if (p11->C_GetInfo(&info) != CKR_CRYPTOKI_NOT_INITIALIZED) return 11;
    if (p11->C_GetSessionInfo(parents_session, &session_info) != CKR_CRYPTOKI_NOT_INITIALIZED) return 12;
    if (p11->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) return 13;
    if (p11->C_Initialize(NULL) != CKR_OK) return 14;
    CK_SLOT_ID slot = slot_of_reader(child_reader);
    CK_SESSION_HANDLE session = 0;
    if (p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK) return 15;
    CK_RV got = login(session, pin);
    if (got != CKR_OK) {
        fprintf(stderr, "child: C_Login %s\n", rv_name(got));
        return 16;
    }
    known_key key = get_key(session, KEY_AUTHENTICATION);
    got = sign_document(session, key.handle, &key.numbers, 7);
    if (got != CKR_OK) {
        fprintf(stderr, "child: signature %s\n", rv_name(got));
        return 17;
    }
    return p11->C_Finalize(NULL) == CKR_OK ? 0 : 18;
}

static int child_only_asks(void) {
    CK_INFO info;
    return p11->C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}

static int grandchild_uses_card(void) {
    if (p11->C_Initialize(NULL) != CKR_OK) return 1;
    CK_SLOT_ID slots[8];
    token_slots(slots, 8);
    int result = in_child(child_uses_card, 20);
    return p11->C_Finalize(NULL) == CKR_OK ? result : 2;
}

static void forks(void) {
    start();
    CK_SESSION_HANDLE session = parents_session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("before", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    expect_number("a child that only asks", 0, (unsigned long)in_child(child_only_asks, 10));
    expect_rv("the parent signs on", CKR_OK, sign_document(session, key.handle, &key.numbers, 2));
    child_reader = 1;
    expect_number("a child that uses the other card", 0, (unsigned long)in_child(child_uses_card, 20));
    expect_rv("the parent signs on", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));
    child_reader = 0;
    expect_number("a child that uses the same card", 0, (unsigned long)in_child(child_uses_card, 20));
    /* One card knows one PIN state: the child's end may have taken it away. */
    CK_RV got = sign_document(session, key.handle, &key.numbers, 4);
    expect_one_of("the parent signs on, or is told to log in", got, (CK_RV)CKR_OK, (CK_RV)CKR_USER_NOT_LOGGED_IN, END_OF_CODES);
    if (got != CKR_OK) must("C_Login", login(session, pin));
    expect_rv("the parent signs", CKR_OK, sign_document(session, key.handle, &key.numbers, 5));
    child_reader = 1;
    expect_number("a grandchild", 0, (unsigned long)in_child(grandchild_uses_card, 40));
    expect_rv("the parent signs on", CKR_OK, sign_document(session, key.handle, &key.numbers, 6));
    stop();
}

static volatile bool signing_ends;
static CK_RV signing_result;

static void *sign_all_the_time(void *argument) {
    (void)argument;
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    unsigned number = 0;
    while (!signing_ends && signing_result == CKR_OK) signing_result = sign_document(session, key.handle, &key.numbers, number++);
    return NULL;
}

static void forks_while_signing(void) {
    pthread_t thread;
    start();
    child_reader = 1;
    pthread_create(&thread, NULL, sign_all_the_time, NULL);
    sleep_milliseconds(700);
    for (int round = 0; round < 6; round++) {
        expect_number("a child, forked while a thread signs", 0, (unsigned long)in_child(round % 2 ? child_only_asks : child_uses_card, 20));
        sleep_milliseconds(137);
    }
    signing_ends = true;
    pthread_join(thread, NULL);
    expect_rv("the thread signed on", CKR_OK, signing_result);
    stop();
}

/* ---- Unloading and the end ---- */

static void use_a_little(void) {
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
}

static void unloads(void) {
    char path[4096];
    Dl_info information;
    dladdr((void *)p11->C_Initialize, &information);
    snprintf(path, sizeof path, "%s", information.dli_fname);
    for (int round = 0; round < 20; round++) {
        start();
        if (round % 5 == 0) use_a_little();
        stop();
        expect_number("dlclose", 0, (unsigned long)dlclose(module_handle));
        load_module(path);
    }
    start();
    use_a_little();
    /* Without C_Finalize. */
    expect_number("dlclose", 0, (unsigned long)dlclose(module_handle));
}

static void *wait_for_ever(void *argument) {
    CK_SLOT_ID slot;
    (void)argument;
    for (;;) p11->C_WaitForSlotEvent(0, &slot, NULL);
    return NULL;
}

static void exits_in_the_middle(void) {
    pthread_t threads[2];
    start();
    use_a_little();
    must("C_CloseAllSessions", p11->C_CloseAllSessions(slot_of_reader(0)));
    pthread_create(&threads[0], NULL, wait_for_ever, NULL);
    pthread_create(&threads[1], NULL, sign_all_the_time, NULL);
    sleep_milliseconds(300);
    /* The program ends here, with both threads inside the library. */
}

static void finalize_at_exit(void) {
    if (p11->C_Finalize(NULL) != CKR_OK) _exit(77);
}

static void finalizes_at_exit(void) {
    atexit(finalize_at_exit);
    start();
    use_a_little();
}

/* A child that ends is not its parent: the card is left alone. */
static int child_ends(void) {
    fflush(stdout);
    exit(0);
}

static void child_ends_by_exit(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("before", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    expect_number("the child", 0, (unsigned long)in_child(child_ends, 10));
    expect_rv("the parent is logged in as before", CKR_OK, sign_document(session, key.handle, &key.numbers, 2));
    stop();
}

/* A handler that ends the program in the middle of a call: on the very thread that
   holds the library's locks. */
static void end_now(int number) {
    (void)number;
    exit(42);
}

static int child_is_told_to_end(void) {
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    signal(SIGALRM, end_now);
    alarm(1);
    for (unsigned number = 0; number < 1000; number++) sign_document(session, key.handle, &key.numbers, number);
    return 1;
}

static void exits_in_a_signal_handler(void) {
    unsigned long before = milliseconds_now();
    expect_number("the program ends as its handler says", 42, (unsigned long)in_child(child_is_told_to_end, 20));
    expect("at once", milliseconds_now() - before < 5000, "after %lu ms", milliseconds_now() - before);
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("the next program signs", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    stop();
}

const promise process_promises[] = {
    {"fork", forks, {CARD_CPS3, CARD_CPS4}, NULL, 120},
    {"fork-while-signing", forks_while_signing, {CARD_CPS3, CARD_CPS4}, "--latency 2,20,150", 120},
    {"unload", unloads, {CARD_CPS4, 0}, NULL, 60},
    {"exit-in-the-middle", exits_in_the_middle, {CARD_CPS3, 0}, "--latency 2,20,300", 0},
    {"exit-of-a-child", child_ends_by_exit, {CARD_CPS4, 0}, NULL, 0},
    {"exit-in-a-signal-handler", exits_in_a_signal_handler, {CARD_CPS3, 0}, "--latency 2,20,500", 0},
    {"finalize-at-exit", finalizes_at_exit, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
