#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The test cases of the PKCS#11 Profiles, on each kind of card.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

compile profiles
start_pcscd
for card in cps3 cps4 contactless; do
    sample "$card"
    state=$work/state
    rm -f "$state"
    insert_card 0 --profile "$profile" --protocol "$protocol" --state "$state"
    counted "$card" "$work/profiles" "$library" "$pin"
    remove_card 0
done
finish
