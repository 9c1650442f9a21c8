/* SPDX-License-Identifier: Apache-2.0 */
// A PKCS#11 program with two threads: one is caught in a call to a reader whose driver does
// not come back, the other one goes on with everything else.
//
//   stuck MODULE STUCK-SLOT OTHER-SLOT FILE sign|connect
//
// As long as FILE is there, the driver of the one slot answers nothing. `sign` lets it get
// stuck in a signature, `connect` in the first connection to the card. Prints how long each
// call of the other thread took, and fails if one took more than half a second, a
// signature more than five.
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR p11;
static CK_SLOT_ID stuck_slot, other_slot;
static const char *file;
static int failures;

static void require(const char *what, CK_RV code) {
    if (code == CKR_OK) return;
    printf("%s: 0x%lX\n", what, code);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#define TIMED(limit, call) \
    do { \
        double start = now(); \
        CK_RV code = (call); \
        double took = now() - start; \
        int good = code == CKR_OK && took <= (limit); \
        printf("%s %4.0f ms 0x%lX %s\n", good ? "ok  " : "FAIL", took * 1000, code, #call); \
        if (!good) failures++; \
    } while (0)

static CK_SESSION_HANDLE open_session(CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = 0;
    require("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    return session;
}

static CK_OBJECT_HANDLE log_in(CK_SESSION_HANDLE session) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_UTF8CHAR label[] = "CPS_PRIV_AUT";
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, sizeof label - 1}};
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG count = 0;
    require("C_Login", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)"1234", 4));
    require("C_FindObjectsInit", p11->C_FindObjectsInit(session, template, 2));
    require("C_FindObjects", p11->C_FindObjects(session, &key, 1, &count));
    require("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
    return key;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    CK_BYTE data[] = {1, 2, 3}, signature[512];
    CK_ULONG length = sizeof signature;
    CK_RV code = p11->C_SignInit(session, &mechanism, key);
    return code == CKR_OK ? p11->C_Sign(session, data, sizeof data, signature, &length) : code;
}

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;
static atomic_bool is_back;

static void *get_stuck(void *how) {
    CK_TOKEN_INFO info;
    CK_RV code = strcmp(how, "sign") == 0 ? sign(session, key) : p11->C_GetTokenInfo(stuck_slot, &info);
    is_back = true;
    printf("the stuck call came back with 0x%lX\n", code);
    return NULL;
}

int main(int count, char **words) {
    if (count != 6) return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    stuck_slot = strtoul(words[2], NULL, 0);
    other_slot = strtoul(words[3], NULL, 0);
    file = words[4];
    void *module = dlopen(words[1], RTLD_NOW);
    if (!module) return puts(dlerror()), 1;
    CK_C_GetFunctionList get = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_ULONG slots = 0;
    CK_SLOT_INFO info;
    CK_SESSION_INFO state;
    require("C_GetFunctionList", get(&p11));
    require("C_Initialize", p11->C_Initialize(&arguments));
    require("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &slots));
    CK_SESSION_HANDLE other = open_session(other_slot);
    CK_OBJECT_HANDLE other_key = log_in(other);
    if (strcmp(words[5], "sign") == 0) {
        session = open_session(stuck_slot);
        key = log_in(session);
    }
    close(open(file, O_CREAT | O_WRONLY, 0600));
    pthread_t thread;
    pthread_create(&thread, NULL, get_stuck, words[5]);
    usleep(700000);
    for (int round = 0; round < 3; round++) {
        TIMED(0.5, p11->C_GetSlotList(CK_TRUE, NULL, &slots));
        TIMED(0.5, p11->C_GetSlotInfo(stuck_slot, &info));
        TIMED(0.5, p11->C_GetSlotInfo(other_slot, &info));
        if (session) TIMED(0.5, p11->C_GetSessionInfo(session, &state));
        TIMED(0.5, p11->C_GetSessionInfo(other, &state));
        TIMED(5, sign(other, other_key));
    }
    if (is_back) {
        puts("FAIL nothing was stuck");
        failures++;
    }
    unlink(file);
    pthread_join(thread, NULL);
    TIMED(5, p11->C_Finalize(NULL));
    return failures ? 1 : 0;
}
