/* SPDX-License-Identifier: Apache-2.0 */
// A reader with a keypad, for tests: a driver for pcscd that hands everything on to
// the driver of the virtual reader (vpcd) and adds PC/SC part 10: it announces
// FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT, takes the digits that
// the person would type from a file, and sends the card the command with them.
//
// It is as strict as a reader may be: a structure in which anything is off is
// refused with 6B80 and nothing is sent.
//
// Environment of pcscd:
//   IFD_VPCD            the driver to hand on to; a copy of its own when pcscd also
//                       has plain vpcd readers, because vpcd keeps its slots in
//                       global variables
//   IFD_PINPAD_ENTRIES  the file with what is typed; an entry is a line, which is
//                       taken away: digits, `cancel` or `timeout`. No line left
//                       means that nobody types.
//   IFD_PINPAD_LOG      what was done, without the digits; and each code that comes
//                       in a command from the computer instead
//   IFD_PINPAD_UNPLUGGED  as long as this file is there, the reader is not: all that
//                       it is asked, also what is under way, ends in IFD_NO_SUCH_DEVICE
//   IFD_PINPAD_UNPLUGGED_BY  an instruction in hexadecimal: when the card has done such a
//                       one, the driver makes that file
//   IFD_PINPAD_STUCK    as long as this file is there, nothing that is asked of a card comes back
//
// The first slot has both features; the others know only how to present a code.
#include <arpa/inet.h>
#include <ifdhandler.h>
#include <reader.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../Integration/tools/ifd-vpcd.h"

enum {
    verify_code = SCARD_CTL_CODE(3401),
    modify_code = SCARD_CTL_CODE(3402),

    timed_out = 0x6400,
    cancelled = 0x6401,
    entries_differ = 0x6402,
    length_wrong = 0x6403,
    structure_wrong = 0x6B80,

    ins_verify = 0x20,
    ins_change = 0x24,
    ins_reset = 0x2C,
    // The class byte without the logical channel.
    no_channel = 0xFC,

    longest_pin = 15,
};

// MARK: Log

static void note(const char *format, ...) {
    const char *path = getenv("IFD_PINPAD_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\n', file);
    fclose(file);
}

// MARK: What vpcd does

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) { HAND_ON(IFDHCreateChannelByName, lun, name); }

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) { HAND_ON(IFDHCreateChannel, lun, channel); }

RESPONSECODE IFDHCloseChannel(DWORD lun) { HAND_ON(IFDHCloseChannel, lun); }

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
    HAND_ON(IFDHGetCapabilities, lun, tag, length, value);
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
    HAND_ON(IFDHSetCapabilities, lun, tag, length, value);
}

// What a USB reader does that did not wake up from a suspend.
static void get_stuck(void) {
    const char *path = getenv("IFD_PINPAD_STUCK");
    while (path && access(path, F_OK) == 0) usleep(20000);
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length) {
    get_stuck();
    HAND_ON(IFDHPowerICC, lun, action, atr, length);
}

static bool is_unplugged(void) {
    const char *path = getenv("IFD_PINPAD_UNPLUGGED");
    return path && access(path, F_OK) == 0;
}

static void unplug_after(unsigned char instruction) {
    const char *by = getenv("IFD_PINPAD_UNPLUGGED_BY"), *path = getenv("IFD_PINPAD_UNPLUGGED");
    if (!by || !path || strtoul(by, NULL, 16) != instruction) return;
    FILE *file = fopen(path, "w");
    if (file) fclose(file);
}

static RESPONSECODE transmit(
    DWORD lun, SCARD_IO_HEADER header, PUCHAR command, DWORD count, PUCHAR response, PDWORD room,
    PSCARD_IO_HEADER answer) {
    __typeof__(&IFDHTransmitToICC) next;
    *(void **)&next = behind("IFDHTransmitToICC");
    if (!next) return IFD_COMMUNICATION_ERROR;
    if (is_unplugged()) return IFD_NO_SUCH_DEVICE;
    get_stuck();
    RESPONSECODE result = next(lun, header, command, count, response, room, answer);
    if (count > 1) unplug_after(command[1]);
    return is_unplugged() ? IFD_NO_SUCH_DEVICE : result;
}

RESPONSECODE IFDHTransmitToICC(
    DWORD lun, SCARD_IO_HEADER header, PUCHAR command, DWORD count, PUCHAR response, PDWORD room,
    PSCARD_IO_HEADER answer) {
    if (count > 5 && (command[0] & no_channel) == 0
        && (command[1] == ins_verify || command[1] == ins_change || command[1] == ins_reset))
        note("from the computer: a code in %02X %02X %02X %02X", command[0], command[1], command[2], command[3]);
    return transmit(lun, header, command, count, response, room, answer);
}

RESPONSECODE IFDHICCPresence(DWORD lun) {
    if (is_unplugged()) return IFD_NO_SUCH_DEVICE;
    HAND_ON(IFDHICCPresence, lun);
}

// The protocol of each slot, as pcscd chose it; vpcd has few slots.
static DWORD protocols[16];

static DWORD *protocol_of(DWORD lun) { return &protocols[(lun & 0xFFFF) % 16]; }

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3) {
    get_stuck();
    *protocol_of(lun) = protocol;
    HAND_ON(IFDHSetProtocolParameters, lun, protocol, flags, pts1, pts2, pts3);
}

// MARK: The keypad

struct entry {
    char digits[64];
    size_t count;
    int status;  // 0, or the reader's status word
};

// Takes the first line away from the file and puts it into the entry.
static void type(struct entry *entry) {
    *entry = (struct entry){.status = timed_out};
    const char *path = getenv("IFD_PINPAD_ENTRIES");
    FILE *file = path ? fopen(path, "r+") : NULL;
    char rest[4096] = "", line[sizeof entry->digits] = "";
    if (file && fgets(line, sizeof line, file)) {
        size_t count = fread(rest, 1, sizeof rest, file);
        rewind(file);
        fwrite(rest, 1, count, file);
        fflush(file);
        if (ftruncate(fileno(file), (off_t)count) != 0) note("%s cannot be cut", path);
    }
    if (file) fclose(file);
    size_t length = strcspn(line, "\n");
    line[length] = 0;
    if (strcmp(line, "cancel") == 0) {
        entry->status = cancelled;
    } else if (length > 0 && strspn(line, "0123456789") == length) {
        entry->status = 0;
        entry->count = length;
        memcpy(entry->digits, line, length);
    } else if (strcmp(line, "timeout") != 0) {
        note("nobody types");
    }
    explicit_bzero(line, sizeof line);
    explicit_bzero(rest, sizeof rest);
}

// MARK: What is asked of the keypad

struct request {
    const char *name;
    unsigned minimum, maximum, block;
    bool old;  // the old code is typed first, into a block before the new one's
    bool confirm;
    const UCHAR *command;  // CLA INS P1 P2 Lc and the blocks
};

// The bytes of the command's data field; for codes without a block those typed.
static size_t blocks(const struct request *request) { return request->block * (request->old ? 2 : 1); }

#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            note("%s refused: not so: %s", request->name, #condition); \
            return false; \
        } \
    } while (0)

// What both structures say of the code and the command.
static bool accept_common(
    struct request *request, UCHAR format, UCHAR block, UCHAR length_format, uint16_t digits, UCHAR validation,
    uint16_t language, const UCHAR *prologue, uint32_t announced, uint32_t length, const UCHAR *command) {
    REQUIRE(format == 0x82);  // in bytes, position 0, left-justified, ASCII
    REQUIRE(block >> 4 == 0);
    REQUIRE(length_format == 0);
    request->minimum = digits >> 8;
    request->maximum = digits & 0xFF;
    request->block = block & 0x0F;
    REQUIRE(request->minimum >= 1);
    REQUIRE(request->minimum <= request->maximum);
    REQUIRE(request->maximum <= (request->block ? request->block : longest_pin));
    REQUIRE(validation == 0x02);
    REQUIRE(language != 0);
    REQUIRE(prologue[0] == 0 && prologue[1] == 0 && prologue[2] == 0);
    REQUIRE(announced == length);
    REQUIRE(length == 5 + blocks(request));
    REQUIRE(command[4] == blocks(request));
    REQUIRE((command[0] & no_channel) == 0);  // no secure messaging, no chaining
    request->command = command;
    return true;
}

static bool accept_verify(struct request *request, const UCHAR *input, DWORD count) {
    PIN_VERIFY_STRUCTURE s;
    *request = (struct request){.name = "verify"};
    REQUIRE(count >= sizeof s + 5);
    memcpy(&s, input, sizeof s);
    REQUIRE(s.bNumberMessage == 1);
    REQUIRE(s.bMsgIndex == 0);
    if (!accept_common(
            request, s.bmFormatString, s.bmPINBlockString, s.bmPINLengthFormat, s.wPINMaxExtraDigit,
            s.bEntryValidationCondition, s.wLangId, s.bTeoPrologue, s.ulDataLength, (uint32_t)(count - sizeof s),
            input + sizeof s))
        return false;
    REQUIRE(request->command[1] == ins_verify);
    return true;
}

static bool accept_modify(struct request *request, const UCHAR *input, DWORD count) {
    PIN_MODIFY_STRUCTURE s;
    *request = (struct request){.name = "modify"};
    REQUIRE(count >= sizeof s + 5);
    memcpy(&s, input, sizeof s);
    REQUIRE(s.bConfirmPIN <= 3);
    request->confirm = s.bConfirmPIN & 1;
    request->old = s.bConfirmPIN & 2;
    REQUIRE(s.bInsertionOffsetOld == 0);
    // Both codes, only where the second one's place is fixed.
    REQUIRE(s.bInsertionOffsetNew == (request->old ? s.bmPINBlockString & 0x0F : 0));
    REQUIRE(!request->old || s.bInsertionOffsetNew > 0);
    REQUIRE(s.bNumberMessage == 1 + request->old + request->confirm);
    // 0 "enter the PIN", 1 "enter the new PIN", 2 "confirm the new PIN".
    const UCHAR messages[] = {0, 1, 2, 0};
    const UCHAR *first = messages + (request->old ? 0 : 1);
    REQUIRE(s.bMsgIndex1 == first[0]);
    REQUIRE(s.bMsgIndex2 == (s.bNumberMessage > 1 ? first[1] : 0));
    REQUIRE(s.bMsgIndex3 == (s.bNumberMessage > 2 ? first[2] : 0));
    if (!accept_common(
            request, s.bmFormatString, s.bmPINBlockString, s.bmPINLengthFormat, s.wPINMaxExtraDigit,
            s.bEntryValidationCondition, s.wLangId, s.bTeoPrologue, s.ulDataLength, (uint32_t)(count - sizeof s),
            input + sizeof s))
        return false;
    REQUIRE(request->command[1] == ins_change || request->command[1] == ins_reset);
    return true;
}

static int enter_one(const struct request *request, struct entry *entry) {
    type(entry);
    if (entry->status) return entry->status;
    return entry->count < request->minimum || entry->count > request->maximum ? length_wrong : 0;
}

// The old code if it is wanted, one entry, and its confirmation if one is wanted; 0 or
// the reader's status word.
static int enter(const struct request *request, struct entry *old, struct entry *entry) {
    int result = request->old ? enter_one(request, old) : 0;
    if (!result) result = enter_one(request, entry);
    if (result || !request->confirm) return result;
    struct entry again;
    type(&again);
    int status = again.status;
    if (!status && (again.count != entry->count || memcmp(again.digits, entry->digits, entry->count) != 0))
        status = entries_differ;
    explicit_bzero(&again, sizeof again);
    return status;
}

// Sends the command with the digits; writes the card's answer.
static RESPONSECODE send_entry(
    DWORD lun, const struct request *request, const struct entry *old, const struct entry *entry, UCHAR *response,
    DWORD *length) {
    size_t data = request->block ? blocks(request) : entry->count;
    UCHAR command[5 + sizeof entry->digits];
    memcpy(command, request->command, 5 + blocks(request));
    if (request->old) memcpy(command + 5, old->digits, old->count);
    memcpy(command + 5 + (request->old ? request->block : 0), entry->digits, entry->count);
    command[4] = (UCHAR)data;
    SCARD_IO_HEADER header = {*protocol_of(lun), sizeof header}, answer = header;
    RESPONSECODE code = transmit(lun, header, command, 5 + data, response, length, &answer);
    explicit_bzero(command, sizeof command);
    return code;
}

static RESPONSECODE ask_person(
    DWORD lun, const struct request *request, UCHAR *response, DWORD room, DWORD *returned) {
    struct entry old = {0}, entry = {0};
    int status = enter(request, &old, &entry);
    const UCHAR *header = request->command;
    RESPONSECODE code = IFD_SUCCESS;
    *returned = 2;
    if (status) {
        response[0] = (UCHAR)(status >> 8);
        response[1] = (UCHAR)status;
        note("%s: nothing sent, answered %04X", request->name, status);
    } else {
        *returned = room;
        code = send_entry(lun, request, &old, &entry, response, returned);
        note(
            "%s: %zu digits, block of %u, T=%lu, sent %02X %02X %02X %02X, answered %02X%02X", request->name,
            entry.count, request->block, *protocol_of(lun) == SCARD_PROTOCOL_T0 ? 0UL : 1UL, header[0], header[1],
            header[2], header[3], code == IFD_SUCCESS && *returned >= 2 ? response[*returned - 2] : 0,
            code == IFD_SUCCESS && *returned >= 2 ? response[*returned - 1] : 0);
    }
    explicit_bzero(&old, sizeof old);
    explicit_bzero(&entry, sizeof entry);
    return code;
}

// Only the first slot takes new codes.
static bool takes_new_codes(DWORD lun) { return (lun & 0xFFFF) == 0; }

static RESPONSECODE announce(DWORD lun, UCHAR *response, DWORD room, DWORD *returned) {
    PCSC_TLV_STRUCTURE features[] = {
        {FEATURE_VERIFY_PIN_DIRECT, 4, htonl(verify_code)},
        {FEATURE_MODIFY_PIN_DIRECT, 4, htonl(modify_code)},
    };
    size_t size = takes_new_codes(lun) ? sizeof features : sizeof features[0];
    if (room < size) return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(response, features, size);
    *returned = size;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHControl(
    DWORD lun, DWORD code, PUCHAR input, DWORD count, PUCHAR response, DWORD room, LPDWORD returned) {
    struct request request;
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) return announce(lun, response, room, returned);
    if (code != verify_code && (code != modify_code || !takes_new_codes(lun)))
        HAND_ON(IFDHControl, lun, code, input, count, response, room, returned);
    if (room < 2) return IFD_ERROR_INSUFFICIENT_BUFFER;
    if (code == verify_code ? accept_verify(&request, input, count) : accept_modify(&request, input, count))
        return ask_person(lun, &request, response, room, returned);
    response[0] = structure_wrong >> 8;
    response[1] = structure_wrong & 0xFF;
    *returned = 2;
    return IFD_SUCCESS;
}
