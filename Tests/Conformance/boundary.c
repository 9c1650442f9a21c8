/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library promises to the unusual caller, one promise at a time.
 *
 *   boundary --list            the names of the promises
 *   boundary MODULE PIN NAME   tries one of them; the environment says how cards
 *                              are put in (support/cards.h)
 */
#include "boundary/boundary.h"

#include <stdio.h>
#include <string.h>

const char *pin;

static const promise *const groups[] = {argument_promises, code_promises, process_promises, card_promises, neighbour_promises,
                                       surrounding_promises, difference_promises};

CK_SLOT_ID slot_of_reader(int reader) {
    CK_SLOT_ID slots[32];
    CK_ULONG count = 32;
    must("C_GetSlotList", p11->C_GetSlotList(CK_FALSE, slots, &count));
    for (CK_ULONG index = 0; index < count; index++) {
        CK_SLOT_INFO info;
        must("C_GetSlotInfo", p11->C_GetSlotInfo(slots[index], &info));
        if (memcmp(info.slotDescription, reader_names[reader], strlen(reader_names[reader])) == 0) return slots[index];
    }
    give_up("no slot for %s", reader_names[reader]);
}

void start(void) { must("C_Initialize", p11->C_Initialize(NULL)); }

void stop(void) { must("C_Finalize", p11->C_Finalize(NULL)); }

CK_SESSION_HANDLE logged_in(int reader) {
    CK_SESSION_HANDLE session = open_session(slot_of_reader(reader), CKF_RW_SESSION);
    must("C_Login", login(session, pin));
    return session;
}

known_key get_key(CK_SESSION_HANDLE session, key_role role) {
    known_key key = {private_key(session, role), {{0}, 0, {0}, 0}};
    if (key.handle == 0) give_up("the private key is not found");
    if (!read_public_numbers(session, public_key_of(session, key.handle), &key.numbers)) give_up("no public key");
    return key;
}

CK_RV sign_document(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const public_numbers *numbers, unsigned number) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    unsigned char info[51], signature[256];
    CK_ULONG length = sizeof signature;
    char document[32];
    int size = snprintf(document, sizeof document, "document %u", number);
    CK_RV got = p11->C_SignInit(session, &mechanism, key);
    if (got != CKR_OK) return got;
    CK_ULONG info_length = sha256_info(document, (size_t)size, info);
    got = p11->C_Sign(session, info, info_length, signature, &length);
    if (got != CKR_OK) return got;
    return is_pkcs1_signature(numbers, info, info_length, signature, length) ? CKR_OK : CKR_SIGNATURE_INVALID;
}

static const promise *promise_named(const char *name) {
    for (size_t group = 0; group < sizeof groups / sizeof groups[0]; group++)
        for (const promise *one = groups[group]; one->name != NULL; one++)
            if (strcmp(one->name, name) == 0) return one;
    return NULL;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--list") == 0) {
        for (size_t group = 0; group < sizeof groups / sizeof groups[0]; group++)
            for (const promise *one = groups[group]; one->name != NULL; one++) puts(one->name);
        return 0;
    }
    const promise *one = count == 4 ? promise_named(arguments[3]) : NULL;
    if (one == NULL) {
        fprintf(stderr, "usage: boundary MODULE PIN NAME\n       boundary --list\n");
        return 2;
    }
    pin = arguments[2];
    load_module(arguments[1]);
    watchdog(one->limit ? one->limit : 30, one->name);
    for (int reader = 0; reader < 2; reader++) {
        if (one->cards[reader] == CARD_UNKNOWN) continue;
        char options[1024];
        snprintf(options, sizeof options, "--state '%s' --trace '%s' %s", test_file(reader ? "state1" : "state0"),
                 test_file(reader ? "trace1" : "trace0"), reader == 0 && one->options ? one->options : "");
        insert_card(reader, one->cards[reader], options);
    }
    one->run();
    return finish();
}
