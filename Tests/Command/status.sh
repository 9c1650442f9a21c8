#!/usr/bin/env bash
# `cps status`: readers and cards in one screen.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"

shows_the_card() {
    "$cps" status >out
    contains out "Virtual reader 00 00"
}

start_pcscd
cd "$work" || exit 1
insert cps3 || give_up "no card" "pas de carte"
it "cps3: reader and card are shown" shows_the_card
finish
