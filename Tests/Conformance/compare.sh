#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sequences of calls, with the answers that are written down (compare/sequences.txt).
#
#   Tests/Conformance/compare.sh                       ours against these answers
#   Tests/Conformance/compare.sh MODULE [OPTION...]    ours against another module, by hand:
#                                                      the same sequences and random ones; the
#                                                      options are --sequences N, --seed N
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

comparison=(python3 "$conformance/compare/compare.py")

compile compare
start_pcscd
for card in cps3 cps4; do
    sample "$card"
    insert_card 0 --profile "$profile" --protocol "$protocol"
    if [ $# -eq 0 ]; then
        counted "$card" "${comparison[@]}" answers "$work/compare" "$library" "Virtual reader 00 00" "$card" "$conformance/compare/sequences.txt"
    else
        # The same card once more: each module has its own.
        insert_card 1 --profile "$profile" --protocol "$protocol"
        "${comparison[@]}" modules "$work/compare" "$library" "Virtual reader 00 00" "$1" "Virtual reader 00 01" "$card" \
            --file "$conformance/compare/sequences.txt" "${@:2}" | tee "$work/comparison" || true
        counted "$card" tail -n 1 "$work/comparison"
        remove_card 1
    fi
    remove_card 0
done
counted "differences.md" "${comparison[@]}" document "$project/docs/differences.md"
finish
