#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Something goes wrong at every APDU of every scenario, on both cards; and pcscd is
# killed in the middle of some.
#
#   Tests/Conformance/faults.sh [sample|full]
#
# sample: one kind of fault at each APDU, the kinds taking turns. full: all of them.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"
mode=${1:-sample}

# sweep READER CARD MODE: with a folder of its own.
sweep() {
    local folder=$work/faults-$2-$3
    mkdir -p "$folder"
    CPS_TEST_FOLDER=$folder "$work/faults" "$library" "$@"
}

# show_both: what both sweeps said; the last line is the sum.
show_both() {
    cat "$work/faults-cps3.log" "$work/faults-cps4.log"
    awk '/^ *[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
        END { printf "  %d passed, %d failed\n", passed, failed }' "$work/faults-cps3.log" "$work/faults-cps4.log"
}

# both_cards MODE: at the same time, each in its reader.
both_cards() {
    local result=0
    sweep 0 cps3 "$1" >"$work/faults-cps3.log" 2>&1 &
    local other=$!
    sweep 1 cps4 "$1" >"$work/faults-cps4.log" 2>&1 || result=$?
    wait "$other" || result=$?
    show_both
    return "$result"
}

# one_after_the_other MODE: what stops pcscd stops it for both readers.
one_after_the_other() {
    local result=0
    sweep 0 cps3 "$1" >"$work/faults-cps3.log" 2>&1 || result=$?
    sweep 1 cps4 "$1" >"$work/faults-cps4.log" 2>&1 || result=$?
    show_both
    return "$result"
}

# numbers: how many faults there were, and what they ended in.
numbers() { sed -n 's/^faults: /        /p' "$work/counted.log"; }

compile faults "$conformance/faults/scenarios.c" "$conformance/support/cards.c"
start_pcscd
describe_cards
# Of a card that is known from its files there is less to read.
export CPS_PKCS11_CACHE=off

counted "faults at every APDU ($mode)" both_cards "$mode"
numbers
# The program starts its own pcscd, and kills it.
stop_process "$pcscd_process"
CPS_PCSCD=$(printf '%q ' "${pcscd_command[@]}")
export CPS_PCSCD
restarts=restart
[ "$mode" != full ] || restarts=full-restart
counted "pcscd killed at an APDU" one_after_the_other "$restarts"
numbers
finish
