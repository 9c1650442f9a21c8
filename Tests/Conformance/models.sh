#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# spin checks the model of the register of logins (docs/models) for all ways in which two
# programs can meet; without one of its rules it finds what goes wrong.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

check_model() { # OPTION...: the result is in the file said
    spin "$@" -a "$project/docs/models/login-register.pml"
    gcc -w -O1 -DSAFETY -DMEMLIM=1500 -o pan pan.c
    ./pan -m100000 >said
}

# All states were seen: the search ended neither for want of depth nor of memory.
holds() {
    check_model -DN=2 "$@"
    contains said "errors: 0"
    lacks said "max search depth too small" "out of memory" "Search not completed"
}

fails() {
    check_model -DN=2 "$@"
    contains said "errors: 1" "assertion violated"
}

it "two programs that log in twice close the card at the end" holds -DLOGINS=2 -DKILLS=1
it "two programs that may both be killed close the card at the end" holds -DLOGINS=1 -DKILLS=2
it "without a look by who lost its login the card stays open" fails -DLOGINS=1 -DSILENT_UNREGISTER
it "without the removal of all entries at a reset it does as well" fails -DLOGINS=2 -DKEEP_ENTRIES
it "without a transaction around look and reset a login that stands is lost" fails -DLOGINS=1 -DLOOK_OUTSIDE
finish
