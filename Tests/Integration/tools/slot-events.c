/* SPDX-License-Identifier: Apache-2.0 */
// What a blocking C_WaitForSlotEvent costs, when it returns, and how fast C_Finalize
// ends it.
//
//   slot-events MODULE idle SECONDS   nothing happens. Prints `processor MILLISECONDS`,
//                                     of all threads, then `finalize MILLISECONDS`: how
//                                     long after the call of C_Finalize the wait ended
//   slot-events MODULE event          says `waiting`, and prints `event MILLISECONDS`,
//                                     by the system's clock, when one comes
//   slot-events MODULE rounds COUNT   finalizes after 0, 1, 2 ... milliseconds. Prints
//                                     `finalize MILLISECONDS`: what nine of ten kept;
//                                     and `longest MILLISECONDS`
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static CK_FUNCTION_LIST_PTR p11;

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void require(CK_RV wanted, CK_RV got, const char *what) {
    if (got == wanted) return;
    fprintf(stderr, "%s: 0x%lx, expected 0x%lx\n", what, got, wanted);
    exit(1);
}

static void initialize(void) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_ULONG count = 0;
    require(CKR_OK, p11->C_Initialize(&arguments), "C_Initialize");
    require(CKR_OK, p11->C_GetSlotList(CK_FALSE, NULL, &count), "C_GetSlotList");
    // What has been there before is no event.
    CK_SLOT_ID slot;
    while (p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL) == CKR_OK) continue;
}

struct wait {
    CK_RV code;
    double end;
};

static void *wait_for_event(void *place) {
    struct wait *wait = place;
    CK_SLOT_ID slot;
    wait->code = p11->C_WaitForSlotEvent(0, &slot, NULL);
    wait->end = now(CLOCK_MONOTONIC);
    return NULL;
}

// Waits on another thread until C_Finalize after so many microseconds; how long that took.
static double finalize_after(useconds_t microseconds) {
    pthread_t thread;
    struct wait wait;
    if (pthread_create(&thread, NULL, wait_for_event, &wait) != 0) exit(1);
    usleep(microseconds);
    double start = now(CLOCK_MONOTONIC);
    require(CKR_OK, p11->C_Finalize(NULL), "C_Finalize");
    pthread_join(thread, NULL);
    require(CKR_CRYPTOKI_NOT_INITIALIZED, wait.code, "C_WaitForSlotEvent");
    return wait.end > start ? wait.end - start : 0;
}

static int by_size(const void *one, const void *other) {
    const double *first = one, *second = other;
    return (*first > *second) - (*first < *second);
}

static double processor_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

int main(int count, char **words) {
    if (count < 3) return 2;
    void *module = dlopen(words[1], RTLD_NOW);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    CK_C_GetFunctionList get = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get || get(&p11) != CKR_OK || !p11) return 1;
    if (strcmp(words[2], "idle") == 0 && count == 4) {
        initialize();
        double before = processor_time();
        double finalize = finalize_after((useconds_t)atoi(words[3]) * 1000000);
        printf("processor %.0f\nfinalize %.0f\n", processor_time() - before, finalize);
    } else if (strcmp(words[2], "event") == 0) {
        initialize();
        printf("waiting\n");
        fflush(stdout);
        CK_SLOT_ID slot;
        require(CKR_OK, p11->C_WaitForSlotEvent(0, &slot, NULL), "C_WaitForSlotEvent");
        printf("event %.0f\n", now(CLOCK_REALTIME));
        require(CKR_OK, p11->C_Finalize(NULL), "C_Finalize");
    } else if (strcmp(words[2], "rounds") == 0 && count == 4) {
        int rounds = atoi(words[3]);
        double *times = calloc((size_t)rounds + 1, sizeof *times);
        if (!times || rounds < 1) return 1;
        for (int round = 0; round < rounds; round++) {
            initialize();
            times[round] = finalize_after((useconds_t)round * 1000);
        }
        qsort(times, (size_t)rounds, sizeof *times, by_size);
        printf("finalize %.0f\nlongest %.0f\n", times[rounds * 9 / 10], times[rounds - 1]);
        free(times);
    } else {
        return 2;
    }
    return 0;
}
