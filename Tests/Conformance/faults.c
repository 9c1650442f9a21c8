/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults at every APDU of every scenario, through pcscd: the virtual card does the
 * wrong thing once, then the same process tries again with the healthy card.
 *
 *   faults MODULE READER cps3|cps4 sample|full|restart
 *
 * sample:   one kind of fault at each position, the kinds taking turns
 * full:     every kind at each position
 * restart:  pcscd is killed in the middle of an APDU, at a few positions
 *
 * After each fault: a return code that is right for its kind, within five seconds;
 * the next attempt works; no try was spent; no wrong signature came out.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#include "faults/scenarios.h"
#include "support/cards.h"

/* How long an attempt may take, in milliseconds, and when it counts as hanging, in seconds. */
#define PATIENCE 5000UL
#define LONGEST_ATTEMPT 60

/* ---- Kinds of faults, and the codes that are right for them ---- */

/* CKR_OK is right where the fault could be made good. */
#define REMOVED CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID
#define WRONG_ANSWER CKR_OK, CKR_DEVICE_ERROR

typedef struct {
    /* For the virtual card: "--help" of cps-virtual-card insert. */
    const char *fault;
    CK_RV codes[6];
} fault_kind;

static const fault_kind kinds[] = {
    {"drop", {REMOVED, END_OF_CODES}},
    {"reset", {CKR_OK, CKR_DEVICE_ERROR, CKR_USER_NOT_LOGGED_IN, END_OF_CODES}},
    /* Not an empty answer: vpcd waits for more then. */
    {"repeat", {WRONG_ANSWER, CKR_ENCRYPTED_DATA_INVALID, END_OF_CODES}},
    {"garbage:8A31F09B5577D200C35E61", {WRONG_ANSWER, END_OF_CODES}},
    {"garbage:00000000000000000000000000000000000000009000", {WRONG_ANSWER, END_OF_CODES}},
    {"truncate:1", {WRONG_ANSWER, END_OF_CODES}},
    {"truncate:2", {WRONG_ANSWER, END_OF_CODES}},
    {"shorten:30", {WRONG_ANSWER, END_OF_CODES}},
    {"status:6F00", {WRONG_ANSWER, END_OF_CODES}},
    {"status:6982", {WRONG_ANSWER, CKR_USER_NOT_LOGGED_IN, END_OF_CODES}},
    /* The applet is selected for these two, which ends a CPS4's login. */
    {"refuse:6A82", {WRONG_ANSWER, CKR_USER_NOT_LOGGED_IN, END_OF_CODES}},
    {"refuse:6E00", {WRONG_ANSWER, CKR_USER_NOT_LOGGED_IN, END_OF_CODES}},
    {"delay:300", {CKR_OK, END_OF_CODES}},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Without a pcscd there are no readers. */
static const fault_kind killed = {"delay:800", {CKR_DEVICE_ERROR, REMOVED, END_OF_CODES}};

static bool is_right(const fault_kind *kind, CK_RV code) {
    for (int index = 0; kind->codes[index] != END_OF_CODES; index++)
        if (kind->codes[index] == code) return true;
    return false;
}

/* ---- The card ---- */

static int reader;
static card_kind card;
static char state_file[512], fault_file[512], trace_file[512];

static void state_text(const char *field, char *value, size_t size) {
    char text[65536] = "", key[64];
    FILE *file = fopen(state_file, "r");
    if (file == NULL) return;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    snprintf(key, sizeof key, "\"%s\" : \"", field);
    char *start = strstr(text, key);
    if (start != NULL) snprintf(value, size, "%.*s", (int)strcspn(start + strlen(key), "\""), start + strlen(key));
}

static const char *pin_now(void) {
    static char pin[16];
    strcpy(pin, OLD_PIN);
    state_text("pin", pin, sizeof pin);
    return pin;
}

static void put_card_in(void) {
    char options[2048];
    snprintf(options, sizeof options, "--state '%s' --fault-file '%s' --trace '%s'", state_file, fault_file, trace_file);
    insert_card(reader, card, options);
}

/* new_card: as it came from its issuer. */
static void new_card(void) {
    remove_card(reader);
    unlink(state_file);
    unlink(trace_file);
    put_card_in();
}

/* plan: something goes wrong at an APDU from now on. */
static void plan(const fault_kind *kind, unsigned position) {
    char temporary[600];
    snprintf(temporary, sizeof temporary, "%s.new", fault_file);
    FILE *file = fopen(temporary, "w");
    if (file == NULL || fprintf(file, "%s@%u\n", kind->fault, position) < 0 || fclose(file) != 0 ||
        rename(temporary, fault_file) != 0)
        give_up("%s: %s", fault_file, strerror(errno));
}

static bool has_come(void) { return access(fault_file, F_OK) != 0; }

/* ---- Judgement ---- */

static unsigned long injected, ends[8], defects;
static const CK_RV end_codes[8] = {
    CKR_OK,          CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID,
    CKR_USER_NOT_LOGGED_IN, CKR_ENCRYPTED_DATA_INVALID};

static void count_end(CK_RV code) {
    int index = 0;
    while (index < 7 && end_codes[index] != code) index++;
    ends[index]++;
}

typedef struct {
    scenario what;
    const fault_kind *kind;
    unsigned position;
} test_case;

static bool judge(const test_case *now, const char *which, bool holds, const char *function, CK_RV code) {
    if (!holds) defects++;
    return expect(which, holds, "%s on %s, %s@%u: %s %s", scenario_names[now->what], card_names[card], now->kind->fault,
                  now->position, function, rv_name(code));
}

static void judge_card(const test_case *now, const attempt *result) {
    long tries = state_number(state_file, "pinTriesLeft"), unblocking = state_number(state_file, "pukTriesLeft");
    judge(now, "no try is spent", (tries == 3 || tries < 0) && (unblocking < 0 || unblocking == (card == CARD_CPS4 ? 3 : 10)),
          result->function, result->code);
    const char *pin = pin_now();
    judge(now, "the PIN is one that was given", strcmp(pin, OLD_PIN) == 0 || strcmp(pin, NEW_PIN) == 0,
          result->function, result->code);
}

/* The messages that a CPS3 takes out of their padding: nothing tells right ones from wrong ones. */
static bool may_differ(const test_case *now) { return now->what == SCENARIO_DECRYPT && card == CARD_CPS3; }

/* A machine with more to do than it has processors takes longer, which is no defect. */
static unsigned long patience(void) {
    double load = 0;
    getloadavg(&load, 1);
    double share = 2 * load / (double)sysconf(_SC_NPROCESSORS_ONLN);
    return share > 1 ? (unsigned long)(share * PATIENCE) : PATIENCE;
}

static void judge_fault(const test_case *now, const attempt *result, const attempt *healthy, unsigned long duration) {
    count_end(result->code);
    judge(now, "a right code", is_right(now->kind, result->code), result->function, result->code);
    judge(now, "in time", duration <= patience(), result->function, duration);
    judge(now, "no wrong signature", !result->wrong_signature, result->function, result->code);
    judge(now, "nothing is hidden",
          result->code != CKR_OK || (!result->found_nothing && (may_differ(now) || memcmp(result->sight, healthy->sight, 32) == 0)),
          result->function, result->code);
    judge_card(now, result);
}

static void judge_next(const test_case *now, const attempt *healthy) {
    alarm(LONGEST_ATTEMPT);
    attempt next = try_scenario(now->what, (CK_SLOT_ID)reader, pin_now());
    judge(now, "the next attempt works", next.code == CKR_OK && !next.found_nothing && !next.wrong_signature, next.function,
          next.code);
    judge(now, "the next attempt sees all", memcmp(next.sight, healthy->sight, 32) == 0, next.function, next.code);
    judge_card(now, &next);
}

static attempt healthy_attempt(scenario what) {
    attempt result = try_scenario(what, (CK_SLOT_ID)reader, pin_now());
    if (result.code != CKR_OK || result.found_nothing || result.wrong_signature)
        give_up("%s on %s does not work without a fault: %s %s", scenario_names[what], card_names[card], result.function,
                rv_name(result.code));
    return result;
}

/* initialize: the slot of the reader is known by its number. */
static void initialize(void) {
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    must("C_Initialize", p11->C_Initialize(NULL));
    must("C_GetSlotList", p11->C_GetSlotList(CK_FALSE, slots, &count));
}

static void finalize(void) { must("C_Finalize", p11->C_Finalize(NULL)); }

/* ---- One fault ---- */

/* one_case: false when the scenario has no APDU at this position. */
static bool one_case(const test_case *now, const attempt *healthy) {
    initialize();
    plan(now->kind, now->position);
    alarm(LONGEST_ATTEMPT);
    unsigned long start = milliseconds_now();
    attempt result = try_scenario(now->what, (CK_SLOT_ID)reader, pin_now());
    unsigned long duration = milliseconds_now() - start;
    bool came = has_come();
    if (came) {
        injected++;
        judge_fault(now, &result, healthy, duration);
        if (strcmp(now->kind->fault, "drop") == 0) {
            remove_card(reader);
            put_card_in();
        }
        judge_next(now, healthy);
    } else {
        unlink(fault_file);
    }
    finalize();
    return came;
}

/* A card's code for unblocking can be used a hundred times (CPS3). */
#define CASES_PER_CARD 40

static void sweep(scenario what, bool all_kinds) {
    new_card();
    initialize();
    attempt healthy = healthy_attempt(what);
    finalize();
    unsigned cases = 0;
    for (test_case now = {.what = what, .position = 1};; now.position++) {
        for (unsigned index = 0; index < (all_kinds ? (unsigned)KINDS : 1); index++) {
            now.kind = &kinds[(index + now.position + (unsigned)what * 3) % KINDS];
            if (what == SCENARIO_UNBLOCK && ++cases % CASES_PER_CARD == 0) new_card();
            if (!one_case(&now, &healthy)) return;
        }
    }
}

/* ---- pcscd killed ---- */

static pid_t pcscd;

static void *kill_pcscd_when_it_has_come(void *unused) {
    (void)unused;
    while (!has_come()) sleep_milliseconds(5);
    kill(pcscd, SIGKILL);
    return NULL;
}

static void spawn_pcscd(void) {
    extern char **environ;
    char command[4096];
    if (getenv("CPS_PCSCD") == NULL) give_up("CPS_PCSCD is not set: run this by Tests/Conformance/faults.sh");
    snprintf(command, sizeof command, "exec %s >/dev/null 2>&1", getenv("CPS_PCSCD"));
    char *arguments[] = {"sh", "-c", command, NULL};
    if (posix_spawn(&pcscd, "/bin/sh", NULL, NULL, arguments, environ) != 0) give_up("pcscd does not start");
}

static void start_pcscd(void) {
    spawn_pcscd();
    for (int attempt = 0; attempt < 200; attempt++) {
        /* The one before may still hold the ports. */
        if (waitpid(pcscd, NULL, WNOHANG) == pcscd) spawn_pcscd();
        SCARDCONTEXT context;
        DWORD length = 0;
        bool ready = false;
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS) {
            ready = SCardListReaders(context, NULL, NULL, &length) == SCARD_S_SUCCESS;
            SCardReleaseContext(context);
        }
        if (ready) return;
        sleep_milliseconds(50);
    }
    give_up("pcscd does not come back");
}

static unsigned commands_in_trace(void) {
    char line[4096];
    unsigned count = 0;
    FILE *file = fopen(trace_file, "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL) count += strstr(line, " > ") != NULL;
    fclose(file);
    return count;
}

static void kill_and_restart(scenario what, unsigned positions) {
    new_card();
    initialize();
    attempt healthy = healthy_attempt(what);
    finalize();
    unsigned commands = commands_in_trace();
    for (unsigned index = 0; index < positions; index++) {
        test_case now = {what, &killed, 1 + (commands - 1) * (index * 2 + 1 + (unsigned)what % 2) / (positions * 2 + 1)};
        pthread_t killer;
        initialize();
        plan(&killed, now.position);
        pthread_create(&killer, NULL, kill_pcscd_when_it_has_come, NULL);
        alarm(LONGEST_ATTEMPT);
        unsigned long start = milliseconds_now();
        attempt result = try_scenario(what, (CK_SLOT_ID)reader, pin_now());
        unsigned long duration = milliseconds_now() - start;
        if (!has_come()) give_up("%s on %s has no APDU %u", scenario_names[what], card_names[card], now.position);
        pthread_join(killer, NULL);
        waitpid(pcscd, NULL, 0);
        injected++;
        judge_fault(&now, &result, &healthy, duration);
        pull_card(reader);
        start_pcscd();
        put_card_in();
        judge_next(&now, &healthy);
        finalize();
    }
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "usage: faults MODULE READER cps3|cps4 sample|full|restart|full-restart\n");
        return 2;
    }
    load_module(arguments[1]);
    reader = atoi(arguments[2]);
    card = strcmp(arguments[3], "cps4") == 0 ? CARD_CPS4 : CARD_CPS3;
    snprintf(state_file, sizeof state_file, "%s", test_file("state"));
    snprintf(fault_file, sizeof fault_file, "%s", test_file("fault"));
    snprintf(trace_file, sizeof trace_file, "%s", test_file("trace"));
    watchdog(LONGEST_ATTEMPT, "an attempt");
    bool restarts = strstr(arguments[4], "restart") != NULL, all = strncmp(arguments[4], "full", 4) == 0;
    if (restarts) start_pcscd();
    new_card();
    initialize();
    learn_keys((CK_SLOT_ID)reader);
    finalize();
    for (scenario what = 0; what < SCENARIO_COUNT; what++) {
        if (what == SCENARIO_SIGN_PSS && card == CARD_CPS3) continue;
        if (restarts) {
            kill_and_restart(what, all ? 5 : 1);
        } else {
            sweep(what, all);
        }
    }
    printf("faults: %s: %lu injected, %lu defects;", card_names[card], injected, defects);
    for (int index = 0; index < 8; index++)
        if (ends[index] > 0) printf(" %lu %s", ends[index], index < 7 ? rv_name(end_codes[index]) : "others");
    printf("\n");
    alarm(0);
    remove_card(reader);
    return finish();
}
