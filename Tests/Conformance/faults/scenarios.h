/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs do with a card, from the first look to the last close, and what
 * they get to see of it.
 */
#ifndef FAULTS_SCENARIOS_H
#define FAULTS_SCENARIOS_H

#include "support/conformance.h"

typedef enum {
    SCENARIO_LIST,
    SCENARIO_LOGIN,
    SCENARIO_AUTHENTICATE,
    SCENARIO_SIGN_HASH,
    SCENARIO_SIGN_MESSAGE,
    SCENARIO_SIGN_PSS,
    SCENARIO_DECRYPT,
    SCENARIO_CHANGE_PIN,
    SCENARIO_UNBLOCK,
    SCENARIO_WRITE,
    SCENARIO_COUNT
} scenario;

extern const char *scenario_names[SCENARIO_COUNT];

#define OLD_PIN "1234"
#define NEW_PIN "5678"
#define UNBLOCKING_CODE "12345678"

/* What became of an attempt: of the last function that was called, and a hash of
   all that a program got to see (without what nothing could prove wrong). */
typedef struct {
    const char *function;
    CK_RV code;
    bool found_nothing;
    bool wrong_signature;
    unsigned char sight[32];
} attempt;

/* learn_keys: the public keys, with which signatures are judged, and a cryptogram;
   once, on a healthy card. */
void learn_keys(CK_SLOT_ID slot);

/* try_scenario: closes all its sessions in the end, whatever happened.
   `pin` is the user's PIN now. */
attempt try_scenario(scenario what, CK_SLOT_ID slot, const char *pin);

#endif
