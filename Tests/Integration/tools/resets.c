/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To be preloaded: another program that resets the card just before this one begins a
 * transaction, as often as the number in the file RESETS of the environment says.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <winscard.h>

static const char *reader = "Virtual reader 00 00";

/* Whether there is a reset left; takes it. */
static int take_reset(void) {
    const char *path = getenv("RESETS");
    FILE *file = path ? fopen(path, "r+") : NULL;
    int left = 0;
    if (!file) return 0;
    if (fscanf(file, "%d", &left) != 1) left = 0;
    rewind(file);
    if (left > 0) fprintf(file, "%d\n", left - 1);
    fclose(file);
    return left > 0;
}

static void reset(void) {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) abort();
    if (SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol) != SCARD_S_SUCCESS)
        abort();
    SCardDisconnect(card, SCARD_RESET_CARD);
    SCardReleaseContext(context);
    /* Without a limit on their number, resets come one after the other and not all at once. */
    usleep(10000);
}

LONG SCardBeginTransaction(SCARDHANDLE card) {
    /* Not RTLD_NEXT: the library under test, and what it needs, were loaded for itself. */
    LONG (*begin)(SCARDHANDLE) = NULL;
    *(void **)&begin = dlsym(dlopen("libpcsclite.so.1", RTLD_NOW), "SCardBeginTransaction");
    if (take_reset()) reset();
    return begin(card);
}
