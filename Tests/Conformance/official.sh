#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the official test programs check, on each kind of card.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

compile official
start_pcscd
for card in cps3 cps4 cps4-t0 contactless; do
    sample "$card"
    state=$work/state trace=$work/trace
    rm -f "$state" "$trace"
    insert_card 0 --profile "$profile" --protocol "$protocol" --state "$state" --trace "$trace"
    counted "$card" "$work/official" "$library" "$pin"
    remove_card 0
done

# Each difference that the program knows is explained to people, and no other.
documented() {
    diff <("$work/official" --list-differences | cut -f1,2,3 | sort -n) \
        <(awk -F ' *[|] *' '$2 ~ /^[0-9]+$/ { print $2 "\t" $4 "\t" $5 }' "$project/docs/differences.md" |
            tr -d '\140' | sort -n)
}
it "docs/differences.md lists the differences" documented
finish
