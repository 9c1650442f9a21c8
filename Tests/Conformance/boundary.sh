#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the library promises to the unusual caller (Tests/Conformance/boundary).
#
#   Tests/Conformance/boundary.sh             all promises
#   Tests/Conformance/boundary.sh fork ...    these
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

compile boundary "$conformance"/boundary/*.c "$conformance/support/cards.c"
compile neighbour
start_pcscd
describe_cards

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046
    set -- $("$work/boundary" --list)
fi
for promise in "$@"; do
    export CPS_TEST_FOLDER=$work/promise
    rm -rf "$CPS_TEST_FOLDER"
    mkdir "$CPS_TEST_FOLDER"
    counted "$promise" "$work/boundary" "$library" 1234 "$promise"
    # The card goes with the program that put it in; the reader must notice.
    wait_for_reader 0 No && wait_for_reader 1 No
done
finish
