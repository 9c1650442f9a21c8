/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test cases of the PKCS#11 Profiles (OASIS) that fit a token with
 * certificates and signing keys, and the clauses around them:
 *
 *   BL-M    Baseline Provider
 *   EXT-M   Extended Provider
 *   CERT-M  Public Certificates Token
 *
 * and the rules of interfaces and function lists (PKCS#11 3.1 §5.4.4-5.4.6).
 *
 *   profiles MODULE PIN
 */
#include <stdio.h>
#include <string.h>

#include "support/conformance.h"

static const char *pin;
static CK_SLOT_ID slot;
static card_kind card;

/* Text fields are blank padded and not terminated. */
static bool is_padded(const unsigned char *text, size_t size) {
    for (size_t index = 0; index < size; index++)
        if (text[index] == 0) return false;
    return true;
}

/* ---- Interfaces: all before C_Initialize ---- */

static void function_pointers(const char *name, void *list, size_t size) {
    /* A version, then pointers. */
    void **pointers = list;
    size_t count = size / sizeof(void *), missing = 0;
    for (size_t index = 1; index < count; index++)
        if (pointers[index] == NULL) missing++;
    char what[64];
    snprintf(what, sizeof what, "%s: null pointers among %zu functions", name, count - 1);
    expect_number(what, 0, missing);
}

static bool is_version(const CK_INTERFACE *interface, int major, int minor) {
    const CK_VERSION *version = interface->pFunctionList;
    return version->major == major && version->minor == minor;
}

static void interfaces(void) {
    __typeof__(&C_GetInterfaceList) get_list = (__typeof__(&C_GetInterfaceList))module_symbol("C_GetInterfaceList");
    __typeof__(&C_GetInterface) get = (__typeof__(&C_GetInterface))module_symbol("C_GetInterface");
    if (!expect("C_GetInterfaceList and C_GetInterface are exported", get_list && get, "they are not")) return;
    expect_number("C_GetFunctionList: major version", 2, p11->version.major);
    expect_number("C_GetFunctionList: minor version", 40, p11->version.minor);

    CK_INTERFACE list[8];
    CK_ULONG count = 0;
    expect_rv("C_GetInterfaceList, count", CKR_OK, get_list(NULL, &count));
    expect_number("interfaces", 3, count);
    count = 77;
    expect_rv("C_GetInterfaceList, count, whatever it was", CKR_OK, get_list(NULL, &count));
    expect_number("interfaces", 3, count);
    expect_rv("C_GetInterfaceList, no count", CKR_ARGUMENTS_BAD, get_list(list, NULL));
    expect_rv("C_GetInterfaceList, nothing at all", CKR_ARGUMENTS_BAD, get_list(NULL, NULL));
    count = 2;
    memset(list, 0xEE, sizeof list);
    expect_rv("C_GetInterfaceList, room for two", CKR_BUFFER_TOO_SMALL, get_list(list, &count));
    expect_number("... and the count is set", 3, count);
    count = 8;
    memset(list, 0xEE, sizeof list);
    expect_rv("C_GetInterfaceList, list", CKR_OK, get_list(list, &count));
    expect_number("interfaces", 3, count);
    if (count != 3) return;
    unsigned char untouched[sizeof list[3]];
    memset(untouched, 0xEE, sizeof untouched);
    expect("nothing is written after the list", memcmp(&list[3], untouched, sizeof untouched) == 0, "something is");

    bool seen[3] = {false};
    for (CK_ULONG index = 0; index < count; index++) {
        expect("interface name", strcmp((char *)list[index].pInterfaceName, "PKCS 11") == 0, "%s",
               list[index].pInterfaceName);
        expect_number("interface flags: none survives a fork", 0, list[index].flags);
        if (is_version(&list[index], 2, 40)) {
            seen[0] = true;
            function_pointers("2.40", list[index].pFunctionList, sizeof(CK_FUNCTION_LIST));
            expect("2.40 is what C_GetFunctionList gives", memcmp(list[index].pFunctionList, p11, sizeof *p11) == 0, "it is not");
        }
        if (is_version(&list[index], 3, 0)) {
            seen[1] = true;
            function_pointers("3.0", list[index].pFunctionList, sizeof(CPS_FUNCTION_LIST_3_0));
        }
        if (is_version(&list[index], 3, 2)) {
            seen[2] = true;
            function_pointers("3.2", list[index].pFunctionList, sizeof(CPS_FUNCTION_LIST_3_2));
            CPS_FUNCTION_LIST_3_2 *functions = list[index].pFunctionList;
            expect("3.2 holds the exported functions",
                   (void *)functions->C_UnwrapKeyAuthenticated == module_symbol("C_UnwrapKeyAuthenticated") &&
                       (void *)functions->version_3_0.C_MessageVerifyFinal == module_symbol("C_MessageVerifyFinal") &&
                       (void *)functions->version_3_0.version_2_40.C_WaitForSlotEvent ==
                           module_symbol("C_WaitForSlotEvent"),
                   "it does not");
        }
    }
    expect("versions 2.40, 3.0 and 3.2", seen[0] && seen[1] && seen[2], "%d %d %d", seen[0], seen[1], seen[2]);

    CK_INTERFACE *one = NULL;
    CK_UTF8CHAR name[] = "PKCS 11", vendor[] = "Vendor NSS FIPS Interface", longer[] = "PKCS 11 ", shorter[] = "PKCS 1";
    CK_VERSION v240 = {2, 40}, v30 = {3, 0}, v31 = {3, 1}, v32 = {3, 2}, v450 = {4, 50};
    expect_rv("C_GetInterface, any", CKR_OK, get(NULL, NULL, &one, 0));
    expect_rv("C_GetInterface by name", CKR_OK, get(name, NULL, &one, 0));
    expect("... is the newest", one && is_version(one, 3, 2), "another version");
    struct {
        CK_VERSION *version;
        const char *text;
    } known[] = {{&v240, "2.40"}, {&v30, "3.0"}, {&v32, "3.2"}};
    for (int index = 0; index < 3; index++) {
        expect_rv(known[index].text, CKR_OK, get(name, known[index].version, &one, 0));
        expect(known[index].text, one && is_version(one, known[index].version->major, known[index].version->minor),
               "another version");
        expect_rv(known[index].text, CKR_OK, get(NULL, known[index].version, &one, 0));
    }
    expect("C_GetInterface 4.50 is refused", get(name, &v450, &one, 0) != CKR_OK, "it is not");
    expect("C_GetInterface 3.1 is refused", get(name, &v31, &one, 0) != CKR_OK, "it is not");
    expect("C_GetInterface of another name is refused", get(vendor, NULL, &one, 0) != CKR_OK, "it is not");
    expect("C_GetInterface of a longer name is refused", get(longer, NULL, &one, 0) != CKR_OK, "it is not");
    expect("C_GetInterface of a shorter name is refused", get(shorter, NULL, &one, 0) != CKR_OK, "it is not");
    expect("C_GetInterface, fork safe, is refused", get(name, NULL, &one, CKF_INTERFACE_FORK_SAFE) != CKR_OK, "it is not");
    expect("C_GetInterface, unknown flag, is refused", get(name, NULL, &one, 2) != CKR_OK, "it is not");
    expect_rv("C_GetInterface, nowhere to put it", CKR_ARGUMENTS_BAD, get(name, NULL, NULL, 0));
}

/* ---- BL-M ---- */

static void up_to_token_info(void) {
    CK_INFO info;
    CK_SLOT_ID slots[32];
    CK_ULONG count = 0;
    CK_SLOT_INFO slot_info;
    CK_TOKEN_INFO token_info;
    expect_rv("C_Initialize", CKR_OK, p11->C_Initialize(NULL));
    expect_rv("C_GetInfo", CKR_OK, p11->C_GetInfo(&info));
    expect_number("CK_INFO.flags", 0, info.flags);
    expect("CK_INFO texts are padded",
           is_padded(info.manufacturerID, sizeof info.manufacturerID) &&
               is_padded(info.libraryDescription, sizeof info.libraryDescription),
           "they are not");
    expect("CK_INFO.cryptokiVersion is that of the function list",
           info.cryptokiVersion.major == p11->version.major && info.cryptokiVersion.minor == p11->version.minor,
           "%d.%d", info.cryptokiVersion.major, info.cryptokiVersion.minor);
    expect_rv("C_GetSlotList, count", CKR_OK, p11->C_GetSlotList(CK_TRUE, NULL, &count));
    expect("a token is present", count >= 1 && count <= 32, "%lu", count);
    expect_rv("C_GetSlotList, list", CKR_OK, p11->C_GetSlotList(CK_TRUE, slots, &count));
    slot = slots[0];
    expect_rv("C_GetSlotInfo", CKR_OK, p11->C_GetSlotInfo(slot, &slot_info));
    expect("CKF_TOKEN_PRESENT", slot_info.flags & CKF_TOKEN_PRESENT, "flags %lX", slot_info.flags);
    expect("CK_SLOT_INFO texts are padded",
           is_padded(slot_info.slotDescription, sizeof slot_info.slotDescription) &&
               is_padded(slot_info.manufacturerID, sizeof slot_info.manufacturerID),
           "they are not");
    expect_rv("C_GetTokenInfo", CKR_OK, p11->C_GetTokenInfo(slot, &token_info));
    expect("CK_TOKEN_INFO texts are padded",
           is_padded(token_info.label, sizeof token_info.label) &&
               is_padded(token_info.manufacturerID, sizeof token_info.manufacturerID) &&
               is_padded(token_info.model, sizeof token_info.model) &&
               is_padded(token_info.serialNumber, sizeof token_info.serialNumber),
           "they are not");
    expect("CKF_TOKEN_INITIALIZED", token_info.flags & CKF_TOKEN_INITIALIZED, "flags %lX", token_info.flags);
}

static void finish_case(CK_SESSION_HANDLE session) {
    expect_rv("C_CloseSession", CKR_OK, p11->C_CloseSession(session));
    expect_rv("C_CloseAllSessions", CKR_OK, p11->C_CloseAllSessions(slot));
    expect_rv("C_Finalize", CKR_OK, p11->C_Finalize(NULL));
}

static CK_BBOOL yes = CK_TRUE;
static CK_ATTRIBUTE on_token[] = {{CKA_TOKEN, &yes, sizeof yes}};

static void baseline(void) {
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG hits = 0;
    note("BL-M");
    up_to_token_info();
    expect_rv("C_OpenSession", CKR_OK, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    expect_rv("C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, on_token, 1));
    expect_rv("C_FindObjects", CKR_OK, p11->C_FindObjects(session, &object, 1, &hits));
    expect_number("one object", 1, hits);
    expect_rv("C_FindObjectsFinal before the end", CKR_OK, p11->C_FindObjectsFinal(session));
    finish_case(session);
}

/* ---- EXT-M ---- */

static void extended(void) {
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG hits = 0, count = 0;
    CK_MECHANISM_TYPE mechanisms[64];
    note("EXT-M");
    up_to_token_info();
    expect_rv("C_GetMechanismList, count", CKR_OK, p11->C_GetMechanismList(slot, NULL, &count));
    expect_rv("C_GetMechanismList, list", CKR_OK, p11->C_GetMechanismList(slot, mechanisms, &count));
    bool fits = false;
    for (CK_ULONG index = 0; index < count; index++) {
        CK_MECHANISM_INFO info;
        expect_rv("C_GetMechanismInfo", CKR_OK, p11->C_GetMechanismInfo(slot, mechanisms[index], &info));
        fits |= mechanisms[index] == CKM_SHA512 || mechanisms[index] == CKM_RSA_PKCS;
        for (CK_ULONG other = 0; other < index; other++)
            expect("no mechanism twice", mechanisms[index] != mechanisms[other], "%lX", mechanisms[index]);
    }
    expect("CKM_SHA512 or CKM_RSA_PKCS", fits, "neither");
    expect_rv("C_OpenSession read/write", CKR_OK,
              p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    if (card == CARD_CONTACTLESS) {
        expect_rv("C_Login", CKR_USER_PIN_NOT_INITIALIZED, login(session, pin));
    } else {
        expect_rv("C_Login", CKR_OK, login(session, pin));
    }
    expect_rv("C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, on_token, 1));
    expect_rv("C_FindObjects", CKR_OK, p11->C_FindObjects(session, &object, 1, &hits));
    expect_rv("C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    if (card != CARD_CONTACTLESS) expect_rv("C_Logout", CKR_OK, p11->C_Logout(session));
    finish_case(session);
}

/* The baseline of version 3: a login by C_LoginUser, a session's information. */
static void extended_functions(void) {
    __typeof__(&C_LoginUser) login_user = (__typeof__(&C_LoginUser))module_symbol("C_LoginUser");
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_SESSION_HANDLE session = open_session(slot, 0);
    CK_SESSION_INFO info;
    expect_rv("C_GetSessionInfo", CKR_OK, p11->C_GetSessionInfo(session, &info));
    expect_number("state", card == CARD_CONTACTLESS ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION, info.state);
    expect_number("slot", slot, info.slotID);
    if (card != CARD_CONTACTLESS) {
        expect_rv("C_LoginUser without a name", CKR_OK,
                  login_user(session, CKU_USER, (CK_BYTE *)pin, strlen(pin), NULL, 0));
        expect_rv("C_GetSessionInfo", CKR_OK, p11->C_GetSessionInfo(session, &info));
        expect_number("state", CKS_RO_USER_FUNCTIONS, info.state);
    }
    must("C_Finalize", p11->C_Finalize(NULL));
}

/* ---- CERT-M ---- */

static void public_certificates(void) {
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE found[5];
    CK_ULONG hits = 0;
    unsigned char value[8192];
    note("CERT-M");
    up_to_token_info();
    expect_rv("C_OpenSession", CKR_OK, p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
    expect_rv("C_FindObjectsInit", CKR_OK, p11->C_FindObjectsInit(session, on_token, 1));
    expect_rv("C_FindObjects", CKR_OK, p11->C_FindObjects(session, found, 5, &hits));
    expect("objects without a login", hits >= 2, "%lu", hits);
    /* With the search still open. */
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0}, content = {CKA_VALUE, NULL, 0};
    expect_rv("CKA_LABEL, length", CKR_OK, p11->C_GetAttributeValue(session, found[0], &label, 1));
    label.pValue = value;
    expect_rv("CKA_LABEL", CKR_OK, p11->C_GetAttributeValue(session, found[0], &label, 1));
    expect_rv("CKA_VALUE, length", CKR_OK, p11->C_GetAttributeValue(session, found[1], &content, 1));
    content.pValue = value;
    expect("CKA_VALUE has a length", content.ulValueLen > 0 && content.ulValueLen <= sizeof value, "%lu", content.ulValueLen);
    expect_rv("CKA_VALUE", CKR_OK, p11->C_GetAttributeValue(session, found[1], &content, 1));
    expect_rv("C_FindObjectsFinal", CKR_OK, p11->C_FindObjectsFinal(session));
    finish_case(session);
}

/* Every certificate is readable without a login, and its key found by CKA_ID. */
static void certificate_clauses(void) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE all[] = {{CKA_CLASS, &class, sizeof class}};
    CK_OBJECT_HANDLE certificates[16];
    unsigned char value[8192], id[64];
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_SESSION_HANDLE session = open_session(slot, 0);
    CK_ULONG count = find_objects(session, all, 1, certificates, 16);
    expect_number("certificates", card == CARD_CONTACTLESS ? 1 : 2, count);
    for (CK_ULONG index = 0; index < count && index < 16; index++) {
        CK_ULONG length = attribute(session, certificates[index], CKA_VALUE, value, sizeof value);
        expect("certificate readable without a login", length > 100 && length <= sizeof value && value[0] == 0x30, "%lu", length);
        CK_ULONG id_length = attribute(session, certificates[index], CKA_ID, id, sizeof id);
        expect("its CKA_ID", id_length > 0 && id_length <= sizeof id, "%lu", id_length);
        if (id_length > sizeof id) continue;
        expect("a public or private key with this CKA_ID before login",
               find_by_id(session, CKO_PUBLIC_KEY, id, id_length) || find_by_id(session, CKO_PRIVATE_KEY, id, id_length), "none");
        if (card != CARD_CONTACTLESS) must("C_Login", login(session, pin));
        expect("a private key with this CKA_ID after login", find_by_id(session, CKO_PRIVATE_KEY, id, id_length) != 0, "none");
        if (card != CARD_CONTACTLESS) must("C_Logout", p11->C_Logout(session));
    }
    must("C_Finalize", p11->C_Finalize(NULL));
}

/* ---- Profile objects and unique identifiers ---- */

struct identifiers {
    char texts[64][128];
    CK_ULONG count;
};

static void read_identifiers(CK_SESSION_HANDLE session, struct identifiers *list) {
    CK_OBJECT_HANDLE objects[64];
    list->count = find_objects(session, NULL, 0, objects, 64);
    for (CK_ULONG index = 0; index < list->count && index < 64; index++) {
        CK_ULONG length = attribute(session, objects[index], CKA_UNIQUE_ID, list->texts[index], sizeof list->texts[0] - 1);
        expect("CKA_UNIQUE_ID", length > 0 && length < sizeof list->texts[0], "object %lu: %ld", objects[index], (long)length);
        list->texts[index][length < sizeof list->texts[0] ? length : 0] = 0;
        for (CK_ULONG other = 0; other < index; other++)
            expect("CKA_UNIQUE_ID only once", strcmp(list->texts[index], list->texts[other]) != 0, "%s", list->texts[index]);
    }
}

static void profile_objects(void) {
    CK_OBJECT_CLASS class = CKO_PROFILE;
    CK_ATTRIBUTE all[] = {{CKA_CLASS, &class, sizeof class}};
    CK_OBJECT_HANDLE profiles[8], objects[64];
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_SESSION_HANDLE session = open_session(slot, 0);
    CK_ULONG count = find_objects(session, all, 1, profiles, 8);
    bool announced[5] = {false};
    expect_number("profile objects without a login", card == CARD_CONTACTLESS ? 2 : 3, count);
    for (CK_ULONG index = 0; index < count && index < 8; index++) {
        CK_ULONG profile = 0;
        CK_BBOOL is_private = CK_TRUE, token_object = CK_FALSE;
        expect_number("CKA_PROFILE_ID", sizeof profile, attribute(session, profiles[index], CKA_PROFILE_ID, &profile, sizeof profile));
        expect("a profile of the standard", profile >= 1 && profile <= 4, "%lu", profile);
        if (profile <= 4) announced[profile] = true;
        attribute(session, profiles[index], CKA_PRIVATE, &is_private, 1);
        attribute(session, profiles[index], CKA_TOKEN, &token_object, 1);
        expect("a public token object", !is_private && token_object, "private %d, token %d", is_private, token_object);
        CK_ATTRIBUTE by_id[] = {{CKA_CLASS, &class, sizeof class}, {CKA_PROFILE_ID, &profile, sizeof profile}};
        CK_OBJECT_HANDLE found = 0;
        expect_number("found by CKA_PROFILE_ID", 1, find_objects(session, by_id, 2, &found, 1));
    }
    expect("CKP_BASELINE_PROVIDER", announced[1], "not announced");
    expect("CKP_EXTENDED_PROVIDER, which wants a login", announced[2] == (card != CARD_CONTACTLESS), "announced: %d", announced[2]);
    expect("no CKP_AUTHENTICATION_TOKEN: Firefox asks for the PIN at its start with it", !announced[3], "announced");
    expect("CKP_PUBLIC_CERTIFICATES_TOKEN", announced[4], "not announced");
    CK_ULONG total = find_objects(session, NULL, 0, objects, 64);
    for (CK_ULONG index = 0; index < count && total >= count; index++)
        expect_number("profiles are listed last", profiles[index], objects[total - count + index]);

    static struct identifiers once, again;
    if (card != CARD_CONTACTLESS) must("C_Login", login(session, pin));
    read_identifiers(session, &once);
    must("C_Finalize", p11->C_Finalize(NULL));
    must("C_Initialize", p11->C_Initialize(NULL));
    session = open_session(slot, 0);
    if (card != CARD_CONTACTLESS) must("C_Login", login(session, pin));
    read_identifiers(session, &again);
    expect("the same CKA_UNIQUE_ID after a new C_Initialize",
           once.count == again.count && memcmp(once.texts, again.texts, sizeof once.texts) == 0, "other ones");
    must("C_Finalize", p11->C_Finalize(NULL));
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: profiles MODULE PIN\n");
        return 2;
    }
    pin = arguments[2];
    load_module(arguments[1]);
    watchdog(120, "profiles");
    interfaces();
    must("C_Initialize", p11->C_Initialize(NULL));
    slot = first_token();
    card = kind_of_card(slot);
    must("C_Finalize", p11->C_Finalize(NULL));
    baseline();
    extended();
    extended_functions();
    public_certificates();
    certificate_clauses();
    profile_objects();
    return finish();
}
