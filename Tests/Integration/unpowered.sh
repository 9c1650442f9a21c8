#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A card that another program leaves without power, while a third one is connected. When
# that one connects again without powering it up, nobody else can connect.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

leave_unpowered() { timeout 20 "$work/neighbour" "Virtual reader 00 00" leave-unpowered; }

works_on() { # CARD
    local answer='' neighbour
    insert "$1"
    start_program
    ask "open 0"
    equal CKR_OK "$answer"
    leave_unpowered
    # The library connects to it again, and powers it up: other programs get in.
    ask "token-info 0"
    grep -q '^CKR_OK' <<<"$answer"
    timeout 20 "$work/neighbour" "Virtual reader 00 00" apdu 00A4000C023F00
    ask "login user 1234"
    equal CKR_OK "$answer"
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q '^CKR_OK' <<<"$answer"
    end_program
}

# Another program that connects again and leaves the card without power.
waits() { # CARD
    insert "$1"
    setpriv --pdeathsig TERM "$work/neighbour" "Virtual reader 00 00" reconnect 3 >idle &
    local idle=$!
    until grep -q ready idle; do sleep 0.05; done
    leave_unpowered
    wait "$idle"
    calls "open 0" "token-info 0" "login user 1234" "sign CPS_PRIV_AUT 00112233" >out
    cut -c 1-60 out
    equal 4 "$(grep -c '^CKR_OK' out)"
}

tool p11-calls
# shellcheck disable=SC2046
gcc -std=gnu17 -Wall -Wextra -O1 -o "$work/neighbour" "$project/Tests/Conformance/neighbour.c" \
    $(pkg-config --cflags --libs libpcsclite) || give_up "neighbour.c does not compile." "neighbour.c ne se compile pas."
start_pcscd
for card in cps3 cps4; do 
    it "$card: a card that lost its power is powered up" works_on "$card"
    it "$card: one that another program keeps without power is waited for" waits "$card"
done
finish
