#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two programs at one card: one that signs without a pause does not keep the other one out,
# and alone it loses no time.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# sign_for_ever: writes a line for each signature into the file signatures.
sign_for_ever() {
    {
        printf '%s\n' "open 0" "login user 1234"
        yes "sign CPS_PRIV_AUT 00112233"
    } | setpriv --pdeathsig TERM "$work/p11-calls" "$library" >signatures &
    signer=$!
    local attempt
    for attempt in {1..200}; do
        if [ "$(wc -l <signatures)" -ge 6 ]; then return; fi
        sleep 0.05
    done
    cat signatures
    return 1
}

# lets_others_in CARD LATENCY ROUNDS
lets_others_in() {
    local round start took signer worst=0
    export CPS_PKCS11_LOGOUT=leave
    insert "$1" --latency "$2"
    sign_for_ever
    for ((round = 1; round <= $3; round++)); do
        start=$(milliseconds)
        calls "open 0" "login user 1234" "sign CPS_PRIV_AUT 00112233" >out
        took=$(($(milliseconds) - start))
        [ "$took" -le "$worst" ] || worst=$took
        if [ "$took" -gt 6000 ] || [ "$(grep -c '^CKR_OK' out)" -ne 3 ]; then
            echo "round $round: $took ms"
            cut -c 1-60 out
            kill "$signer"
            return 1
        fi
    done
    kill "$signer"
    lacks signatures CKR_DEVICE CKR_FUNCTION_FAILED CKR_USER_NOT_LOGGED_IN
    echo "the longest of $3 rounds: $worst ms"
}

tool p11-calls
start_pcscd
it "cps4, 5 ms a command, 300 ms a signature: 20 of 20 within 6 s" lets_others_in cps4 5,0,300 20
it "cps3, 3 ms a command, 0.1 ms a byte, 500 ms a signature: 5 of 5 within 6 s" lets_others_in cps3 3,100,500 5
finish
