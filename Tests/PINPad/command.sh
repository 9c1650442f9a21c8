#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command cps with a reader that has a keypad: codes are typed there, and the
# computer sees none.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/keypad.sh
. "$project/Tests/PINPad/support/keypad.sh"
# shellcheck source=SCRIPTDIR/../Command/support/command.sh
. "$project/Tests/Command/support/command.sh"

# holds PIN TRIES: what the card itself knows.
holds() {
    equal "$1" "$(counter pin)"
    equal "$2" "$(counter pinTriesLeft)"
}

shows_activities() {
    insert_in $keypad "$1"
    type_in "$pin"
    ends 0 info --pin
    contains out "HOPITAL GENERIQUE"
    contains err "Type the PIN on the reader."
    type_in "$pin"
    in_french ends 0 info --pin
    contains err "Tapez le code porteur sur le lecteur."
    everything_typed
    no_code_seen "$pin"
    holds "$pin" 3
}

changes() {
    insert_in $keypad "$1"
    type_in "$pin" "$new_pin" "$new_pin"
    in_french ends 0 pin change
    contains err "Sur le lecteur : tapez le code porteur (il reste 3 essais sur 3), puis deux fois le nouveau."
    contains out "Le code porteur est changé."
    holds "$new_pin" 3
    no_code_seen "$pin" "$new_pin"
}

unpadded_cps3_wants_the_codes_otherwise() {
    insert_in $keypad cps3-unpadded
    type_in "$pin"
    at_terminal 0 "PIN (=>1234" "New PIN=>5678" "again=>5678" -- pin change
    equal "$pin" "$(cat "$entries")"
    holds 5678 3
    with_input $'5678\n1234\n' 0 pin change --stdin
    holds 1234 3
}

unblocks() {
    insert_in $keypad "$1"
    type_in "$puk" 2468 2468
    ends 0 pin unblock
    contains out "The PIN is set"
    holds 2468 3
    no_code_seen "$puk" 2468
}

# fails STATUS ENGLISH FRENCH TRIES ENTRY...: of pin change; the PIN stays.
fails() {
    local status=$1 english=$2 french=$3 tries=$4
    shift 4
    insert_in $keypad cps4
    type_in "$@"
    ends "$status" pin change
    contains err "$english"
    holds "$pin" "$tries"
    remove_card $keypad
    rm -f "$state"
    insert_in $keypad cps4
    type_in "$@"
    in_french ends "$status" pin change
    contains err "$french"
}

asks_before_the_last_try() {
    insert_in $keypad cps3
    type_in 9999
    ends 4 info --pin
    type_in 9999
    ends 4 info --pin
    type_in "$pin"
    local result=0
    setsid "$cps" info --pin >out 2>err </dev/null || result=$?
    ended 6 "$result"
    holds "$pin" 1
    ends 0 info --pin --use-last-try
    everything_typed
    holds "$pin" 3
}

simple_keypad_takes_no_new_pin() {
    insert_in $simple_keypad cps4
    type_in "$pin"
    at_terminal 0 "PIN (=>1234" "New PIN=>5678" "again=>5678" -- pin change
    contains screen "The reader's keypad cannot set a new PIN for this card: type it here."
    in_french at_terminal 0 "déblocage (=>12345678" "Nouveau=>2468" "encore=>2468" -- pin unblock
    contains screen "Le clavier du lecteur ne prend pas de nouveau code porteur"
    equal "$pin" "$(cat "$entries")"
    holds 2468 3
}

start_pcscd
for card in cps3 cps4; do
    it "$card: the activities, after the PIN on the keypad" shows_activities $card
    it "$card: unblocks by keypad" unblocks $card
done
for card in cps3 cps4; do it "$card: changes the PIN by keypad" changes $card; done
it "cps3-unpadded: cannot change it there, and is asked at the terminal" unpadded_cps3_wants_the_codes_otherwise
it "a cancelled entry" fails 6 "on the reader's keypad was cancelled" "sur le clavier du lecteur a été annulée" 3 cancel
it "the new PIN's entry is cancelled" fails 6 "was cancelled" "a été annulée" 3 1234 cancel
it "nobody types" fails 6 "was cancelled" "a été annulée" 3 timeout
it "two new codes that differ" fails 6 "The two new PINs differ" "Les deux nouveaux codes diffèrent" 3 1234 56789 56780
it "too many digits" fails 6 "Too few or too many digits" "trop ou trop peu de chiffres" 3 1234 123456789
it "a wrong PIN" fails 4 "The PIN is wrong. 2 tries are left." "Le code est faux. Il reste 2 essais." 2 9999
it "the last try needs a yes" asks_before_the_last_try
it "a keypad that takes no new PIN" simple_keypad_takes_no_new_pin
finish
