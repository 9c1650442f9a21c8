/* SPDX-License-Identifier: Apache-2.0 */
/* One promise of the library at its boundary: a name, and what is in the readers. */
#ifndef CONFORMANCE_BOUNDARY_H
#define CONFORMANCE_BOUNDARY_H

#include "support/cards.h"

typedef struct {
    const char *name;
    void (*run)(void);
    /* The cards that are in the readers at the start. */
    card_kind cards[2];
    /* Further options of the virtual card in reader 0. */
    const char *options;
    /* Seconds that the test may take. */
    unsigned limit;
} promise;

extern const promise argument_promises[], code_promises[], process_promises[], card_promises[], neighbour_promises[],
    surrounding_promises[], difference_promises[];

extern const char *pin;
/* Slots of the readers, once initialised; slot numbers are those of the list. */
CK_SLOT_ID slot_of_reader(int reader);
/* start: C_Initialize(NULL). */
void start(void);
void stop(void);
/* A session on the card in a reader, logged in. */
CK_SESSION_HANDLE logged_in(int reader);

/* sign_document: signs with the key as DigestInfo (RSA_PKCS), and has the signature
   judged; the code of the call that failed, or CKR_SIGNATURE_INVALID. */
CK_RV sign_document(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const public_numbers *numbers, unsigned number);

/* A key with the numbers of its public half. */
typedef struct {
    CK_OBJECT_HANDLE handle;
    public_numbers numbers;
} known_key;
known_key get_key(CK_SESSION_HANDLE session, key_role role);

#endif
