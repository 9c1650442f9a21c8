/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether memory grows with logins, signatures and logouts. (In ten thousands of them,
 * without a reader between: LeakTests.)
 *
 *   leaks MODULE PIN CYCLES
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/conformance.h"

/* What is in memory, and what of the heap is in use; in bytes. */
typedef struct {
    long resident, allocated;
} memory;

static memory measure(void) {
    long size, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &size, &resident) != 2) give_up("no /proc/self/statm");
    fclose(file);
    return (memory){resident * sysconf(_SC_PAGESIZE), (long)mallinfo2().uordblks};
}

static void cycle(const char *pin, bool anew) {
    if (anew) must("C_Initialize", p11->C_Initialize(NULL));
    CK_SESSION_HANDLE session = open_session(first_token(), 0);
    must("C_Login", login(session, pin));
    static const key_role roles[] = {KEY_SIGNATURE, KEY_AUTHENTICATION};
    for (int index = 0; index < 2; index++) {
        CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
        unsigned char signature[256];
        CK_ULONG length = sizeof signature;
        must("C_SignInit", p11->C_SignInit(session, &mechanism, private_key(session, roles[index])));
        must("C_Sign", p11->C_Sign(session, (unsigned char *)"message", 7, signature, &length));
    }
    must("C_Logout", p11->C_Logout(session));
    must("C_CloseSession", p11->C_CloseSession(session));
    if (anew) must("C_Finalize", p11->C_Finalize(NULL));
}

/* Measures after a fifth of the cycles, with which the library warms up. */
static void measure_cycles(const char *what, const char *pin, int cycles, bool anew) {
    for (int index = 0; index < cycles / 5; index++) cycle(pin, anew);
    memory before = measure();
    for (int index = 0; index < cycles; index++) cycle(pin, anew);
    memory after = measure();
    long allocated = after.allocated - before.allocated, resident = after.resident - before.resident;
    note("%s: %d cycles, %ld bytes of the heap and %ld bytes of memory more", what, cycles, allocated, resident);
    expect(what, allocated < 4096 + 64L * cycles, "%ld bytes of the heap more", allocated);
    expect(what, resident < 1024 * 1024, "%ld bytes of memory more", resident);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: leaks MODULE PIN CYCLES\n");
        return 2;
    }
    int cycles = atoi(arguments[3]);
    load_module(arguments[1]);
    watchdog(300, "leaks");
    must("C_Initialize", p11->C_Initialize(NULL));
    measure_cycles("logins", arguments[2], cycles, false);
    must("C_Finalize", p11->C_Finalize(NULL));
    measure_cycles("initialisations and logins", arguments[2], cycles / 5, true);
    return finish();
}
