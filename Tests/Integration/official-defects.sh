#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The nine defects that the official library (5.2.2 for Linux) was seen to have, by
# their numbers in cards.md §11, and none of them here. Each test is the shortest way to
# the defect; what surrounds it is tested by topic elsewhere.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

asked() { # CALL: answered with CKR_OK
    ask "$1"
    equal CKR_OK "${answer%% *}"
}

# How often a code was presented.
presentations() { commands '[0-9A-F]{2} 20 [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} ' | wc -l; }

# neighbour COMMAND...: another program that uses the card, and leaves it as it is.
neighbour() { "$work/neighbour" "Virtual reader 00 00" "$@"; }

signs_the_empty_message() { # 1
    insert cps3
    : >message
    read_public_key signature
    sign signature SHA256-RSA-PKCS message
    verify sha256 message
}

# The card has no PIN of the number that its directory gives, and says so: 6A88.
no_login_by_an_unexpected_answer() { # 2
    insert cps4
    p11 --list-slots >out
    local directory before
    directory=$(awk '/> 01 A4 .* 70 01/ { selected = 1 } selected && /> 01 B0/ { read = 1; next }
        read { print; exit }' "$trace" | sed 's/.* < //; s/SW .*//' | tr -d ' ')
    before=${directory%%800101*}
    [ "$before" != "$directory" ]
    insert cps4 --corrupt-file "0001/7001@$((${#before} / 2))=800105"
    calls "open 0" "login user $pin" "value CPS_ACTIVITY_03_PS" >out
    cat out
    equal CKR_DEVICE_ERROR "$(sed -n 2p out)"
    equal CKR_OBJECT_HANDLE_INVALID "$(sed -n 3p out)"
    grep -A 1 '> 01 20 00 05 04' "$trace" | grep -q 'SW 6A88'
}

pin_not_locked_while_logged_in() { # 3
    insert cps4
    calls "open 0" "login user $pin" "token-info 0" >out
    contains out "CKR_OK $label"
    lacks out CKF_USER_PIN_LOCKED CKF_USER_PIN_FINAL_TRY CKF_USER_PIN_COUNT_LOW
}

# Tests/Security/logout.sh has all the ways in which a login ends.
logout_closes_the_card() { # 4, CARD
    insert "$1"
    local words read=(00A4090C063F000001D122 00B0000010)
    [ "$1" = cps3 ] || read=(01A40800040001D12200 01B0000010)
    start_program
    asked "open 0"
    asked "login user $pin"
    neighbour apdu "${read[@]}" >words
    contains words "9000 9000"
    asked logout
    neighbour apdu "${read[@]}" >words
    lacks words "9000 9000"
    asked "login user $pin"
    end_program
    neighbour apdu "${read[@]}" >words
    lacks words "9000 9000"
}

presents_no_pin_by_itself() { # 5, CARD
    insert "$1"
    local wrong_pin=00200001
    [ "$1" = cps3 ] || wrong_pin=01200001
    start_program
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    neighbour reset
    # The search tells of the reset first: private keys do not show any more.
    ask "sign CPS_PRIV_AUT 00112233"
    equal CKR_OBJECT_HANDLE_INVALID "$answer"
    equal 1 "$(presentations)"
    asked "login user $pin"
    neighbour apdu "${wrong_pin}0430303030"
    ask "sign CPS_PRIV_AUT 00112233"
    equal CKR_USER_NOT_LOGGED_IN "$answer"
    # Two by this program, one by its neighbour.
    equal 3 "$(presentations)"
    equal 2 "$(counter pinTriesLeft)"
    end_program
}

# public_value FILE: of CPS_NAME_PS, 0001/D102.
public_value() { p11 --read-object --type data --label CPS_NAME_PS --output-file "$1"; }

# A garbled answer while the cache fills, then the same card in good health.
garbled_answer_is_not_kept() { # 6, CARD
    export XDG_CACHE_HOME=$PWD/cache CPS_PKCS11_CACHE=on
    local file
    insert "$1"
    public_value name
    for file in 0001/5032 0001/7001 0001/7002 0001/7004 0001/7005 0001/7006 0001/A001 0001/D102; do
        insert "$1" --corrupt-file "$file=A5A5A5A5A5A5A5A5"
        p11 --login --pin "$pin" --list-objects >out 2>&1 || true
        public_value garbled || true
        # Not by `insert`, which clears the cache.
        insert_card 0 --profile "$profile" --protocol "$protocol" --trace "$trace" --state "$state"
        logged_in --list-objects >out
        contains out CPS_PRIV_SIG "Certificat de Signature CPS" CPS_NAME_PS
        read_public_key signature
        cmp certificate.der "$issued/signature.cert.der"
        public_value now
        cmp name now
    done
    # Neither others' to write, nor with anything that the PIN protects.
    equal "" "$(find cache -perm /077)"
    logged_in --read-object --type data --label CPS_ACTIVITY_03_PS --output-file value
    find cache -type f -exec cat {} + | xxd -p | tr -d '\n' >kept
    [ -s kept ]
    lacks kept "$(xxd -p value | tr -d '\n')"
}

recovers_from_a_silent_reset() { # 7
    insert cps4
    start_program
    asked "open 0"
    asked "login user $pin"
    neighbour reset
    asked "token-info 0"
    asked "value CPS_NAME_PS"
    asked "login user $pin"
    asked "sign CPS_PRIV_SIG $(printf 'a%.0s' {1..64})"
    end_program
}

# The card gives a salt as long as the hash, and nothing else.
salt_of_another_length_is_refused() { # 8
    insert cps4
    echo "a document" >message
    read_public_key signature
    sign signature SHA256-RSA-PKCS-PSS message --salt-len 32
    verify_pss sha256 message
    forget_trace
    refused CKR_MECHANISM_PARAM_INVALID logged_in --sign --id "$signature_id" --mechanism SHA256-RSA-PKCS-PSS \
        --salt-len 20 --input-file message --output-file signature
    equal "" "$(private_key_commands)"
}

card_comes_between_count_and_list() { # 9
    insert cps3
    start_program
    ask count-slots
    equal "CKR_OK 1" "$answer"
    insert_card 1 --profile "$profile" --protocol t0
    ask "list-slots 1"
    equal "CKR_OK 1" "$answer"
    ask count-slots
    equal "CKR_OK 2" "$answer"
    ask "list-slots 2"
    equal "CKR_OK 2" "$answer"
    end_program
}

tool p11-calls
headers=$(pkg-config --cflags libpcsclite)
# shellcheck disable=SC2086
gcc -std=gnu17 -O1 $headers -o "$work/neighbour" "$project/Tests/Conformance/neighbour.c" -lpcsclite || exit 1
start_pcscd
it "1: cps3: SHA256-RSA-PKCS of the empty message verifies" signs_the_empty_message
it "2: cps4: an answer to VERIFY that is not 9000 is no login" no_login_by_an_unexpected_answer
it "3: cps4: the PIN does not count as locked while it is presented" pin_not_locked_while_logged_in
for card in cps3 cps4; do
    it "4: $card: after logout and after the end no other program reads what the PIN protects" logout_closes_the_card "$card"
    it "5: $card: the PIN is not presented again without the user" presents_no_pin_by_itself "$card"
    it "6: $card: a garbled answer is not kept" garbled_answer_is_not_kept "$card"
done
it "7: cps4: a reset by another program needs no C_Finalize" recovers_from_a_silent_reset
it "8: cps4: a salt length that the card cannot give is refused" salt_of_another_length_is_refused
it "9: a card that comes between the count and the list does no harm" card_comes_between_count_and_list
finish
