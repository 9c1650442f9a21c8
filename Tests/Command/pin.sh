#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps pin change` and `cps pin unblock`: what is typed, what the card is sent, and
# each time the tries that are left as the card counts them.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

# holds PIN TRIES PUK-TRIES: what the card itself knows.
holds() {
    equal "$1" "$(counter pin)"
    equal "$2" "$(counter pinTriesLeft)"
    equal "$3" "$(counter pukTriesLeft)"
}

# untouched: no code was sent, the card is as it was inserted.
untouched() {
    equal "" "$(presented)"
    holds 1234 3 "$puk_tries"
}

# MARK: Change

changes() {
    insert "$1"
    at_terminal 0 "PIN (3 of 3 tries left): =>1234" "New PIN ($pin_digits): =>$new_pin" "again: =>$new_pin" \
        -- pin change
    contains screen "The PIN is changed."
    lacks screen 1234 5678
    holds "$new_pin" 3 "$puk_tries"
    in_french at_terminal 0 "Code porteur (il reste 3 essais sur 3) : =>$new_pin" \
        "Nouveau code porteur ($pin_digits_in_french) : =>1234" "encore une fois : =>1234" -- pin change
    contains screen "Le code porteur est changé."
    holds 1234 3 "$puk_tries"
}

changes_from_lines() {
    insert "$1"
    with_input $'1234\n5678\n' 0 pin change --stdin
    holds 5678 3 "$puk_tries"
    with_input $'5678\r\n1234' 0 pin change --stdin
    holds 1234 3 "$puk_tries"
}

wrong_pin() {
    insert "$1"
    in_french with_input $'9999\n5678\n' 4 pin change --stdin
    contains err "Le code est faux. Il reste 2 essais."
    holds 1234 2 "$puk_tries"
    at_terminal 4 "2 of 3 tries left): =>9999" "New PIN=>5678" "again=>5678" -- pin change
    contains screen "The PIN is wrong. One try is left."
    holds 1234 1 "$puk_tries"
    # The last one.
    with_input $'1234\n5678\n' 6 pin change --stdin
    contains err "Only one try is left; it was not used." "--use-last-try"
    at_terminal 6 "Type yes in full to use it: =>y" -- pin change
    contains screen "a wrong PIN blocks the card"
    in_french at_terminal 6 "Tapez oui en entier pour l'utiliser : =>non" -- pin change
    contains screen "un code porteur faux bloque la carte"
    holds 1234 1 "$puk_tries"
    in_french at_terminal 0 "pour l'utiliser : =>oui" "Code porteur=>1234" "Nouveau=>5678" "encore une fois=>5678" -- pin change
    holds 5678 3 "$puk_tries"
}

blocks() {
    insert_changed "$1" 's/("pin": .*"1234")/\1, "triesLeft": 1/'
    with_input $'9999\n5678\n' 5 pin change --stdin --use-last-try
    contains err "cps pin unblock"
    holds 1234 0 "$puk_tries"
    forget_trace
    in_french with_input $'1234\n5678\n' 5 pin change --stdin --use-last-try
    contains err "Le code est bloqué."
    equal "" "$(presented)"
}

# refuses ENGLISH FRENCH INPUT OPTION...: nothing is sent.
refuses() {
    local english=$1 french=$2 input=$3
    shift 3
    insert cps3
    with_input "$input" 6 "$@"
    contains err "$english"
    in_french with_input "$input" 6 "$@"
    contains err "$french"
    untouched
}

refuses_different_entries() {
    insert "$1"
    at_terminal 6 "PIN (=>1234" "New PIN=>5678" "again=>5679" -- pin change
    contains screen "The two new PINs differ; nothing was changed."
    at_terminal 6 "Unblocking code (=>12345678" "New PIN=>5678" "again=>5679" -- pin unblock
    at_terminal 6 "PIN (=>" -- pin change
    contains screen "Nothing was typed; nothing was done."
    at_terminal 6 "PIN (=>^D" -- pin change
    untouched
}

ends_by_signals() {
    insert cps3
    at_terminal 130 "PIN (=>^C" -- pin change
    at_terminal 130 "PIN (=>1234" "New PIN=>^C" -- pin change
    at_terminal 143 "PIN (=>kill:TERM" -- pin change
    at_terminal 129 "PIN (=>kill:HUP" -- pin change
    at_terminal 6 "PIN (=>^Z" "PIN (=>" -- pin change
    contains screen "[stopped, echo on]"
    untouched
}

needs_a_terminal() {
    insert cps3
    local result=0
    setsid "$cps" pin change >out 2>err </dev/null || result=$?
    ended 6 "$result"
    contains err "No terminal to ask for the PIN." "--stdin"
    result=0
    in_french setsid "$work/cps-in-french" pin unblock >out 2>err </dev/null || result=$?
    contains err "Aucun terminal pour demander le code porteur."
    untouched
}

takes_no_code_as_argument() {
    insert cps3
    ends 64 pin change 1234
    ends 64 pin change --pin 1234
    in_french ends 64 pin change --pin 1234
    contains err "n'existe pas"
    equal "" "$(presented)"
}

# MARK: Unblocking

unblocks() {
    insert_changed "$1" 's/("pin": .*"1234")/\1, "triesLeft": 0/'
    at_terminal 0 "Unblocking code ($puk_tries of $puk_tries tries left): =>12345678" "New PIN ($pin_digits): =>2468" \
        "again: =>2468" -- pin unblock
    contains screen "The PIN is set, and has all its tries again."
    lacks screen 12345678 2468
    holds 2468 3 "$puk_tries"
    in_french with_input $'12345678\n1234\n' 0 pin unblock --stdin
    contains out "Le nouveau code porteur est en place, avec tous ses essais."
    holds 1234 3 "$puk_tries"
}

wrong_puk() {
    insert "$1"
    with_input $'87654321\n2468\n' 4 pin unblock --stdin
    contains err "The unblocking code is wrong." "tries are left"
    holds 1234 3 $((puk_tries - 1))
    with_input $'12345678\n2468\n' 0 pin unblock --stdin
    holds 2468 3 "$puk_tries"
}

last_puk_try() {
    insert_changed "$1" 's/("puk": .*"12345678")/\1, "triesLeft": 1/'
    with_input $'87654321\n2468\n' 6 pin unblock --stdin
    in_french at_terminal 6 "Tapez oui en entier=>non" -- pin unblock
    contains screen "rend la carte inutilisable pour toujours"
    holds 1234 3 1
    with_input $'87654321\n2468\n' 5 pin unblock --stdin --use-last-try
    contains err "this card can no longer be unblocked" "Ask for a new card."
    holds 1234 3 0
    in_french with_input $'12345678\n2468\n' 5 pin unblock --stdin --use-last-try
    contains err "cette carte ne peut plus être débloquée" "Demandez une nouvelle carte."
    holds 1234 3 0
    # With the PIN blocked as well, nobody is sent to the unblocking code.
    local status
    for status in 4 4 5; do with_input $'9999\n2468\n' $status pin change --stdin --use-last-try; done
    with_input $'1234\n2468\n' 5 pin change --stdin
    contains err "The PIN and the unblocking code are blocked" "Ask for a new card."
    lacks err "cps pin unblock"
}

# MARK: Cards that go, and that have no PIN

contactless_has_none() {
    insert contactless
    with_input $'1234\n5678\n' 9 pin change --stdin
    contains err "This card has no PIN"
    in_french with_input $'12345678\n5678\n' 9 pin unblock --stdin
    contains err "n'a pas de code porteur"
    equal "" "$(presented)"
}

pulled_before() {
    insert "$1"
    at_terminal 7 "PIN (=>1234" "New PIN=>5678" "again=>sh:kill ${card_process[0]}; $await_card 0 No 30;;5678" -- pin change
    contains screen "The card was taken out. Nothing was changed."
    untouched
}

# The card goes while it works on the new PIN: whichever it holds, it is not claimed.
pulled_during() { # NAME INSTRUCTION
    insert "$1" --latency 150,0,0
    (
        wait_for card_got "0[01] $2 "
        kill -KILL "${card_process[0]}"
    ) &
    with_input $'1234\n5678\n' 7 pin change --stdin
    contains err "It is not known whether the card accepted the new PIN." "try the new PIN once, then the old one"
    lacks err 1234 5678
    wait $!
}

a_code_was_presented() { [ -n "$(presented)" ]; }

# A change that has begun is brought to its end, and told of, before the program ends.
interrupted_during() { # NAME
    insert "$1" --latency 150,0,0
    printf '1234\n5678\n' >lines
    "$cps" pin change --stdin <lines >out 2>err &
    local process=$! status=0
    wait_for a_code_was_presented
    kill -TERM "$process"
    wait "$process" || status=$?
    ended 143 "$status"
    contains out "The PIN is changed."
    holds 5678 3 "$puk_tries"
    # The last that the card sees.
    equal "power on" "$(grep -oE 'power on| > ' "$trace" | tail -n 1)"
}

empty_reader() {
    remove_card 0
    ends 3 pin change
    contains err "There is no card in the reader."
    in_french ends 3 pin unblock
    contains err "Aucune carte dans le lecteur."
}

loses_its_output() {
    insert cps4
    local result=0
    printf '1234\n5678\n' | "$cps" pin change --stdin >/dev/full 2>err || result=$?
    equal 8 "$result"
    holds 5678 3 "$puk_tries"
    contains err "The PIN is changed"
}

start_pcscd
cd "$work" || exit 1
for card in cps3 cps3-unpadded cps4; do
    it "$card: changes the PIN, typed twice and never shown; in both languages" changes $card
    it "$card: changes the PIN from standard input" changes_from_lines $card
    it "$card: a wrong PIN costs one try; the last one needs a yes" wrong_pin $card
    it "$card: blocked by the last try, and refused from then on" blocks $card
    it "$card: two entries that differ, or nothing, send nothing" refuses_different_entries $card
    it "$card: unblocks with the PUK" unblocks $card
    it "$card: a wrong PUK costs one of its tries" wrong_puk $card
    it "$card: the PUK's last try" last_puk_try $card
    it "$card: pulled before the card is asked" pulled_before $card
done
it "cps3: pulled while it changes the PIN" pulled_during cps3 24
it "cps4: pulled while it changes the PIN" pulled_during cps4 24
for card in cps3 cps4; do it "$card: interrupted while it changes the PIN" interrupted_during "$card"; done
it "a letter in the old PIN" refuses "Only digits" "que des chiffres" $'12a4\n5678\n' pin change --stdin
it "a letter in the new PIN" refuses "Only digits" "que des chiffres" $'1234\n5é7\n' pin change --stdin
it "a new PIN that is too short" refuses "The PIN has 4 digits" "a 4 chiffres" $'1234\n567\n' pin change --stdin
it "a new PIN that is too long" refuses "The PIN has 4 digits" "a 4 chiffres" $'1234\n56781\n' pin change --stdin
it "the old PIN as the new one" refuses "The new PIN is the same as the old one" "est l'ancien" $'1234\n1234\n' pin change --stdin
it "no new PIN" refuses "Nothing was read from standard input" "ne donne pas de code" $'1234\n' pin change --stdin
it "a PUK that is too short" refuses "The unblocking code has 8 digits" "Le code de déblocage a 8 chiffres" $'1234567\n5678\n' \
    pin unblock --stdin
it "signals: the terminal shows again what is typed" ends_by_signals
it "without a terminal nothing is asked" needs_a_terminal
it "a code is no argument" takes_no_code_as_argument
it "contactless: there is no PIN" contactless_has_none
it "an empty reader" empty_reader
it "a change that cannot be told is a change" loses_its_output
finish
