/* SPDX-License-Identifier: Apache-2.0 */
// A reader with one slot, for tests: a driver for pcscd that hands everything on to the
// driver of the virtual reader (vpcd), and shows one of its two slots. Like the driver
// of a USB reader it tells pcscd of a card at once, where pcscd looks by itself every
// 400 ms only.
//
// Environment of pcscd:
//   IFD_SINGLE_SLOT_LOG  each change that pcscd was told of: `card MILLISECONDS` or
//                        `empty MILLISECONDS`, by the system's clock
#include <ifdhandler.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ifd-vpcd.h"

enum { step = 20 };  // milliseconds

static atomic_bool has_card, stops;

static void note(bool present) {
    const char *path = getenv("IFD_SINGLE_SLOT_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    fprintf(file, "%s %ld\n", present ? "card" : "empty", time.tv_sec * 1000L + time.tv_nsec / 1000000);
    fclose(file);
}

static RESPONSECODE presence(DWORD lun) {
    __typeof__(&IFDHICCPresence) next;
    *(void **)&next = behind("IFDHICCPresence");
    return next ? next(lun) : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHICCPresence(DWORD lun) {
    RESPONSECODE result = presence(lun);
    bool present = result == IFD_ICC_PRESENT;
    if (atomic_exchange(&has_card, present) != present) note(present);
    return result;
}

// Returns when the card is another one than pcscd knows, or after the time.
static RESPONSECODE wait_for_card_event(DWORD lun, int milliseconds) {
    struct timespec pause = {.tv_nsec = step * 1000000L};
    for (int left = milliseconds; left > 0 && !stops; left -= step) {
        if ((presence(lun) == IFD_ICC_PRESENT) != has_card) break;
        nanosleep(&pause, NULL);
    }
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD lun) {
    (void)lun;
    stops = true;
    return IFD_SUCCESS;
}

static RESPONSECODE give(const void *own, size_t size, PDWORD length, PUCHAR value) {
    if (*length < size) return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, own, size);
    *length = size;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
    static RESPONSECODE (*const wait)(DWORD, int) = wait_for_card_event;
    static RESPONSECODE (*const stop)(DWORD) = stop_waiting;
    static const UCHAR one = 1;
    switch (tag) {
    case TAG_IFD_SLOTS_NUMBER:
        return give(&one, sizeof one, length, value);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return give(&wait, sizeof wait, length, value);
    case TAG_IFD_STOP_POLLING_THREAD:
        return give(&stop, sizeof stop, length, value);
    default:
        HAND_ON(IFDHGetCapabilities, lun, tag, length, value);
    }
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) { HAND_ON(IFDHCreateChannelByName, lun, name); }

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) { HAND_ON(IFDHCreateChannel, lun, channel); }

RESPONSECODE IFDHCloseChannel(DWORD lun) { HAND_ON(IFDHCloseChannel, lun); }

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
    HAND_ON(IFDHSetCapabilities, lun, tag, length, value);
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3) {
    HAND_ON(IFDHSetProtocolParameters, lun, protocol, flags, pts1, pts2, pts3);
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length) {
    HAND_ON(IFDHPowerICC, lun, action, atr, length);
}

RESPONSECODE IFDHTransmitToICC(
    DWORD lun, SCARD_IO_HEADER header, PUCHAR command, DWORD count, PUCHAR response, PDWORD room,
    PSCARD_IO_HEADER answer) {
    HAND_ON(IFDHTransmitToICC, lun, header, command, count, response, room, answer);
}

RESPONSECODE IFDHControl(
    DWORD lun, DWORD code, PUCHAR input, DWORD count, PUCHAR response, DWORD room, LPDWORD returned) {
    HAND_ON(IFDHControl, lun, code, input, count, response, room, returned);
}
