/* SPDX-License-Identifier: Apache-2.0 */
/* Forks, unloading, and the end of the process. */
#include "boundary.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two ways to make a child that run no handler of pthread_atfork. */
static pid_t raw_clone(void) { return (pid_t)syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, NULL); }

/* in_child_made: runs a function in a child that `make` makes; its exit code, -1 if it
   was killed, -2 if it did not end in time. */
static int in_child_made(pid_t (*make)(void), int (*body)(void), unsigned seconds) {
    fflush(stdout);
    pid_t child = make();
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

static int in_child(int (*body)(void), unsigned seconds) { return in_child_made(fork, body, seconds); }

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

/* A child that ends is not its parent: the card is left alone. */
static int child_ends(void) {
    fflush(stdout);
    exit(0);
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

/* ---- Several threads in the child ---- */

static volatile bool asking_ends;

/* Two threads meet at the library's locks all the time: of the slots, of a token, of a
   session that both use. */
static void ask_all_the_time(CK_SESSION_HANDLE session) {
    while (!asking_ends) {
        CK_SLOT_ID slots[8];
        CK_ULONG count = 8;
        unsigned char random[8];
        CK_SESSION_INFO info;
        p11->C_GetSlotList(CK_TRUE, slots, &count);
        p11->C_GetSessionInfo(session, &info);
        p11->C_GenerateRandom(session, random, sizeof random);
    }
}

static void *ask_in_a_thread(void *session) {
    ask_all_the_time(*(CK_SESSION_HANDLE *)session);
    return NULL;
}

static int child_has_two_threads(void) {
    if (p11->C_Initialize(NULL) != CKR_OK) return 21;
    CK_SESSION_HANDLE session = 0;
    if (p11->C_OpenSession(slot_of_reader(0), CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK) return 22;
    if (login(session, pin) != CKR_OK) return 23;
    known_key key = get_key(session, KEY_AUTHENTICATION);
    pthread_t threads[2];
    for (int index = 0; index < 2; index++) pthread_create(&threads[index], NULL, ask_in_a_thread, &session);
    CK_RV got = CKR_OK;
    /* The thread that was in fork() is one of those that meet. */
    for (unsigned number = 0; number < 8 && got == CKR_OK; number++) {
        CK_SLOT_ID slots[8];
        for (int round = 0; round < 50; round++) {
            CK_ULONG count = 8;
            CK_SESSION_INFO info;
            p11->C_GetSlotList(CK_TRUE, slots, &count);
            p11->C_GetSessionInfo(session, &info);
        }
        got = sign_document(session, key.handle, &key.numbers, number);
    }
    asking_ends = true;
    for (int index = 0; index < 2; index++) pthread_join(threads[index], NULL);
    if (got != CKR_OK) return 24;
    return p11->C_Finalize(NULL) == CKR_OK ? 0 : 25;
}

/* What daemon(3) does: the parent of the one that works is gone. */
static int daemon_has_two_threads(void) {
    setsid();
    return in_child(child_has_two_threads, 30);
}

static void forks_then_threads(void) {
    start();
    logged_in(0);
    must("C_CloseAllSessions", p11->C_CloseAllSessions(slot_of_reader(0)));
    expect_number("two threads in a child of one that uses the library", 0, (unsigned long)in_child(child_has_two_threads, 30));
    expect_number("two threads in a daemon", 0, (unsigned long)in_child(daemon_has_two_threads, 40));
    stop();
    expect_number("two threads in a child of one that used it", 0, (unsigned long)in_child(child_has_two_threads, 30));
}

/* What the library makes when it is first used is made once, also where two threads of
   a child want it in the same moment. */
static atomic_int at_first_use;

static void *use_for_the_first_time(void *argument) {
    CK_ULONG count = 0;
    __typeof__(&C_GetInterfaceList) list = (__typeof__(&C_GetInterfaceList))module_symbol("C_GetInterfaceList");
    /* Not a barrier: its threads come back one after the other. */
    atomic_fetch_add(&at_first_use, 1);
    while (atomic_load(&at_first_use) < 2) {}
    for (volatile unsigned wait = *(unsigned *)argument; wait > 0; wait--) {}
    return list(NULL, &count) == CKR_OK && count > 0 ? NULL : argument;
}

static unsigned first_use_delay;

static int child_uses_for_the_first_time(void) {
    static unsigned none = 0;
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, use_for_the_first_time, &none);
    int failed = use_for_the_first_time(&first_use_delay) != NULL;
    pthread_join(thread, &result);
    return failed + (result != NULL);
}

static void fork_then_first_use(void) {
    start();
    for (unsigned round = 0; round < 300; round++) {
        first_use_delay = round % 200;
        if (in_child(child_uses_for_the_first_time, 20) != 0) {
            expect("both threads come back", false, "not in round %u", round);
            break;
        }
    }
    count_passed();
    stop();
}

/* ---- Children that no handler tells of ---- */

static void child_without_handlers(pid_t (*make)(void)) {
    start();
    CK_SESSION_HANDLE session = parents_session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv("before", CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
    expect_number("it knows that it is new", 0, (unsigned long)in_child_made(make, child_only_asks, 10));
    expect_number("its end", 0, (unsigned long)in_child_made(make, child_ends, 10));
    expect_rv("the parent is logged in as before", CKR_OK, sign_document(session, key.handle, &key.numbers, 2));
    child_reader = 1;
    expect_number("it uses the other card", 0, (unsigned long)in_child_made(make, child_uses_card, 20));
    expect_rv("the parent signs on", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));
    stop();
}

static void child_by_underscore_fork(void) { child_without_handlers(_Fork); }

static void child_by_clone(void) { child_without_handlers(raw_clone); }

/* A kernel that knows no MADV_WIPEONFORK. */
static void refuse_wiping(void) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_WIPEONFORK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        give_up("no seccomp: %s", strerror(errno));
    void *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    expect("no page is emptied", madvise(page, 1, MADV_WIPEONFORK) != 0, "it is");
}

static void fork_without_wiping(void) {
    refuse_wiping();
    child_without_handlers(fork);
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

/* ---- Cancelled threads ---- */

static void *list_slots_for_ever(void *argument) {
    (void)argument;
    for (;;) {
        CK_SLOT_ID slots[8];
        CK_ULONG count = 8;
        p11->C_GetSlotList(CK_TRUE, slots, &count);
        pthread_testcancel();
    }
    return NULL;
}

static void *wait_once(void *result) {
    CK_SLOT_ID slot;
    *(CK_RV *)result = p11->C_WaitForSlotEvent(0, &slot, NULL);
    return NULL;
}

static void *wait_uncancelled(void *result) {
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    wait_once(result);
    pthread_setcancelstate(before, &before);
    return NULL;
}

/* Cancelled while it may be anywhere in the library. */
static void cancel_after(unsigned delay, void *(*body)(void *), void *argument) {
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, body, argument);
    sleep_milliseconds(delay);
    pthread_cancel(thread);
    unsigned long before = milliseconds_now();
    pthread_join(thread, &result);
    expect("it ends as a cancelled thread", result == PTHREAD_CANCELED, "it returned");
    expect("soon", milliseconds_now() - before < 3000, "after %lu ms", milliseconds_now() - before);
}

static void cancelled_threads(void) {
    pthread_t thread;
    CK_RV got = CKR_OK;
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    for (unsigned round = 0; round < 40; round++) {
        cancel_after(round % 7, list_slots_for_ever, NULL);
        expect_rv("the others go on", CKR_OK, sign_document(session, key.handle, &key.numbers, round));
    }
    cancel_after(300, wait_once, &got);
    expect_rv("after a cancelled wait", CKR_OK, sign_document(session, key.handle, &key.numbers, 100));
    /* A thread that does not want to be cancelled is not, in a wait either. */
    pthread_create(&thread, NULL, wait_uncancelled, &got);
    sleep_milliseconds(300);
    pthread_cancel(thread);
    sleep_milliseconds(1500);
    stop();
    pthread_join(thread, NULL);
    expect_rv("the wait ends with C_Finalize", CKR_CRYPTOKI_NOT_INITIALIZED, got);
    /* The library puts back what the caller had. */
    int state = -1;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    expect_number("the caller's setting", PTHREAD_CANCEL_ENABLE, (unsigned long)state);
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
    {"fork-then-threads", forks_then_threads, {CARD_CPS4, 0}, NULL, 120},
    {"child-by-_Fork", child_by_underscore_fork, {CARD_CPS3, CARD_CPS4}, NULL, 60},
    {"fork-then-first-use", fork_then_first_use, {0, 0}, NULL, 120},
    {"fork-without-wiping", fork_without_wiping, {CARD_CPS3, CARD_CPS4}, NULL, 60},
    {"child-by-clone", child_by_clone, {CARD_CPS3, CARD_CPS4}, NULL, 60},
    {"cancelled-threads", cancelled_threads, {CARD_CPS4, 0}, NULL, 120},
    {"fork-while-signing", forks_while_signing, {CARD_CPS3, CARD_CPS4}, "--latency 2,20,150", 120},
    {"unload", unloads, {CARD_CPS4, 0}, NULL, 60},
    {"exit-in-the-middle", exits_in_the_middle, {CARD_CPS3, 0}, "--latency 2,20,300", 0},
    {"exit-of-a-child", child_ends_by_exit, {CARD_CPS4, 0}, NULL, 0},
    {"exit-in-a-signal-handler", exits_in_a_signal_handler, {CARD_CPS3, 0}, "--latency 2,20,500", 0},
    {"finalize-at-exit", finalizes_at_exit, {CARD_CPS4, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
