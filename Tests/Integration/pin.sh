#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PIN and PUK: right and wrong codes, change, unblocking; each time the tries that
# are left, as the card counts them and as the token's flags tell.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# tries USER PUK: what the card has counted.
tries() {
    equal "$1" "$(counter pinTriesLeft)"
    equal "$2" "$(counter pukTriesLeft)"
}

# flags NAME...: which of the flags about tries a new process sees.
flags() {
    calls "token-info 0" >token-info
    grep -q '^CKR_OK' token-info
    equal "$*" "$(grep -oE 'CKF_(USER|SO)_PIN_(COUNT_LOW|FINAL_TRY|LOCKED)' token-info | paste -sd' ')"
}

list_with() { p11 --login --pin "$1" --list-objects; }

# so OPTION...: as the security officer, who holds the PUK.
so() { p11 --login --login-type so "$@"; }

right_pin() {
    insert "$1"
    list_with 1234 >out
    contains out CPS_PRIV_SIG
    tries 3 "$puk_tries"
    flags
}

wrong_pin() {
    insert "$1"
    refused CKR_PIN_INCORRECT list_with 9999
    tries 2 "$puk_tries"
    flags CKF_USER_PIN_COUNT_LOW
    list_with 1234 >out
    tries 3 "$puk_tries"
    flags
}

last_try() {
    insert "$1"
    refused CKR_PIN_INCORRECT list_with 9999
    refused CKR_PIN_INCORRECT list_with 9999
    tries 1 "$puk_tries"
    flags CKF_USER_PIN_COUNT_LOW CKF_USER_PIN_FINAL_TRY
    list_with 1234 >out
    tries 3 "$puk_tries"
}

# Three wrong PINs block the card. Which code the third one gets depends on it.
blocks() { # CARD CODE-OF-THE-THIRD
    insert "$1"
    refused CKR_PIN_INCORRECT list_with 9999
    refused CKR_PIN_INCORRECT list_with 9999
    refused "$2" list_with 9999
    tries 0 "$puk_tries"
    flags CKF_USER_PIN_LOCKED
    refused CKR_PIN_LOCKED list_with 9999
    refused CKR_PIN_LOCKED list_with 1234
    tries 0 "$puk_tries"
}

presented() { commands '[0-9A-F]{2} (20|24|2C) [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} '; }

impossible_pin() { # CARD PIN CODE
    insert "$1"
    refused "$3" list_with "$2"
    equal "" "$(presented)"
    tries 3 "$puk_tries"
    list_with 1234 >out
}

changes_pin() {
    insert "$1"
    p11 --change-pin --login --pin 1234 --new-pin "$new_pin"
    equal "$new_pin" "$(counter pin)"
    list_with "$new_pin" >out
    contains out CPS_PRIV_AUT
    tries 3 "$puk_tries"
    refused CKR_PIN_INCORRECT list_with 1234
    tries 2 "$puk_tries"
    list_with "$new_pin" >out
    tries 3 "$puk_tries"
}

changes_pin_without_login() {
    insert "$1"
    calls "open 0" "set-pin 1234 4321" >out
    equal "CKR_OK,CKR_OK" "$(paste -sd, out)"
    list_with 4321 >out
    tries 3 "$puk_tries"
}

change_with_wrong_pin() {
    insert "$1"
    calls "open 0" "set-pin 9999 4321" >out
    equal "CKR_OK,CKR_PIN_INCORRECT" "$(paste -sd, out)"
    tries 2 "$puk_tries"
    equal 1234 "$(counter pin)"
    list_with 1234 >out
    tries 3 "$puk_tries"
}

change_to_impossible_pin() {
    insert "$1"
    calls "open 0" "set-pin 1234 123" "set-pin 1234 123456789" "set-pin 123 4321" >out
    equal "CKR_OK,CKR_PIN_LEN_RANGE,CKR_PIN_LEN_RANGE,CKR_PIN_LEN_RANGE" "$(paste -sd, out)"
    calls "open 0" "set-pin 1234 12ab" >out
    grep -q CKR_PIN_ out
    equal "" "$(presented)"
    tries 3 "$puk_tries"
    equal 1234 "$(counter pin)"
}

block() {
    local round
    for round in 1 2 3; do list_with 9999 >blocking 2>&1 || true; done
    equal 0 "$(counter pinTriesLeft)"
}

unblocks() {
    insert "$1"
    block
    so --so-pin 12345678 --init-pin --new-pin 2468
    equal 2468 "$(counter pin)"
    tries 3 "$puk_tries"
    flags
    refused CKR_PIN_INCORRECT list_with 1234
    list_with 2468 >out
    contains out CPS_PRIV_SIG
    tries 3 "$puk_tries"
}

signs_after_unblocking() {
    unblocks "$1"
    pin=2468
    echo "a document" >message
    read_public_key signature
    sign signature SHA256-RSA-PKCS message
    verify sha256 message
}

wrong_puk() {
    insert "$1"
    block
    refused CKR_PIN_INCORRECT so --so-pin 99999999 --init-pin --new-pin 2468
    tries 0 $((puk_tries - 1))
    flags CKF_USER_PIN_LOCKED CKF_SO_PIN_COUNT_LOW
    so --so-pin 12345678 --init-pin --new-pin 2468
    tries 3 "$puk_tries"
    flags
}

impossible_puk() {
    insert "$1"
    refused CKR_PIN_LEN_RANGE so --so-pin 1234567 --init-pin --new-pin 2468
    refused CKR_PIN_LEN_RANGE so --so-pin 123456789 --init-pin --new-pin 2468
    equal "" "$(presented)"
    tries 3 "$puk_tries"
}

blocked_puk() { # CARD CODE-OF-THE-LAST
    local round
    insert "$1"
    for ((round = 1; round < puk_tries; round++)); do
        refused CKR_PIN_INCORRECT so --so-pin 99999999 --init-pin --new-pin 2468
    done
    flags CKF_SO_PIN_COUNT_LOW CKF_SO_PIN_FINAL_TRY
    refused "$2" so --so-pin 99999999 --init-pin --new-pin 2468
    tries 3 0
    refused CKR_PIN_LOCKED so --so-pin 12345678 --init-pin --new-pin 2468
    flags CKF_SO_PIN_LOCKED
    list_with 1234 >out
}

unblocking_needs_the_puk() {
    insert "$1"
    calls "open 0" "init-pin 2468" "login user 1234" "init-pin 2468" >out
    equal "CKR_OK,CKR_USER_NOT_LOGGED_IN,CKR_OK,CKR_USER_NOT_LOGGED_IN" "$(paste -sd, out)"
    equal 1234 "$(counter pin)"
}

logout_closes_the_card() {
    insert "$1"
    calls "open 0" "login user 1234" "value CPS_ACTIVITY_01_PS" "logout" "value CPS_ACTIVITY_01_PS" >out
    equal CKR_OK "$(sed -n 3p out | cut -d' ' -f1)"
    equal CKR_OBJECT_HANDLE_INVALID "$(sed -n 5p out)"
    tries 3 "$puk_tries"
}

# The next program must not profit from a PIN that it did not present.
nothing_left_open() {
    insert "$1"
    list_with 1234 >out
    forget_trace
    logged_in --read-object --type data --label CPS_ACTIVITY_01_PS --output-file value
    [ -n "$(presented)" ]
    p11 --list-objects >out
    lacks out CPS_PRIV_SIG
}

masks_pins() {
    insert "$1"
    list_with 1234 >out
    # The characters 1234 in hexadecimal.
    lacks "$trace" "31 32 33 34"
    local masked="04 ** ** ** **"
    [ "$1" != cps3 ] || masked="08 ** ** ** ** ** ** ** **"
    contains "$trace" "$masked"
}

tool p11-calls
start_pcscd
for card in cps3 cps3-unpadded cps4 cps4-t0; do
    it "$card: the right PIN logs in and spends no try" right_pin "$card"
    it "$card: a wrong PIN spends a try, the right one brings it back" wrong_pin "$card"
    it "$card: the last try is announced, and good" last_try "$card"
    case $card in
    cps3*) third=CKR_PIN_INCORRECT ;;
    *) third=CKR_PIN_LOCKED ;;
    esac
    it "$card: three wrong PINs block the card" blocks "$card" $third
    it "$card: a PIN that is too short is not presented" impossible_pin "$card" 123 CKR_PIN_LEN_RANGE
    it "$card: a PIN that is too long is not presented" impossible_pin "$card" 123456789 CKR_PIN_LEN_RANGE
    it "$card: a PIN with a letter is not presented" impossible_pin "$card" 12a4 CKR_PIN_INVALID
    it "$card: changes the PIN; the old one is refused" changes_pin "$card"
    it "$card: changes the PIN without login" changes_pin_without_login "$card"
    it "$card: a change with a wrong PIN spends a try and changes nothing" change_with_wrong_pin "$card"
    it "$card: a change from or to an impossible PIN is not presented" change_to_impossible_pin "$card"
    it "$card: the PUK unblocks the card and sets a new PIN" unblocks "$card"
    it "$card: signs after unblocking" signs_after_unblocking "$card"
    it "$card: a wrong PUK spends a try of its own, the right one brings it back" wrong_puk "$card"
    it "$card: a PUK of a wrong length is not presented" impossible_puk "$card"
    it "$card: wrong PUKs block the PUK; the PIN goes on working" blocked_puk "$card" $third
    it "$card: unblocking needs the PUK" unblocking_needs_the_puk "$card"
    it "$card: logout hides private objects" logout_closes_the_card "$card"
    it "$card: a login does not serve the next program" nothing_left_open "$card"
    it "$card: the trace masks PINs" masks_pins "$card"
done
it "cps3: five digits are not presented" impossible_pin cps3 12345 CKR_PIN_LEN_RANGE
for card in cps3-wordy cps3-fetching; do
    it "$card: the right PIN logs in and spends no try" right_pin "$card"
    it "$card: changes the PIN; the old one is refused" changes_pin "$card"
    it "$card: the PUK unblocks the card and sets a new PIN" unblocks "$card"
done
finish
