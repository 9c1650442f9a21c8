/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What docs/functions.md is checked against.
 *
 *   functions MODULE PIN NAME...     of each function: "NAME works", or "NAME refused
 *                                    CODE" when it is not supported
 *   functions MODULE PIN --mechanisms   of each mechanism of the first token:
 *                                    number, key sizes, flags, and what the
 *                                    signature key and the authentication key
 *                                    (the technical key of a contactless card)
 *                                    answer to C_SignInit
 */
#include <stdio.h>
#include <string.h>

#include "support/conformance.h"

typedef CK_RV any_function(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG);

static const char *pin;

static void print_function(const char *name, CK_SLOT_ID slot) {
    /* Those that take a pointer first, or end everything. */
    static const char *others[] = {"C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList", "C_GetInterfaceList",
                                   "C_GetInterface", "C_GetSlotList"};
    any_function *function = (any_function *)module_symbol(name);
    if (function == NULL) give_up("%s is not exported", name);
    CK_RV got = CKR_OK;
    bool is_other = false;
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) is_other |= strcmp(name, others[index]) == 0;
    if (strcmp(name, "C_InitToken") == 0) {
        /* On a card with a session it is refused for that reason. */
        got = function(slot, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    } else if (!is_other) {
        CK_SESSION_HANDLE session = open_session(slot, CKF_RW_SESSION);
        got = function(strcmp(name, "C_WaitForSlotEvent") == 0 ? CKF_DONT_BLOCK : session, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        p11->C_CloseSession(session);
    }
    bool refused = got == CKR_FUNCTION_NOT_SUPPORTED || got == CKR_FUNCTION_NOT_PARALLEL || got == CKR_RANDOM_SEED_NOT_SUPPORTED;
    printf("%s\t%s\t%s\n", name, refused ? "refused" : "works", refused ? rv_name(got) : "");
}

static const char *answer(CK_SLOT_ID slot, key_role role, CK_MECHANISM_TYPE type) {
    CK_SESSION_HANDLE session = open_session(slot, 0);
    CK_RV logged_in = login(session, pin);
    if (logged_in != CKR_OK && logged_in != CKR_USER_PIN_NOT_INITIALIZED) must("C_Login", logged_in);
    CK_RSA_PKCS_PSS_PARAMS sha1 = {CKM_SHA_1, CKG_MGF1_SHA1, 20}, sha256 = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {type, NULL, 0};
    if (type == CKM_SHA1_RSA_PKCS_PSS) mechanism = (CK_MECHANISM){type, &sha1, sizeof sha1};
    if (type == CKM_SHA256_RSA_PKCS_PSS || type == CKM_RSA_PKCS_PSS) mechanism = (CK_MECHANISM){type, &sha256, sizeof sha256};
    CK_OBJECT_HANDLE key = private_key(session, role);
    CK_RV got = key == 0 ? CKR_KEY_HANDLE_INVALID : p11->C_SignInit(session, &mechanism, key);
    p11->C_CloseSession(session);
    return key == 0 ? "-" : rv_name(got);
}

static void print_mechanisms(CK_SLOT_ID slot) {
    CK_MECHANISM_TYPE list[64];
    CK_ULONG count = 64;
    bool contactless = kind_of_card(slot) == CARD_CONTACTLESS;
    must("C_GetMechanismList", p11->C_GetMechanismList(slot, list, &count));
    for (CK_ULONG index = 0; index < count; index++) {
        CK_MECHANISM_INFO info;
        must("C_GetMechanismInfo", p11->C_GetMechanismInfo(slot, list[index], &info));
        static const struct {
            CK_FLAGS flag;
            const char *name;
        } flags[] = {{CKF_DIGEST, "hash"}, {CKF_SIGN, "sign"}, {CKF_VERIFY, "verify"}, {CKF_ENCRYPT, "encrypt"},
                     {CKF_DECRYPT, "decrypt"}, {CKF_WRAP, "wrap"}, {CKF_UNWRAP, "unwrap"}, {CKF_HW, "hardware"}};
        char text[128] = "";
        CK_FLAGS known = 0;
        for (size_t flag = 0; flag < sizeof flags / sizeof flags[0]; flag++) {
            known |= flags[flag].flag;
            if (!(info.flags & flags[flag].flag)) continue;
            if (*text) strcat(text, ", ");
            strcat(text, flags[flag].name);
        }
        if (info.flags & ~known) give_up("unknown flags %lX", info.flags);
        printf("0x%lX\t%lu\t%lu\t%s\t%s\t%s\n", list[index], info.ulMinKeySize, info.ulMaxKeySize, text,
               info.flags & CKF_SIGN ? answer(slot, contactless ? KEY_TECHNICAL : KEY_SIGNATURE, list[index]) : "-",
               info.flags & CKF_SIGN && !contactless ? answer(slot, KEY_AUTHENTICATION, list[index]) : "-");
    }
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: functions MODULE PIN NAME...\n       functions MODULE PIN --mechanisms\n");
        return 2;
    }
    pin = arguments[2];
    load_module(arguments[1]);
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_SLOT_ID slot = first_token();
    if (strcmp(arguments[3], "--mechanisms") == 0)
        print_mechanisms(slot);
    else
        for (int index = 3; index < count; index++) print_function(arguments[index], slot);
    must("C_Finalize", p11->C_Finalize(NULL));
    return 0;
}
