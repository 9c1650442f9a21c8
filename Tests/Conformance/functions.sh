#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares docs/functions.md with the library. Writes the page again with
#
#   Tests/Conformance/functions.sh --write
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

compile functions
start_pcscd
answers=$work/answers
mkdir "$answers"
for card in cps3 cps4 contactless; do
    sample "$card"
    insert_card 0 --profile "$profile" --protocol "$protocol"
    "$work/functions" "$library" "$pin" --mechanisms >"$answers/$card"
    if [ "$card" = cps3 ]; then
        # shellcheck disable=SC2046
        "$work/functions" "$library" "$pin" $(sed -n 's/^\(C_[A-Za-z]*\)|.*/\1/p' "$project/docs/functions.table") \
            >"$answers/functions"
    fi
    remove_card 0
done

same_document() {
    "$project/scripts/make-functions-document" "$library" "$answers" >functions.md
    diff "$project/docs/functions.md" functions.md
}

if [ "${1:-}" = --write ]; then
    "$project/scripts/make-functions-document" "$library" "$answers" >"$work/functions.md" &&
        cp "$work/functions.md" "$project/docs/functions.md"
fi
it "docs/functions.md says what the library does" same_document
finish
