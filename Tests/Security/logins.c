/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many programs that log in to one card, sign, and end in every way.
 *
 *   logins MODULE PIN PROGRAMS SECONDS
 *
 * A program that has ended is replaced until the time is over. Each logs in, signs, and logs
 * out, closes its session, finalizes, exits, ends by _exit or by a kill -9 between two calls,
 * some with a forked child that outlives them and calls nothing. Nobody resets the card but
 * the library: so a login that stands never fails to sign. Another program's transaction that
 * takes too long (CKR_FUNCTION_FAILED) is counted apart. At the end one program looks, as any
 * that runs would. The last line is "N signatures, N busy, N failed, N programs".
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

static struct counts {
    int signatures, busy, failed, programs;
} *counts;

static CK_FUNCTION_LIST_PTR p11;

/* Whether the call worked; what did not is told, unless others kept the card for too long. */
static int worked(const char *call, CK_RV code) {
    if (code == CKR_OK) return 1;
    if (code == CKR_FUNCTION_FAILED) {
        __atomic_fetch_add(&counts->busy, 1, __ATOMIC_RELAXED);
    } else {
        __atomic_fetch_add(&counts->failed, 1, __ATOMIC_RELAXED);
        fprintf(stderr, "%s: 0x%lX\n", call, code);
    }
    return 0;
}

static int sign(CK_SESSION_HANDLE session) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE keys[2];
    CK_ULONG found = 0, length;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    unsigned char data[32] = {1}, signature[512];
    if (!worked("C_FindObjectsInit", p11->C_FindObjectsInit(session, &template, 1))) return 0;
    if (!worked("C_FindObjects", p11->C_FindObjects(session, keys, 2, &found))) return 0;
    p11->C_FindObjectsFinal(session);
    if (found == 0) return worked("no key", CKR_GENERAL_ERROR);
    length = sizeof signature;
    if (!worked("C_SignInit", p11->C_SignInit(session, &mechanism, keys[(unsigned)rand() % found]))) return 0;
    if (!worked("C_Sign", p11->C_Sign(session, data, sizeof data, signature, &length))) return 0;
    __atomic_fetch_add(&counts->signatures, 1, __ATOMIC_RELAXED);
    return 1;
}

/* It holds its parent's connections to pcscd, which serves 200 at most: not for long. */
static void fork_sleeper(void) {
    if (fork() != 0) return;
    usleep(100000 + (unsigned)rand() % 400000);
    _exit(0);
}

/* A pcscd that 40 programs call at once keeps some of them waiting. */
static void wait_for_slot(void) {
    CK_ULONG found = 0;
    for (int i = 0; i < 300 && found == 0; i++) {
        if (p11->C_GetSlotList(CK_TRUE, NULL, &found) != CKR_OK) return;
        if (found == 0) usleep(100000);
    }
}

/* One program's life. */
static void run(const char *pin, time_t end) {
    CK_SESSION_HANDLE session = 0;
    srand((unsigned)getpid());
    if (!worked("C_Initialize", p11->C_Initialize(NULL))) _exit(1);
    wait_for_slot();
    while (time(NULL) < end) {
        if (!worked("C_OpenSession", p11->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session))) break;
        if (!worked("C_Login", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)))) break;
        for (int i = rand() % 3; i >= 0; i--) {
            if (!sign(session)) break;
        }
        switch (rand() % 8) {
        case 0: raise(SIGKILL); break;
        case 1: _exit(0);
        case 2: exit(0);
        case 3:
            fork_sleeper();
            raise(SIGKILL);
            break;
        case 4: worked("C_Finalize", p11->C_Finalize(NULL)); exit(0);
        case 5: worked("C_Logout", p11->C_Logout(session)); break;
        case 6: fork_sleeper(); break;
        }
        if (!worked("C_CloseSession", p11->C_CloseSession(session))) break;
    }
    exit(0);
}

static void start(const char *pin, time_t end) {
    pid_t child = fork();
    if (child != 0) return;
    __atomic_fetch_add(&counts->programs, 1, __ATOMIC_RELAXED);
    run(pin, end);
}

/* What a program does that was connected all the time. */
static int look(void) {
    CK_SESSION_HANDLE session;
    CK_SLOT_INFO info;
    if (!worked("C_Initialize", p11->C_Initialize(NULL))) return 0;
    wait_for_slot();
    if (!worked("C_OpenSession", p11->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session))) return 0;
    usleep(500000);
    worked("C_GetSlotInfo", p11->C_GetSlotInfo(0, &info));
    worked("C_Finalize", p11->C_Finalize(NULL));
    return 1;
}

int main(int count, char **words) {
    if (count != 5) return 2;
    void *module = dlopen(words[1], RTLD_NOW);
    CK_C_GetFunctionList get = NULL;
    if (module) *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get || get(&p11) != CKR_OK) return 2;
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED) return 2;
    int running = atoi(words[3]);
    time_t end = time(NULL) + atoi(words[4]);
    for (int i = 0; i < running; i++) start(words[2], end);
    while (running > 0 && wait(NULL) > 0) {
        if (time(NULL) < end) start(words[2], end);
        else running--;
    }
    look();
    printf("%d signatures, %d busy, %d failed, %d programs\n", counts->signatures, counts->busy, counts->failed,
           counts->programs);
    return counts->failed == 0 && counts->signatures > 0 ? 0 : 1;
}
