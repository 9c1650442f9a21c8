#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Other programs that reset the card one after the other, as at the end of their logins: each
# time just before this one begins a transaction.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# resets_before CALL NUMBER: the answer to a call, during which the card is reset so often.
resets_before() {
    echo "$2" >resets
    ask "$1"
    echo 0 >resets
}

start_beside_resets() {
    echo 0 >resets
    RESETS=$PWD/resets LD_PRELOAD=${LD_PRELOAD:+$LD_PRELOAD:}$work/resets.so start_program
}

goes_on() { # CARD
    local answer=''
    insert "$1"
    start_beside_resets
    resets_before "open 0" 3
    equal CKR_OK "$answer"
    resets_before "login user 1234" 3
    equal CKR_OK "$answer"
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q '^CKR_OK' <<<"$answer"
    # The login is lost, and the PIN is not presented again by itself.
    resets_before "sign CPS_PRIV_AUT 00112233" 3
    equal CKR_USER_NOT_LOGGED_IN "$answer"
    resets_before "login user 1234" 3
    equal CKR_OK "$answer"
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q '^CKR_OK' <<<"$answer"
    end_program
    equal 2 "$(commands '0[01] 20 00 ' | wc -l)"
}

gives_up() { # CARD
    local answer='' start
    insert "$1"
    start_beside_resets
    ask "open 0"
    ask "login user 1234"
    equal CKR_OK "$answer"
    start=$(milliseconds)
    resets_before "sign CPS_PRIV_AUT 00112233" 1000000
    equal CKR_FUNCTION_FAILED "$answer"
    # Five seconds, with time for a busy machine.
    [ $(($(milliseconds) - start)) -lt 10000 ]
    # What happened meanwhile is not forgotten: a program without a login finds no private key.
    ask "sign CPS_PRIV_AUT 00112233"
    equal CKR_OBJECT_HANDLE_INVALID "$answer"
    ask "login user 1234"
    equal CKR_OK "$answer"
    end_program
}

tool p11-calls
# shellcheck disable=SC2046
gcc -std=gnu17 -Wall -Wextra -Werror -O1 -shared -fPIC -o "$work/resets.so" "$tests/tools/resets.c" \
    $(pkg-config --cflags --libs libpcsclite) -ldl || give_up "resets.c does not compile." "resets.c ne se compile pas."
start_pcscd
for card in cps3 cps4; do
    it "$card: a card that others reset again and again is waited for" goes_on "$card"
done
it "cps3: resets without an end are waited for five seconds" gives_up cps3
finish
