#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Codes that are typed on the reader: a private pcscd with a plain virtual reader
# and one with a keypad (ifd-pinpad.c), CPS3 in T=0 and CPS4 in T=1.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"

# shellcheck source=SCRIPTDIR/support/keypad.sh
. "$project/Tests/PINPad/support/keypad.sh"

message=$work/message
echo "Ordonnance" >"$message"

# shellcheck disable=SC2046
compile client client.c $(pkg-config --cflags --libs p11-kit-1 libpcsclite) -ldl
start_pcscd

# MARK: What the tests are made of

# client LINE...: these calls in one process, a line of answer for each.
client() { printf '%s\n' "$@" | timeout 60 "$work/client" "$library"; }

# answers CALL=ANSWER...: the calls in one process, each with this answer.
answers() {
    local pair calls=() expected=
    for pair in "$@"; do
        calls+=("${pair%=*}")
        expected+=${pair##*=}$'\n'
    done
    equal "${expected%$'\n'}" "$(client "${calls[@]}")"
}

signature_is_good() {
    openssl x509 -in "$issued/signature.cert.pem" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature "$message"
}

# MARK: Flags

announces_keypad() {
    insert_in $keypad "$1"
    client flags >flags
    contains flags CKR_OK CKF_PROTECTED_AUTHENTICATION_PATH
    equal 0 "$(codes_sent)"
}

announces_no_keypad() {
    insert_in $plain "$1"
    client flags >flags
    contains flags CKR_OK CKF_LOGIN_REQUIRED
    lacks flags CKF_PROTECTED_AUTHENTICATION_PATH
}

# MARK: Login

logs_in_and_signs() {
    insert_in $keypad "$1"
    type_in "$pin"
    answers "open=CKR_OK" "login user=CKR_OK" "state=CKS_RW_USER_FUNCTIONS" \
        "sign $signature_id $message signature=CKR_OK" "login user=CKR_USER_ALREADY_LOGGED_IN" \
        "logout=CKR_OK" "sign $signature_id $message other=CKR_KEY_HANDLE_INVALID"
    signature_is_good
    everything_typed
    contains "$keypad_log" "verify: 4 digits, block of $(block_of "$1"), T=${protocol#t}"
    equal 1 "$(codes_sent)"
    no_code_seen "$pin"
}

# block_of NAME: the size of the block that a PIN is filled up to; 0 without one.
block_of() { if [ "$1" = cps3 ]; then echo 8; else echo 0; fi; }

wrong_digits_cost_one_try() {
    insert_in $keypad "$1"
    type_in 9999
    answers "open=CKR_OK" "login user=CKR_PIN_INCORRECT" "state=CKS_RW_PUBLIC_SESSION"
    equal 2 "$(counter pinTriesLeft)"
    equal 1 "$(codes_sent)"
    everything_typed
    client flags >flags
    contains flags CKF_USER_PIN_COUNT_LOW
    no_code_seen 9999
}

# ends_without_a_try NAME ENTRY ANSWER: and the next entry of the session is taken.
ends_without_a_try() {
    insert_in $keypad "$1"
    type_in "$2" "$pin"
    answers "open=CKR_OK" "login user=$3" "state=CKS_RW_PUBLIC_SESSION" "login user=CKR_OK"
    equal 3 "$(counter pinTriesLeft)"
    equal 1 "$(codes_sent)"
    everything_typed
}

third_wrong_locks() {
    local third=CKR_PIN_INCORRECT
    # A CPS4 says with its last refusal that the PIN is blocked.
    [ "$1" != cps4 ] || third=CKR_PIN_LOCKED
    insert_in $keypad "$1"
    if [ "$1" = cps3 ]; then type_in 9999 8888 7777 "$pin"; else type_in 9999 99999 999999 "$pin"; fi
    answers "open=CKR_OK" "login user=CKR_PIN_INCORRECT" "login user=CKR_PIN_INCORRECT" "login user=$third" \
        "login user=CKR_PIN_LOCKED"
    equal 0 "$(counter pinTriesLeft)"
    client flags >flags
    contains flags CKF_USER_PIN_LOCKED CKF_PROTECTED_AUTHENTICATION_PATH
    no_code_seen 9999 "$pin"
}

takes_a_given_pin() {
    insert_in $keypad "$1"
    type_in 9999
    answers "open=CKR_OK" "login user $pin=CKR_OK" "sign $signature_id $message signature=CKR_OK"
    signature_is_good
    equal 9999 "$(cat "$entries")"
    contains "$keypad_log" "from the computer"
    lacks "$keypad_log" "$pin"
}

asks_nothing_without_keypad() {
    insert_in $plain "$1"
    # What is sent for the session alone; the first program selects the applet.
    client open >/dev/null
    local before
    forget_trace
    client open >/dev/null
    before=$(commands | wc -l)
    forget_trace
    answers "open=CKR_OK" "login user=CKR_ARGUMENTS_BAD" "login so=CKR_ARGUMENTS_BAD" "set-pin=CKR_ARGUMENTS_BAD" \
        "init-pin=CKR_USER_NOT_LOGGED_IN"
    equal "$before" "$(commands | wc -l)"
    answers "open=CKR_OK" "login so $puk=CKR_OK" "init-pin=CKR_ARGUMENTS_BAD"
    equal "$pin" "$(counter pin)"
}

security_officer_logs_in() {
    insert_in $keypad "$1"
    type_in "${puk}9" "$puk"
    answers "open=CKR_OK" "login so=CKR_PIN_INCORRECT" "login so=CKR_OK" "state=CKS_RW_SO_FUNCTIONS"
    everything_typed
    contains "$keypad_log" "verify: nothing sent, answered 6403" "verify: 8 digits"
    no_code_seen "$puk"
}

wrong_puk_costs_one_try() {
    insert_in $keypad "$1"
    type_in 87654321
    answers "open=CKR_OK" "login so=CKR_PIN_INCORRECT" "state=CKS_RW_PUBLIC_SESSION"
    equal $((puk_tries - 1)) "$(counter pukTriesLeft)"
}

# While a neighbour keeps the reader, nobody knows whether it has a keypad; that
# must not be remembered as an answer.
finds_keypad_after_neighbour() {
    insert_in $keypad "$1"
    type_in "$pin"
    answers "open=CKR_OK" "hold=Command successful." "login user=CKR_FUNCTION_FAILED" \
        "release=Command successful." "login user=CKR_OK"
    everything_typed
}

fills_up_the_block() {
    insert_in $keypad cps3
    type_in 9999 "$pin" "$puk" 5678 5678
    answers "open=CKR_OK" "login user=CKR_PIN_INCORRECT" "login user=CKR_OK" \
        "sign $signature_id $message signature=CKR_OK" "logout=CKR_OK" "login so=CKR_OK" "init-pin=CKR_OK"
    signature_is_good
    contains "$keypad_log" "verify: 4 digits, block of 8" "verify: 8 digits, block of 8" "modify: 4 digits, block of 8"
    equal 5678 "$(counter pin)"
    no_code_seen "$pin" 5678
}

# MARK: New codes

changes_pin() {
    insert_in $keypad "$1"
    type_in "$pin" "$new_pin" "$new_pin" "$new_pin"
    answers "open=CKR_OK" "set-pin=CKR_OK" "state=CKS_RW_PUBLIC_SESSION" \
        "sign $signature_id $message signature=CKR_KEY_HANDLE_INVALID" "login user=CKR_OK"
    equal "$new_pin" "$(counter pin)"
    everything_typed
    if [ "$1" = cps3 ]; then
        contains "$keypad_log" "modify: 4 digits, block of 8, T=0, sent 00 24 00 01, answered 9000"
    else
        contains "$keypad_log" "sent 01 20 00 01, answered 9000" "sent 01 24 01 01, answered 9000"
    fi
    no_code_seen "$pin" "$new_pin"
}

changes_pin_when_logged_in() {
    insert_in $keypad "$1"
    type_in "$pin" "$pin" "$new_pin" "$new_pin"
    answers "open=CKR_OK" "login user=CKR_OK" "set-pin=CKR_OK" "state=CKS_RW_USER_FUNCTIONS" \
        "sign $signature_id $message signature=CKR_OK"
    signature_is_good
    equal "$new_pin" "$(counter pin)"
}

# keeps_pin NAME ANSWER TRIES ENTRY...: what goes wrong with the change leaves the PIN.
keeps_pin() {
    local answer=$2 tries=$3
    insert_in $keypad "$1"
    shift 3
    type_in "$@"
    answers "open=CKR_OK" "set-pin=$answer" "state=CKS_RW_PUBLIC_SESSION"
    everything_typed
    equal "$pin" "$(counter pin)"
    equal "$tries" "$(counter pinTriesLeft)"
    no_code_seen
}

stops_at_a_wrong_old_pin() {
    insert_in $keypad cps4
    type_in 9999 56789 56789
    answers "open=CKR_OK" "set-pin=CKR_PIN_INCORRECT"
    equal "56789 56789" "$(xargs <"$entries")"
    equal 2 "$(counter pinTriesLeft)"
}

wants_both_or_none() {
    insert_in $keypad cps4
    type_in "$pin" 56789 56789
    answers "open=CKR_OK" "set-new-pin 56789=CKR_ARGUMENTS_BAD"
    equal 0 "$(codes_sent)"
    answers "open=CKR_OK" "login user $pin=CKR_OK"
}

# CHANGE REFERENCE DATA carries both codes: the old one is seen to be wrong at the end.
wrong_old_pin_in_one_command() {
    insert_in $keypad cps3
    type_in 9999 5678 5678
    answers "open=CKR_OK" "set-pin=CKR_PIN_INCORRECT" "state=CKS_RW_PUBLIC_SESSION"
    everything_typed
    equal "$pin" "$(counter pin)"
    equal 2 "$(counter pinTriesLeft)"
    equal 1 "$(codes_sent)"
}

unpadded_cps3_cannot_change_by_keypad() {
    insert_in $keypad cps3-unpadded
    type_in "$pin" 56789 56789
    answers "open=CKR_OK" "set-pin=CKR_FUNCTION_NOT_SUPPORTED" "set-pin $pin 56789=CKR_OK"
    equal "$pin 56789 56789" "$(xargs <"$entries")"
    equal 56789 "$(counter pin)"
}

unblocks() {
    insert_in $keypad "$1"
    type_in 9999 9999 9999 "$puk" "$new_pin" "$new_pin" "$new_pin"
    client open "login user" "login user" "login user" >/dev/null
    equal 0 "$(counter pinTriesLeft)"
    answers "open=CKR_OK" "login so=CKR_OK" "init-pin=CKR_OK" "state=CKS_RW_SO_FUNCTIONS" "logout=CKR_OK" \
        "login user=CKR_OK" "sign $signature_id $message signature=CKR_OK"
    signature_is_good
    everything_typed
    equal "$new_pin" "$(counter pin)"
    equal 3 "$(counter pinTriesLeft)"
    no_code_seen "$puk" "$new_pin"
}

# unblocking_keeps_pin NAME ANSWER ENTRY...
unblocking_keeps_pin() {
    local answer=$2
    insert_in $keypad "$1"
    shift 2
    type_in "$puk" "$@"
    answers "open=CKR_OK" "login so=CKR_OK" "init-pin=$answer" "state=CKS_RW_SO_FUNCTIONS"
    everything_typed
    equal "$pin" "$(counter pin)"
}

simple_keypad_takes_no_new_pin() {
    insert_in $simple_keypad "$1"
    type_in "$pin" "$puk" 56789 56789
    answers "open=CKR_OK" "login user=CKR_OK" "set-pin=CKR_FUNCTION_NOT_SUPPORTED" "logout=CKR_OK" \
        "login so=CKR_OK" "init-pin=CKR_FUNCTION_NOT_SUPPORTED"
    equal "56789 56789" "$(xargs <"$entries")"
    equal "$pin" "$(counter pin)"
}

# MARK: pkcs11-tool

tool_knows_the_keypad() {
    insert_in $keypad "$1"
    p11 -L >slots
    contains slots "PIN pad present"
    type_in "$pin"
    p11 --login --sign --id "$signature_id" --mechanism SHA256-RSA-PKCS --input-file "$message" \
        --output-file signature </dev/null
    signature_is_good
    everything_typed
    no_code_seen "$pin"
}

tool_sees_no_keypad() {
    insert_in $plain "$1"
    p11 -L >slots
    contains slots "login required"
    lacks slots "PIN pad present"
}

tool_sets_codes() {
    insert_in $keypad cps4
    type_in "$pin" "$pin" 56789 56789
    p11 --login --change-pin </dev/null
    equal 56789 "$(counter pin)"
    type_in "$puk" 4321 4321
    p11 --login --login-type so --init-pin </dev/null
    equal 4321 "$(counter pin)"
    everything_typed
    no_code_seen 56789 4321
}

# The trace tells that a code is typed, and what the card says to it.
traces_no_typed_code() {
    insert_in $keypad "$1"
    type_in 9999 cancel "$pin"
    CPS_PKCS11_TRACE=$PWD/library.trace answers "open=CKR_OK" "login user=CKR_PIN_INCORRECT" \
        "login user=CKR_FUNCTION_CANCELED" "login user=CKR_OK"
    everything_typed
    contains library.trace "user=CKU_USER pin=NULL" " < 63 C2" " < 64 01" " < 90 00"
    equal 3 "$(grep -cE ' card [0-9]+ keypad 0[01] 20 00 [0-9A-F]{2}$' library.trace)"
    equal 0 "$(grep -cE ' > 0[01] 20 00 [0-9A-F]{2} .' library.trace)"
}

for card in cps3 cps3-unpadded cps4; do
    it "$card: the token says that the reader has a keypad" announces_keypad $card
    it "$card: and does not say so without one" announces_no_keypad $card
    it "$card: a login by keypad, and a signature" logs_in_and_signs $card
    it "$card: wrong digits cost exactly one try" wrong_digits_cost_one_try $card
    it "$card: a cancelled entry costs none" ends_without_a_try $card cancel CKR_FUNCTION_CANCELED
    it "$card: an entry that nobody makes costs none" ends_without_a_try $card timeout CKR_FUNCTION_CANCELED
    it "$card: too few digits cost none" ends_without_a_try $card 123 CKR_PIN_INCORRECT
    it "$card: too many digits cost none" ends_without_a_try $card 123456789 CKR_PIN_INCORRECT
    it "$card: the third wrong entry locks the PIN" third_wrong_locks $card
    it "$card: a PIN that the program gives is taken too" takes_a_given_pin $card
    it "$card: nothing is sent without a PIN and without a keypad" asks_nothing_without_keypad $card
    it "$card: the security officer logs in by keypad" security_officer_logs_in $card
    it "$card: a wrong PUK costs exactly one try" wrong_puk_costs_one_try $card
    it "$card: a new PIN by keypad after the PUK" unblocks $card
    it "$card: no new PIN when its entry is cancelled" unblocking_keeps_pin $card CKR_FUNCTION_CANCELED cancel
    it "$card: no new PIN when its confirmation differs" unblocking_keeps_pin $card CKR_PIN_INVALID 5678 5670
    it "$card: no new PIN with too few digits" unblocking_keeps_pin $card CKR_PIN_LEN_RANGE 123
    it "$card: no new PIN on a keypad that takes none" simple_keypad_takes_no_new_pin $card
    it "$card: the keypad is found after a neighbour's transaction" finds_keypad_after_neighbour $card
    it "$card: a trace tells of entries, not of codes" traces_no_typed_code $card
    it "$card: pkcs11-tool logs in by keypad" tool_knows_the_keypad $card
    it "$card: pkcs11-tool shows no keypad where there is none" tool_sees_no_keypad $card
done
it "cps3: PIN and PUK fill their blocks" fills_up_the_block
it "cps3-unpadded: old and new PIN in one command is nothing for a keypad" unpadded_cps3_cannot_change_by_keypad
it "cps3: a wrong old PIN costs one try" wrong_old_pin_in_one_command
for card in cps3 cps4; do
    it "$card: the PIN is changed by keypad" changes_pin $card
    it "$card: the PIN is changed by keypad, and a login stands" changes_pin_when_logged_in $card
    it "$card: no change when the old PIN's entry is cancelled" keeps_pin $card CKR_FUNCTION_CANCELED 3 cancel
    it "$card: no change when the new PIN's entry is cancelled" keeps_pin $card CKR_FUNCTION_CANCELED 3 1234 cancel
    it "$card: no change when nobody confirms" keeps_pin $card CKR_FUNCTION_CANCELED 3 1234 5678 timeout
    it "$card: no change when the confirmation differs" keeps_pin $card CKR_PIN_INVALID 3 1234 5678 5670
    it "$card: no change with too many digits" keeps_pin $card CKR_PIN_LEN_RANGE 3 1234 123456789
done
it "cps4: a wrong old PIN costs one try, and no new one is asked for" stops_at_a_wrong_old_pin
it "cps4: one PIN given and one to be typed is refused" wants_both_or_none
it "cps4: pkcs11-tool changes and sets the PIN by keypad" tool_sets_codes
finish
