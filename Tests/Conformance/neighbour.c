/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program that uses the same card, through PC/SC alone.
 *
 *   neighbour READER reset                 resets the card
 *   neighbour READER unpower               powers it down and up
 *   neighbour READER leave-unpowered       powers it down and goes
 *   neighbour READER apdu HEX...           sends commands in one transaction; prints each status
 *   neighbour READER hold SECONDS          keeps a transaction for so long
 *   neighbour READER reconnect SECONDS     is connected, for so long at the most; when the card was
 *                                          reset, connects again and leaves the card as it is
 *   neighbour READER exclusive SECONDS     keeps the reader for itself
 *   neighbour READER pester SECONDS        resets at random for so long
 *
 * Says "ready" once it has done, or holds, what it is asked to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

static int check(const char *what, LONG code) {
    if (code == SCARD_S_SUCCESS) return 1;
    fprintf(stderr, "neighbour: %s: %s\n", what, pcsc_stringify_error(code));
    return 0;
}

static void ready(void) {
    puts("ready");
    fflush(stdout);
}

static void pester(SCARDCONTEXT context, const char *reader, unsigned seconds) {
    time_t end = time(NULL) + (time_t)seconds;
    srand((unsigned)getpid());
    while (time(NULL) < end) {
        SCARDHANDLE card;
        DWORD protocol;
        usleep((useconds_t)(50 + rand() % 700) * 1000);
        if (SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol) != SCARD_S_SUCCESS)
            continue;
        SCardDisconnect(card, rand() % 2 ? SCARD_RESET_CARD : SCARD_UNPOWER_CARD);
    }
}

/* Somebody's end may have reset the card since it was connected to. */
static LONG begin(SCARDHANDLE card, DWORD *protocol) {
    LONG code = SCardBeginTransaction(card);
    if (code != SCARD_W_RESET_CARD) return code;
    code = SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, protocol);
    return code == SCARD_S_SUCCESS ? SCardBeginTransaction(card) : code;
}

static int send_command(SCARDHANDLE card, DWORD protocol, const char *text) {
    unsigned char command[300], response[300];
    DWORD length = 0, received = sizeof response;
    for (; length < sizeof command && sscanf(text + 2 * length, "%2hhx", &command[length]) == 1; length++) continue;
    const SCARD_IO_REQUEST *header = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    if (!check("apdu", SCardTransmit(card, header, command, length, NULL, response, &received))) return 0;
    if (received >= 2) printf("%02X%02X ", response[received - 2], response[received - 1]);
    return 1;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    const char *reader = arguments[1], *action = arguments[2], *argument = count > 3 ? arguments[3] : "";
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol = 0;
    if (!check("context", SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context))) return 1;
    if (strcmp(action, "pester") == 0) {
        ready();
        pester(context, reader, (unsigned)atoi(argument));
        return 0;
    }
    DWORD sharing = strcmp(action, "exclusive") == 0 ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED;
    if (!check("connect", SCardConnect(context, reader, sharing, SCARD_PROTOCOL_ANY, &card, &protocol))) return 1;
    int done = 1;
    if (strcmp(action, "reset") == 0 || strcmp(action, "unpower") == 0) {
        DWORD how = strcmp(action, "reset") == 0 ? SCARD_RESET_CARD : SCARD_UNPOWER_CARD;
        done = check(action, SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, how, &protocol));
    } else if (strcmp(action, "reconnect") == 0) {
        ready();
        for (int round = 0; round < 50 * atoi(argument); round++) {
            if (SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL) == SCARD_W_RESET_CARD) {
                done = check(action, SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol));
                break;
            }
            usleep(20000);
        }
        return done ? 0 : 1;
    } else if (strcmp(action, "leave-unpowered") == 0) {
        if (!check(action, SCardDisconnect(card, SCARD_UNPOWER_CARD))) return 1;
        ready();
        return 0;
    } else if (strcmp(action, "apdu") == 0) {
        done = check("transaction", begin(card, &protocol));
        for (int index = 3; done && index < count; index++) done = send_command(card, protocol, arguments[index]);
        done = done && check("end", SCardEndTransaction(card, SCARD_LEAVE_CARD));
    } else if (strcmp(action, "hold") == 0) {
        if (!check("transaction", SCardBeginTransaction(card))) return 1;
        ready();
        sleep((unsigned)atoi(argument));
        SCardEndTransaction(card, SCARD_LEAVE_CARD);
    } else if (strcmp(action, "exclusive") == 0) {
        ready();
        sleep((unsigned)atoi(argument));
    } else {
        return 2;
    }
    if (done) ready();
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return done ? 0 : 1;
}
