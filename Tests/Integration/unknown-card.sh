#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A card that is none of ours is no token and gets not a single command; the slot goes
# on working, and the CPS card in the other one is the first token.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# A Vitale card's ATR, a bank card's, one that resembles a CPS3's, and one that is no ATR at all.
unknown_atrs=("3B 75 13 00 00 46 09 EA 90 00" "3B 65 00 00 20 63 CB A6 A0" "3B AC 00 40 2A 00 12 25 00 64 80 00 02 10 00 90 00" "3B 00")

insert_unknown() { # ATR
    trace=$PWD/unknown.trace
    rm -f "$trace"
    insert_card 0 --raw-atr "${1// /}" --trace "$trace" --protocol t0
}

gets_no_command() {
    insert_unknown "$1"
    calls "slot-info 0" "token-info 0" "open 0" "token-info 0" >out
    equal "CKR_OK empty,CKR_TOKEN_NOT_RECOGNIZED,CKR_TOKEN_NOT_RECOGNIZED,CKR_TOKEN_NOT_RECOGNIZED" "$(paste -sd, out)"
    equal "" "$(commands)"
}

listing_goes_on() {
    insert_unknown "${unknown_atrs[0]}"
    insert_card 1 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json" --protocol t1
    timeout 60 pkcs11-tool --module "$library" --list-slots >out 2>&1
    contains out "Slot 0" CPS4v1-2600000004
    equal "" "$(commands)"
    # Programs that take the first token find the CPS card.
    calls "count-slots" "list-slots 1" >out
    equal "CKR_OK 1,CKR_OK 1" "$(paste -sd, out)"
    timeout 60 pkcs11-tool --module "$library" --list-objects --type cert >out 2>&1
    contains out "Certificat d'Authentification CPS"
    remove_card 1
}

slot_goes_on_working() {
    local answer=
    insert_unknown "${unknown_atrs[0]}"
    start_program
    ask "token-info 0"
    equal CKR_TOKEN_NOT_RECOGNIZED "$answer"
    insert "$1"
    ask "token-info 0"
    grep -q "^CKR_OK $label" <<<"$answer"
    ask "open 0"
    equal CKR_OK "$answer"
    ask "login user 1234"
    equal CKR_OK "$answer"
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q "^CKR_OK " <<<"$answer"
    remove_card 0
    ask "token-info 0"
    equal CKR_TOKEN_NOT_PRESENT "$answer"
    insert_unknown "${unknown_atrs[0]}"
    ask "token-info 0"
    equal CKR_TOKEN_NOT_RECOGNIZED "$answer"
    end_program
}

# Another card, and the same card again: the session of before is dead.
sessions_die_with_the_card() {
    local answer=
    insert cps3
    start_program
    ask "open 0"
    equal CKR_OK "$answer"
    insert "$1"
    ask "login user 1234"
    grep -Eq '^CKR_(SESSION_HANDLE_INVALID|DEVICE_REMOVED)$' <<<"$answer"
    equal "" "$(commands '[0-9A-F]{2} 20 ')"
    ask "open 0"
    equal CKR_OK "$answer"
    ask "login user 1234"
    equal CKR_OK "$answer"
    end_program
}

tool p11-calls
start_pcscd
for atr in "${unknown_atrs[@]}"; do
    it "ATR $atr: not recognised, no command sent" gets_no_command "$atr"
done
it "an unknown card does not hide the card in the other slot" listing_goes_on
for card in cps3 cps4; do
    it "a $card in the place of an unknown card works in the same program" slot_goes_on_working "$card"
done
it "another card in the slot: the old session is dead, the slot is not" sessions_die_with_the_card cps4
it "the same card again: the old session is dead, the slot is not" sessions_die_with_the_card cps3
finish
