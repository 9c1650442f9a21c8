#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Random numbers from the card.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

random() { p11 --generate-random "$1" --output-file "$2"; }

differs_each_time() {
    forget_trace
    random 32 first
    random 32 second
    equal 32 "$(stat --format=%s first)"
    equal 32 "$(stat --format=%s second)"
    if cmp -s first second; then return 1; fi
    # GET CHALLENGE: the card made them.
    [ -n "$(commands '[0-9A-F]{2} 84 ')" ]
}

any_length() {
    local length
    for length in 1 8 9 255 256 257 1000; do
        random "$length" bytes
        equal "$length" "$(stat --format=%s bytes)"
    done
    # A thousand random bytes compress to no less.
    [ "$(gzip -c bytes | wc -c)" -ge 1000 ]
}

start_pcscd
cd "$work" || exit 1
for card in cps3 cps4 cps4-t0; do
    insert "$card" || give_up "no card" "pas de carte"
    it "$card: 32 bytes, twice, differ" differs_each_time
    it "$card: gives any length" any_length
done
finish
