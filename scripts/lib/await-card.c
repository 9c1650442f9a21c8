/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits until there is a card in a slot, or none.
 *
 *   await-card SLOT Yes|No SECONDS [PROCESS]
 *
 * SLOT is the reader's number in pcscd's list, from 0. Exits with 0 as soon as that is so,
 * with 1 after so many seconds, or when PROCESS (the card's) has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

/* How long to wait for an event before the process and the list are looked at again, and
   before the next try where pcscd does not answer; in milliseconds. */
enum { SLICE = 200, PAUSE = 20 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_briefly(void) { nanosleep(&(struct timespec){.tv_nsec = PAUSE * 1000000L}, NULL); }

static int is_alive(pid_t process) { return process == 0 || kill(process, 0) == 0 || errno != ESRCH; }

/* The reader's name; NULL if there is no such one. */
static const char *name_of(SCARDCONTEXT context, int slot, char *names, DWORD size) {
    if (SCardListReaders(context, NULL, names, &size) != SCARD_S_SUCCESS) return NULL;
    for (const char *name = names; *name != 0; name += strlen(name) + 1)
        if (slot-- == 0) return name;
    return NULL;
}

/* Until the next event, or for a slice of time. 1 if it is as wanted, 0 if not, -1 if
   there is no such reader or no pcscd any more. */
static int look(SCARDCONTEXT context, int slot, int wanted) {
    char names[4096];
    SCARD_READERSTATE state = {.szReader = name_of(context, slot, names, sizeof names)};
    if (state.szReader == NULL) return -1;
    for (DWORD patience = 0;; patience = SLICE) {
        LONG code = SCardGetStatusChange(context, patience, &state, 1);
        if (code != SCARD_S_SUCCESS) return code == SCARD_E_TIMEOUT ? 0 : -1;
        if (!(state.dwEventState & SCARD_STATE_PRESENT) == !wanted) return 1;
        if (patience != 0) return 0;
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    int slot = atoi(arguments[1]), wanted = strcmp(arguments[2], "Yes") == 0;
    double end = now() + atof(arguments[3]);
    pid_t process = count > 4 ? (pid_t)atol(arguments[4]) : 0;
    for (;;) {
        SCARDCONTEXT context;
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS) {
            int found;
            do {
                found = look(context, slot, wanted);
                if (found == 1) return 0;
            } while (found == 0 && now() < end && is_alive(process));
            SCardReleaseContext(context);
        }
        if (now() > end || !is_alive(process)) return 1;
        pause_briefly();
    }
}
