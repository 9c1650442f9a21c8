#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Memory stays as it is, whatever a program does again and again: logins, signatures and
# logouts through a real pcscd. (LeakTests has ten thousand of them without one.)
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/support/stage.sh"

cycles=${1:-500}

compile leaks
start_pcscd
for card in cps3 cps4; do
    sample "$card"
    insert_card 0 --profile "$profile" --protocol "$protocol"
    counted "$card: memory after $cycles logins" "$work/leaks" "$library" "$pin" "$cycles"
    grep note "$work/counted.log" | sed 's/^ *note/       /' || true
    remove_card 0
done
finish
