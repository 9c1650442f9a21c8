/* SPDX-License-Identifier: Apache-2.0 */
#include "cards.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

extern char **environ;

const char *reader_names[2] = {"Virtual reader 00 00", "Virtual reader 00 01"};

static pid_t card_processes[2];

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) give_up("%s is not set: run this by Tests/Conformance/boundary.sh", name);
    return value;
}

static pid_t run(const char *command, posix_spawn_file_actions_t *actions) {
    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    pid_t process = 0;
    /* The signals that a test has blocked or ignored are not the program's. */
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int result = posix_spawn(&process, "/bin/sh", actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    if (result != 0) give_up("%s: %s", command, strerror(result));
    return process;
}

static bool card_is_there(SCARDCONTEXT context, int reader, bool *known) {
    SCARD_READERSTATE state = {.szReader = reader_names[reader]};
    *known = SCardGetStatusChange(context, 0, &state, 1) == SCARD_S_SUCCESS;
    return state.dwEventState & SCARD_STATE_PRESENT;
}

/* Whether pcscd sees a card there, or none, within so many looks of 20 ms. */
static bool card_becomes(int reader, bool present, int attempts) {
    SCARDCONTEXT context;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) give_up("no pcscd");
    bool done = false;
    for (int attempt = 0; attempt < attempts && !done; attempt++) {
        bool known;
        bool there = card_is_there(context, reader, &known);
        done = known && there == present;
        if (done) break;
        if (present && card_processes[reader] != 0 && waitpid(card_processes[reader], NULL, WNOHANG) != 0) break;
        sleep_milliseconds(20);
    }
    SCardReleaseContext(context);
    return done;
}

void wait_for_card(int reader, bool present) {
    if (!card_becomes(reader, present, 500))
        give_up("%s: %s", reader_names[reader], present ? "no card comes" : "the card stays");
}

static void end_card(int reader, int signal_number);

/* A program that resets a card just when that goes leaves pcscd with a mute reader,
   until it has seen it empty: then the card is taken out and inserted again. */
void insert_card(int reader, card_kind kind, const char *options) {
    char command[4096];
    snprintf(command, sizeof command, "exec %s --port %d %s >/dev/null 2>&1",
             setting(kind == CARD_CPS4 ? "CPS_CARD_CPS4" : "CPS_CARD_CPS3"), atoi(setting("CPS_READER_PORT")) + reader,
             options);
    for (int attempt = 0; attempt < 3; attempt++) {
        card_processes[reader] = run(command, NULL);
        if (card_becomes(reader, true, 150)) return;
        end_card(reader, SIGKILL);
        sleep_milliseconds(1000);
    }
    give_up("%s: no card comes", reader_names[reader]);
}

static void end_card(int reader, int signal_number) {
    if (card_processes[reader] == 0) return;
    kill(card_processes[reader], signal_number);
    while (waitpid(card_processes[reader], NULL, 0) < 0 && errno == EINTR) continue;
    card_processes[reader] = 0;
}

void remove_card(int reader) {
    end_card(reader, SIGTERM);
    wait_for_card(reader, false);
}

void pull_card(int reader) { end_card(reader, SIGKILL); }

const char *test_file(const char *name) {
    static _Thread_local char paths[4][512];
    static _Thread_local unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", setting("CPS_TEST_FOLDER"), name);
    return path;
}

unsigned long lines_in(const char *path) {
    FILE *file = fopen(path, "r");
    unsigned long lines = 0;
    if (file == NULL) return 0;
    for (int character; (character = fgetc(file)) != EOF;) lines += character == '\n';
    fclose(file);
    return lines;
}

long state_number(const char *path, const char *field) {
    char text[65536] = "", key[64];
    FILE *file = fopen(path, "r");
    if (file == NULL) return -1;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    snprintf(key, sizeof key, "\"%s\"", field);
    char *place = strstr(text, key);
    return place == NULL ? -1 : strtol(place + strlen(key) + strspn(place + strlen(key), " :"), NULL, 10);
}

neighbour start_neighbour(int reader, const char *action, const char *argument) {
    char command[4096], line[64];
    int ends[2];
    neighbour other = {0, -1};
    if (pipe(ends) != 0) give_up("pipe: %s", strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    snprintf(command, sizeof command, "exec '%s' '%s' %s %s", setting("CPS_NEIGHBOUR"), reader_names[reader], action, argument);
    other.process = run(command, &actions);
    other.output = ends[0];
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (read(other.output, line, sizeof line) <= 0) give_up("the neighbour did not get ready: %s", action);
    return other;
}

bool end_neighbour(neighbour other) {
    int status = 0;
    while (waitpid(other.process, &status, 0) < 0 && errno == EINTR) continue;
    close(other.output);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool neighbour_does(int reader, const char *action, const char *argument) {
    return end_neighbour(start_neighbour(reader, action, argument));
}
