/* SPDX-License-Identifier: Apache-2.0 */
// A PKCS#11 program that does as it is told: one call for each line of stdin, one
// line of answer, with the name of the return code. For what pkcs11-tool cannot
// ask, and for cards that come and go while a program runs.
//
//   p11-calls MODULE [PARAMETERS] < calls
//
// PARAMETERS is the initialization string.
//
//   count-slots                  with a token, for the length of the list
//   list-slots COUNT             with a token, into a list of this length
//   slot-info SLOT               present | empty
//   token-info SLOT              label and flags
//   open SLOT | close            a read-write session
//   close-all SLOT | finalize
//   wait                         until a token or reader comes or goes
//   exit                         by exit(), without C_Finalize
//   exit-in MILLISECONDS         the same by a signal handler, whatever is called then
//   _exit                        as Firefox does: nothing of ours runs
//   fork SECONDS                 a child that sleeps so long, and calls nothing
//   login user|so PIN | logout
//   set-pin OLD NEW | init-pin NEW
//   find ATTRIBUTE=HEX...        class and label of each hit
//   attributes                   class, CKA_ID or label, attribute, value of all objects
//   value LABEL                  CKA_VALUE of the data object with this label
//   sign LABEL HEX               CKM_RSA_PKCS
//   closefrom NUMBER             closes all descriptors from this one on, as daemons do
//   replace-descriptors FILE     closes all but the standard streams, as daemons do, and
//                                opens the file for writing in the place of each
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* A further flag for dlopen. */
#ifndef HOW_ELSE
#define HOW_ELSE 0
#endif

static CK_FUNCTION_LIST_PTR p11;
static CK_SESSION_HANDLE session;

struct name {
    CK_ULONG value;
    const char *name;
};
#define NAME(x) {x, #x}

static const struct name codes[] = {
    NAME(CKR_OK), NAME(CKR_GENERAL_ERROR), NAME(CKR_FUNCTION_FAILED), NAME(CKR_ARGUMENTS_BAD),
    NAME(CKR_ATTRIBUTE_TYPE_INVALID), NAME(CKR_ATTRIBUTE_SENSITIVE), NAME(CKR_BUFFER_TOO_SMALL),
    NAME(CKR_DATA_INVALID), NAME(CKR_DATA_LEN_RANGE), NAME(CKR_DEVICE_ERROR), NAME(CKR_DEVICE_REMOVED),
    NAME(CKR_FUNCTION_NOT_SUPPORTED), NAME(CKR_KEY_HANDLE_INVALID), NAME(CKR_KEY_TYPE_INCONSISTENT),
    NAME(CKR_MECHANISM_INVALID), NAME(CKR_OBJECT_HANDLE_INVALID), NAME(CKR_PIN_INCORRECT), NAME(CKR_PIN_INVALID),
    NAME(CKR_PIN_LEN_RANGE), NAME(CKR_PIN_LOCKED), NAME(CKR_SESSION_HANDLE_INVALID), NAME(CKR_SLOT_ID_INVALID),
    NAME(CKR_TOKEN_NOT_PRESENT), NAME(CKR_TOKEN_NOT_RECOGNIZED), NAME(CKR_USER_ALREADY_LOGGED_IN),
    NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN), NAME(CKR_USER_NOT_LOGGED_IN), NAME(CKR_USER_PIN_NOT_INITIALIZED),
    NAME(CKR_CRYPTOKI_NOT_INITIALIZED), NAME(CKR_HOST_MEMORY),
};

static const struct name attributes[] = {
    NAME(CKA_CLASS), NAME(CKA_TOKEN), NAME(CKA_PRIVATE), NAME(CKA_LABEL), NAME(CKA_APPLICATION), NAME(CKA_VALUE),
    NAME(CKA_CERTIFICATE_TYPE), NAME(CKA_ISSUER), NAME(CKA_SERIAL_NUMBER), NAME(CKA_TRUSTED), NAME(CKA_KEY_TYPE),
    NAME(CKA_SUBJECT), NAME(CKA_ID), NAME(CKA_SENSITIVE), NAME(CKA_ENCRYPT), NAME(CKA_DECRYPT), NAME(CKA_WRAP),
    NAME(CKA_UNWRAP), NAME(CKA_SIGN), NAME(CKA_SIGN_RECOVER), NAME(CKA_VERIFY), NAME(CKA_VERIFY_RECOVER),
    NAME(CKA_DERIVE), NAME(CKA_START_DATE), NAME(CKA_END_DATE), NAME(CKA_MODULUS), NAME(CKA_MODULUS_BITS),
    NAME(CKA_PUBLIC_EXPONENT), NAME(CKA_PRIVATE_EXPONENT), NAME(CKA_PRIME_1), NAME(CKA_EXTRACTABLE), NAME(CKA_LOCAL),
    NAME(CKA_NEVER_EXTRACTABLE), NAME(CKA_ALWAYS_SENSITIVE), NAME(CKA_KEY_GEN_MECHANISM), NAME(CKA_MODIFIABLE),
    NAME(CKA_ALWAYS_AUTHENTICATE),
};

static const struct name token_flags[] = {
    NAME(CKF_RNG), NAME(CKF_WRITE_PROTECTED), NAME(CKF_LOGIN_REQUIRED), NAME(CKF_USER_PIN_INITIALIZED),
    NAME(CKF_TOKEN_INITIALIZED), NAME(CKF_USER_PIN_COUNT_LOW), NAME(CKF_USER_PIN_FINAL_TRY), NAME(CKF_USER_PIN_LOCKED),
    NAME(CKF_SO_PIN_COUNT_LOW), NAME(CKF_SO_PIN_FINAL_TRY), NAME(CKF_SO_PIN_LOCKED),
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static void answer(CK_RV code) {
    for (size_t i = 0; i < COUNT(codes); i++) {
        if (codes[i].value == code) {
            printf("%s\n", codes[i].name);
            return;
        }
    }
    printf("CKR_0x%lX\n", code);
}

static void print_hex(const unsigned char *bytes, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++) printf("%02x", bytes[i]);
}

static CK_ULONG read_hex(const char *text, unsigned char *bytes, CK_ULONG room) {
    CK_ULONG count = 0;
    unsigned int byte;
    while (count < room && sscanf(text + 2 * count, "%2x", &byte) == 1) bytes[count++] = (unsigned char)byte;
    return count;
}

static void list_slots(CK_SLOT_ID *slots, CK_ULONG count) {
    CK_RV code = p11->C_GetSlotList(CK_TRUE, slots, &count);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK %lu\n", count);
}

static void show_slot(CK_SLOT_ID slot) {
    CK_SLOT_INFO info;
    CK_RV code = p11->C_GetSlotInfo(slot, &info);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK %s\n", info.flags & CKF_TOKEN_PRESENT ? "present" : "empty");
}

static void show_token(CK_SLOT_ID slot) {
    CK_TOKEN_INFO info;
    CK_RV code = p11->C_GetTokenInfo(slot, &info);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK %.32s", info.label);
    for (size_t i = 0; i < COUNT(token_flags); i++)
        if (info.flags & token_flags[i].value) printf(" %s", token_flags[i].name);
    printf("\n");
}

// The value of an attribute, to be freed; NULL and the code if there is none.
static unsigned char *attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG *length, CK_RV *code) {
    CK_ATTRIBUTE template = {type, NULL, 0};
    *code = p11->C_GetAttributeValue(session, object, &template, 1);
    if (*code != CKR_OK) return NULL;
    unsigned char *bytes = calloc(1, template.ulValueLen + 1);
    template.pValue = bytes;
    *code = p11->C_GetAttributeValue(session, object, &template, 1);
    if (*code != CKR_OK) {
        free(bytes);
        return NULL;
    }
    *length = template.ulValueLen;
    return bytes;
}

static const char *class_name(CK_OBJECT_HANDLE object) {
    CK_ULONG length;
    CK_RV code;
    unsigned char *value = attribute(object, CKA_CLASS, &length, &code);
    CK_OBJECT_CLASS class = CKO_VENDOR_DEFINED;
    if (value) memcpy(&class, value, sizeof class);
    free(value);
    switch (class) {
    case CKO_DATA: return "data";
    case CKO_CERTIFICATE: return "certificate";
    case CKO_PUBLIC_KEY: return "public-key";
    case CKO_PRIVATE_KEY: return "private-key";
    default: return "other";
    }
}

static CK_RV search(CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *found) {
    *found = 0;
    CK_RV code = p11->C_FindObjectsInit(session, template, count);
    if (code == CKR_OK) code = p11->C_FindObjects(session, objects, room, found);
    if (code == CKR_OK) code = p11->C_FindObjectsFinal(session);
    return code;
}

static void find(char *words) {
    CK_ATTRIBUTE template[8];
    unsigned char values[8][2048];
    CK_ULONG count = 0;
    for (char *word = strtok(words, " "); word && count < 8; word = strtok(NULL, " ")) {
        char *value = strchr(word, '=');
        if (!value) continue;
        *value++ = 0;
        for (size_t i = 0; i < COUNT(attributes); i++) {
            if (strcmp(attributes[i].name, word) != 0) continue;
            CK_ULONG length = read_hex(value, values[count], sizeof values[count]);
            template[count] = (CK_ATTRIBUTE){attributes[i].value, values[count], length};
            count++;
        }
    }
    CK_OBJECT_HANDLE objects[64];
    CK_ULONG found;
    CK_RV code = search(template, count, objects, 64, &found);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK %lu", found);
    for (CK_ULONG i = 0; i < found; i++) {
        CK_ULONG length = 0;
        unsigned char *label = attribute(objects[i], CKA_LABEL, &length, &code);
        printf("; %s %s", class_name(objects[i]), label ? (char *)label : "?");
        free(label);
    }
    printf("\n");
}

static void show_attributes(void) {
    CK_OBJECT_HANDLE objects[64];
    CK_ULONG found;
    CK_RV code = search(NULL, 0, objects, 64, &found);
    for (CK_ULONG i = 0; i < found; i++) {
        CK_ULONG length = 0;
        unsigned char *label = attribute(objects[i], CKA_LABEL, &length, &code);
        for (size_t j = 0; j < COUNT(attributes); j++) {
            CK_RV result;
            CK_ULONG size = 0;
            unsigned char *value = attribute(objects[i], attributes[j].value, &size, &result);
            printf("%s|%s|%s|", class_name(objects[i]), label ? (char *)label : "?", attributes[j].name);
            if (value) {
                print_hex(value, size);
                printf("\n");
            } else {
                answer(result);
            }
            free(value);
        }
        free(label);
    }
    answer(code);
}

static CK_RV labelled(CK_OBJECT_CLASS class, char *label, CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, strlen(label)}};
    CK_ULONG found;
    CK_RV code = search(template, 2, object, 1, &found);
    return code == CKR_OK && found == 0 ? CKR_OBJECT_HANDLE_INVALID : code;
}

static void show_value(char *label) {
    CK_OBJECT_HANDLE object;
    CK_ULONG length = 0;
    unsigned char *value = NULL;
    CK_RV code = labelled(CKO_DATA, label, &object);
    if (code == CKR_OK) value = attribute(object, CKA_VALUE, &length, &code);
    if (!value) return answer(code);
    printf("CKR_OK ");
    print_hex(value, length);
    printf("\n");
    free(value);
}

static void sign(char *label, const char *hex) {
    unsigned char data[512], signature[512];
    CK_ULONG count = read_hex(hex, data, sizeof data), length = sizeof signature;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key;
    CK_RV code = labelled(CKO_PRIVATE_KEY, label, &key);
    if (code == CKR_OK) code = p11->C_SignInit(session, &mechanism, key);
    if (code == CKR_OK) code = p11->C_Sign(session, data, count, signature, &length);
    if (code != CKR_OK) return answer(code);
    printf("CKR_OK ");
    print_hex(signature, length);
    printf("\n");
}

static void end_now(int signal) {
    (void)signal;
    exit(0);
}

static void exit_in(long milliseconds) {
    struct itimerval time = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
    signal(SIGALRM, end_now);
    setitimer(ITIMER_REAL, &time, NULL);
    printf("OK\n");
}

static void close_descriptors(int first) {
    for (int descriptor = first; descriptor < 256; descriptor++) close(descriptor);
    printf("OK\n");
}

static void replace_descriptors(const char *path) {
    for (int descriptor = 3; descriptor < 64; descriptor++) {
        if (close(descriptor) == 0 && open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) < 0) return perror(path);
    }
    printf("OK\n");
}

static void fork_child(unsigned seconds) {
    pid_t child = fork();
    if (child == 0) {
        close(STDOUT_FILENO);
        sleep(seconds);
        _exit(0);
    }
    printf(child > 0 ? "OK\n" : "fork failed\n");
}

static void obey(char *line) {
    char call[32] = "", first[64] = "", second[1200] = "";
    int rest = 0;
    sscanf(line, "%31s %n%63s %1199s", call, &rest, first, second);
    CK_SLOT_ID slot = strtoul(first, NULL, 0);
    CK_UTF8CHAR *one = (CK_UTF8CHAR *)first, *two = (CK_UTF8CHAR *)second;
    CK_SLOT_ID slots[16];
    if (!strcmp(call, "slot-info")) show_slot(slot);
    else if (!strcmp(call, "count-slots")) list_slots(NULL, 0);
    else if (!strcmp(call, "list-slots")) list_slots(slots, slot < 16 ? slot : 16);
    else if (!strcmp(call, "token-info")) show_token(slot);
    else if (!strcmp(call, "open"))
        answer(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    else if (!strcmp(call, "close")) answer(p11->C_CloseSession(session));
    else if (!strcmp(call, "close-all")) answer(p11->C_CloseAllSessions(slot));
    else if (!strcmp(call, "wait")) answer(p11->C_WaitForSlotEvent(0, &slot, NULL));
    else if (!strcmp(call, "finalize")) answer(p11->C_Finalize(NULL));
    else if (!strcmp(call, "exit")) exit(0);
    else if (!strcmp(call, "exit-in")) exit_in(strtol(first, NULL, 10));
    else if (!strcmp(call, "_exit")) _exit(0);
    else if (!strcmp(call, "fork")) fork_child((unsigned)slot);
    else if (!strcmp(call, "login")) answer(p11->C_Login(session, strcmp(first, "so") ? CKU_USER : CKU_SO, two, strlen(second)));
    else if (!strcmp(call, "logout")) answer(p11->C_Logout(session));
    else if (!strcmp(call, "set-pin")) answer(p11->C_SetPIN(session, one, strlen(first), two, strlen(second)));
    else if (!strcmp(call, "init-pin")) answer(p11->C_InitPIN(session, one, strlen(first)));
    else if (!strcmp(call, "find")) find(line + (rest ? rest : (int)strlen(line)));
    else if (!strcmp(call, "attributes")) show_attributes();
    else if (!strcmp(call, "value")) show_value(first);
    else if (!strcmp(call, "sign")) sign(first, second);
    else if (!strcmp(call, "closefrom")) close_descriptors((int)slot);
    else if (!strcmp(call, "replace-descriptors")) replace_descriptors(first);
    else printf("unknown call: %s\n", call);
    fflush(stdout);
}

int main(int count, char **words) {
    if (count != 2 && count != 3) return 2;
    void *module = dlopen(words[1], RTLD_NOW | HOW_ELSE);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    CK_C_GetFunctionList get = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    CK_ULONG slots = 0;
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK, .pReserved = words[2]};
    if (!get || get(&p11) != CKR_OK || p11->C_Initialize(&arguments) != CKR_OK) return 1;
    // Programs list the slots before they use one.
    if (p11->C_GetSlotList(CK_FALSE, NULL, &slots) != CKR_OK) return 1;
    char line[2400];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        obey(line);
    }
    CK_RV code = p11->C_Finalize(NULL);
    return code == CKR_OK || code == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}
