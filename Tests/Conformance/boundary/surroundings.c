/* SPDX-License-Identifier: Apache-2.0 */
/* Programs in narrow surroundings: no descriptors left, none of the standard ones,
   signals all the time; and what they find as they left it. */
#include "boundary.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int open_descriptors(void) {
    int count = 0;
    for (int number = 0; number < 256; number++) count += fcntl(number, F_GETFD) >= 0;
    return count;
}

static void expect_to_sign(const char *what, CK_SESSION_HANDLE session) {
    known_key key = get_key(session, KEY_AUTHENTICATION);
    expect_rv(what, CKR_OK, sign_document(session, key.handle, &key.numbers, 1));
}

/* ---- No descriptors left ---- */

static int fillers[256], filler_count;

/* As many as the limit, 16 in all, still allows. */
static void take_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 16;
    setrlimit(RLIMIT_NOFILE, &limit);
    int one;
    while ((one = open("/dev/null", O_RDONLY)) >= 0) fillers[filler_count++] = one;
}

static void give_descriptors_back(int left) {
    while (filler_count > left) close(fillers[--filler_count]);
}

static void no_descriptors(void) {
    int before = open_descriptors();
    take_descriptors();
    CK_ULONG count = 99;
    CK_SESSION_HANDLE other_session = 0;
    expect_rv("C_Initialize without a descriptor", CKR_OK, p11->C_Initialize(NULL));
    expect_rv("C_GetSlotList", CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &count));
    expect_number("slots: pcscd is out of reach", 0, count);
    /* One to ask pcscd whether it answers, one for its readers, one for each card. */
    give_descriptors_back(filler_count - 3);
    CK_SESSION_HANDLE session = logged_in(0);
    expect_to_sign("a signature with three descriptors", session);
    int full = open_descriptors();
    for (int attempt = 0; attempt < 20; attempt++) {
        CK_RV got = p11->C_OpenSession(slot_of_reader(1), CKF_SERIAL_SESSION, NULL, NULL, &other_session);
        expect_rv("C_OpenSession on a second card, without a descriptor", CKR_HOST_MEMORY, got);
    }
    expect_to_sign("the first card signs on", session);
    expect_number("open descriptors after twenty refusals", (unsigned long)full, (unsigned long)open_descriptors());
    give_descriptors_back(0);
    other_session = logged_in(1);
    expect_to_sign("the second card signs when there are descriptors again", other_session);
    stop();
    expect_number("open descriptors after C_Finalize", (unsigned long)before, (unsigned long)open_descriptors());
}

/* With a card its connection goes, whether the program closes its sessions or not. */
static void descriptors_of_cards(void) {
    start();
    int before = 0;
    for (int round = 0; round < 5; round++) {
        CK_SESSION_HANDLE session = logged_in(0);
        expect_to_sign("a signature", session);
        if (round == 0) before = open_descriptors();
        remove_card(0);
        sleep_milliseconds(100);
        CK_SLOT_INFO info;
        must("C_GetSlotInfo", p11->C_GetSlotInfo(slot_of_reader(0), &info));
        expect("an empty slot", (info.flags & CKF_TOKEN_PRESENT) == 0, "it has a token");
        insert_card(0, CARD_CPS4, "");
    }
    expect_to_sign("a signature", logged_in(0));
    expect_number("open descriptors after five cards", (unsigned long)before, (unsigned long)open_descriptors());
    stop();
}

/* ---- No standard descriptors ---- */

static void no_standard_descriptors(void) {
    int saved[3];
    fflush(stdout);
    fflush(stderr);
    for (int number = 0; number < 3; number++) saved[number] = fcntl(number, F_DUPFD_CLOEXEC, 100);
    char cache[600];
    snprintf(cache, sizeof cache, "%s/cache", test_file(""));
    setenv("XDG_CACHE_HOME", cache, 1);
    setenv("CPS_PKCS11_CACHE", "on", 1);
    CK_RV wrong[2] = {0, 0}, signature[2] = {0, 0};
    int left_open = 0;
    for (int round = 0; round < 2; round++) {
        /* From here on nothing may be said: the numbers are pcscd's and the cache's. */
        for (int number = 0; number < 3; number++) close(number);
        CK_SESSION_HANDLE session = 0;
        CK_SLOT_ID slot = 0;
        CK_ULONG count = 1;
        p11->C_Initialize(NULL);
        p11->C_GetSlotList(CK_TRUE, &slot, &count);
        p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
        wrong[round] = login(session, "0000");
        login(session, pin);
        CK_OBJECT_HANDLE key = private_key(session, KEY_AUTHENTICATION);
        public_numbers numbers;
        read_public_numbers(session, public_key_of(session, key), &numbers);
        signature[round] = sign_document(session, key, &numbers, 1);
        p11->C_Finalize(NULL);
        for (int number = 0; number < 3; number++) {
            left_open += fcntl(number, F_GETFD) >= 0;
            dup2(saved[number], number);
        }
    }
    for (int number = 0; number < 3; number++) close(saved[number]);
    for (int round = 0; round < 2; round++) {
        expect_rv("C_Login with a wrong PIN", CKR_PIN_INCORRECT, wrong[round]);
        expect_rv("a signature", CKR_OK, signature[round]);
    }
    expect_number("descriptors 0 to 2 left open after C_Finalize", 0, (unsigned long)left_open);
    expect_number("tries left", 3, (unsigned long)state_number(test_file("state0"), "pinTriesLeft"));
}

/* ---- Signals all the time ---- */

static volatile sig_atomic_t interruptions;

static void interrupted(int number) {
    (void)number;
    interruptions++;
}

/* A signal every millisecond whose handler does not restart what it interrupts. */
static timer_t start_interrupting(void) {
    struct sigaction action = {.sa_handler = interrupted};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    sigaction(SIGUSR1, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &often, NULL) != 0)
        give_up("no timer: %s", strerror(errno));
    return timer;
}

static void let_interrupt(bool on) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(on ? SIG_UNBLOCK : SIG_BLOCK, &signals, NULL);
}

static void *wait_for_the_other_card(void *argument) {
    let_interrupt(true);
    CK_SLOT_ID slot = 99;
    *(CK_RV *)argument = p11->C_WaitForSlotEvent(0, &slot, NULL);
    return NULL;
}

static void interrupted_all_the_time(void) {
    timer_t timer = start_interrupting();
    start();
    CK_SESSION_HANDLE session = logged_in(0);
    known_key key = get_key(session, KEY_AUTHENTICATION);
    for (unsigned round = 0; round < 10; round++)
        expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, round));
    unsigned char value[4096];
    CK_ULONG size = attribute(session, find_labelled(session, CKO_DATA, "CPS_ACTIVITY_03_PS"), CKA_VALUE, value, sizeof value);
    expect("private data", size <= sizeof value, "not readable");
    expect("there were signals", interruptions > 100, "%d", (int)interruptions);

    /* A neighbour is waited for as long as ever. */
    let_interrupt(false);
    neighbour holder = start_neighbour(0, "hold", "9");
    let_interrupt(true);
    unsigned long before = milliseconds_now();
    expect_rv("a signature during a long transaction", CKR_FUNCTION_FAILED, sign_document(session, key.handle, &key.numbers, 2));
    unsigned long took = milliseconds_now() - before;
    expect("after about five seconds", took > 4000 && took < 7000, "%lu ms", took);
    let_interrupt(false);
    end_neighbour(holder);

    CK_RV waited = CKR_GENERAL_ERROR;
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_the_other_card, &waited);
    sleep_milliseconds(500);
    insert_card(1, CARD_CPS4, "");
    pthread_join(thread, NULL);
    expect_rv("C_WaitForSlotEvent", CKR_OK, waited);
    let_interrupt(true);
    expect_rv("a signature", CKR_OK, sign_document(session, key.handle, &key.numbers, 3));
    must("C_Logout", p11->C_Logout(session));
    stop();
    timer_delete(timer);
}

/* ---- What belongs to the whole process ---- */

typedef struct {
    void (*handlers[65])(int);
    sigset_t blocked;
    mode_t mask;
    char folder[4096], locale[256];
    unsigned long environment;
} process_state;

static process_state note_process(void) {
    process_state state;
    memset(&state, 0, sizeof state);
    for (int number = 1; number <= 64; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0) state.handlers[number] = action.sa_handler;
    }
    pthread_sigmask(SIG_SETMASK, NULL, &state.blocked);
    state.mask = umask(0);
    umask(state.mask);
    if (getcwd(state.folder, sizeof state.folder) == NULL) give_up("no working folder");
    snprintf(state.locale, sizeof state.locale, "%s", setlocale(LC_ALL, NULL));
    for (char **entry = environ; *entry != NULL; entry++)
        for (const char *letter = *entry; *letter != 0; letter++)
            state.environment = state.environment * 31 + (unsigned char)*letter;
    return state;
}

static void expect_same_process(const char *when, const process_state *before) {
    process_state now = note_process();
    for (int number = 1; number <= 64; number++)
        expect(when, now.handlers[number] == before->handlers[number], "another handler of signal %d", number);
    expect(when, memcmp(&now.blocked, &before->blocked, sizeof now.blocked) == 0, "other signals are blocked");
    expect(when, now.mask == before->mask, "umask is %03o", (unsigned)now.mask);
    expect(when, strcmp(now.folder, before->folder) == 0, "the working folder is %s", now.folder);
    expect(when, strcmp(now.locale, before->locale) == 0, "the locale is %s", now.locale);
    expect(when, now.environment == before->environment, "the environment is another");
}

static void leaves_the_process_alone(void) {
    char folder[600];
    snprintf(folder, sizeof folder, "%s/cache", test_file(""));
    setenv("XDG_CACHE_HOME", folder, 1);
    setenv("CPS_PKCS11_CACHE", "on", 1);
    umask(022);
    process_state before = note_process();
    start();
    expect_same_process("after C_Initialize", &before);
    CK_SESSION_HANDLE session = logged_in(0);
    expect_same_process("after C_Login", &before);
    expect_to_sign("a signature", session);
    expect_same_process("after a signature", &before);
    expect_rv("C_Logout", CKR_OK, p11->C_Logout(session));
    stop();
    expect_same_process("after C_Finalize", &before);
}

const promise surrounding_promises[] = {
    {"no-descriptors", no_descriptors, {CARD_CPS3, CARD_CPS4}, NULL, 60},
    {"descriptors-of-cards", descriptors_of_cards, {CARD_CPS4, 0}, NULL, 60},
    {"no-standard-descriptors", no_standard_descriptors, {CARD_CPS3, 0}, NULL, 60},
    {"interrupted-all-the-time", interrupted_all_the_time, {CARD_CPS3, 0}, "--latency 5,30,100", 90},
    {"leaves-the-process-alone", leaves_the_process_alone, {CARD_CPS3, 0}, NULL, 0},
    {NULL, NULL, {0, 0}, NULL, 0},
};
