/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual cards put in and pulled out by a test program, and other programs that
 * use the same cards. The shell that starts the program says how, in its
 * environment:
 *
 *   CPS_CARD_CPS3, CPS_CARD_CPS4   the command that inserts the card; --port is added
 *   CPS_READER_PORT                the TCP port of the first reader
 *   CPS_NEIGHBOUR                  the program Tests/Conformance/neighbour.c
 */
#ifndef CONFORMANCE_CARDS_H
#define CONFORMANCE_CARDS_H

#include "conformance.h"

/* The PC/SC name of reader 0 or 1. */
extern const char *reader_names[2];

/* insert_card: into reader 0 or 1, with more options for the virtual card; waits
   until pcscd sees it. Only the main thread may insert: the card goes with the
   thread that inserted it. */
void insert_card(int reader, card_kind kind, const char *options);
/* remove_card: gently, and waits until pcscd has seen it. */
void remove_card(int reader);
/* pull_card: at once, in the middle of whatever it does, and without waiting. */
void pull_card(int reader);
/* wait_for_card: until pcscd sees a card there, or none. */
void wait_for_card(int reader, bool present);

/* A file for a card's state or trace, in the test's folder. */
const char *test_file(const char *name);
/* lines_in: of a text file; 0 if it is not there. */
unsigned long lines_in(const char *path);
/* state_number: a number in a card's state file, or -1. */
long state_number(const char *path, const char *field);

/* Another program: does something with the card in a reader. */
typedef struct {
    int process;
    int output;
} neighbour;

/* start_neighbour: returns once it says that it is ready. */
neighbour start_neighbour(int reader, const char *action, const char *argument);
/* end_neighbour: waits until it has ended; whether it succeeded. */
bool end_neighbour(neighbour other);
/* neighbour_does: start and end. */
bool neighbour_does(int reader, const char *action, const char *argument);

#endif
