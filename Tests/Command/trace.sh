#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps trace`: a command's PKCS#11 calls and what goes to the card, in words.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"

tool_with() { echo pkcs11-tool --module "$library" "$@"; }

# The command's own output is as without the trace, which goes to the standard error.
shows_calls_and_commands() {
    insert cps3
    # shellcheck disable=SC2046
    "$cps" trace -- $(tool_with --list-token-slots) >out 2>text
    p11 --list-token-slots >expected 2>/dev/null
    cmp expected out
    contains text "C_GetSlotList present=1 room=NULL = CKR_OK slots=1 (" "C_GetTokenInfo slot=0" \
        "    SELECT 3F00/D003 (EF.SN)                        61 27 39 bytes to fetch" \
        "    SELECT 3F00/D010 (EF_ACTUA)                     6A 82 no such file" \
        "GET DATA PIN 01: tries left?" "  = CKR_OK (" " bytes sent, "
    grep -Eq '^[0-9]+ calls \(0 failed\) in .*; [0-9]+ commands in ' text
    lacks text " > "
}

hides_codes() { # CARD
    # A PIN long enough to be looked for in a trace.
    insert "$1" --pin-block unpadded
    printf message >message
    # shellcheck disable=SC2046
    "$cps" trace --bytes --output text -- $(tool_with --login --pin 1234 --change-pin --new-pin 73519264) >out 2>&1
    # shellcheck disable=SC2046
    "$cps" trace --bytes --output text-2 -- $(tool_with --login --pin 9999 --list-objects) >out 2>&1 || true
    contains text "C_SetPIN session=" "old=** new=**" "VERIFY PIN 0" " ****  "
    contains text-2 "= CKR_PIN_INCORRECT (" "63 C2 wrong PIN, 2 tries left"
    lacks text 73519264 "37 33 35 31"
    lacks text-2 9999 "39 39 39 39"
    grep -Eq '^        > 0[01] 20 00 [0-9A-F]{2} \*\*$' text
    equal "-rw-------" "$(stat --format=%A text)"
}

# Also where others could read what is there.
is_for_the_user_alone() {
    echo "an older text that is longer than what comes, which leaves nothing of itself behind" >mine
    chmod 666 mine
    "$cps" trace --output mine -- true
    equal "-rw-------" "$(stat --format=%A mine)"
    lacks mine older
    echo another >mine
    chmod 666 mine
    chown nobody mine
    ends_with 8 "$cps" trace --output mine -- true
    equal another "$(cat mine)"
}

in_french() {
    insert cps4
    # shellcheck disable=SC2046
    LC_ALL=fr_FR.UTF-8 "$cps" trace -- $(tool_with --login --pin 9999 --list-objects) >out 2>text || true
    contains text "63 C2 code faux, 2 essais restants" "VERIFY PIN" " appels (1 en échec) en "
    LC_ALL=fr_FR.UTF-8 "$cps" trace -- there-is-no-such-program 2>text || true
    contains text "ne peut pas être lancé (fichier ou dossier introuvable)."
    LC_ALL=fr_FR.UTF-8 "$cps" trace --output nowhere/text -- true 2>text || true
    contains text "nowhere/text n'a pas pu être écrit (fichier ou dossier introuvable)."
    LC_ALL=fr_FR.UTF-8 "$cps" trace --help >out
    contains out "Lance une commande"
}

# ends_with STATUS COMMAND...
ends_with() {
    local expected=$1 status=0
    shift
    "$@" >out 2>text || status=$?
    cat text
    equal "$expected" "$status"
}

status_is_the_commands() {
    ends_with 0 "$cps" trace -- true
    contains text "No call was seen"
    ends_with 3 "$cps" trace -- sh -c 'exit 3'
    ends_with 143 "$cps" trace sh -c 'kill -TERM $$'
    ends_with 64 "$cps" trace
    contains text "No command to run was given."
    ends_with 64 "$cps" trace -- there-is-no-such-program
    contains text "there-is-no-such-program cannot be run"
    ends_with 8 "$cps" trace --output nowhere/text -- true
    ln -s other text-link
    ends_with 8 "$cps" trace --output text-link -- true
    [ ! -e other ]
}

# The command gets the signals of a terminal's user as if it were alone, and starts
# with those that cps has set for itself undone.
signals_go_to_the_command() {
    # shellcheck disable=SC2016
    "$cps" trace --output text -- bash -c 'trap "echo asked to end; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >out &
    local process=$! status=0
    wait_for grep -q ready out
    kill -TERM "$process"
    wait "$process" || status=$?
    equal 9 "$status"
    contains out "asked to end"
    ends_with 141 "$cps" trace -- bash -c 'kill -PIPE $$'
    ends_with 0 "$cps" trace -- grep -E '^SigBlk:[[:space:]]0+$' /proc/self/status
}

several_processes() {
    insert cps4
    "$cps" trace --output text -- sh -c "$(tool_with --list-token-slots); $(tool_with --list-token-slots)" >out 2>&1
    equal 2 "$(grep -cE '^\[[0-9]+\] C_Initialize = CKR_OK' text)"
}

leaves_nothing() {
    insert cps4
    mkdir -m 700 temporary
    # shellcheck disable=SC2046
    TMPDIR=$PWD/temporary XDG_RUNTIME_DIR="" "$cps" trace -- $(tool_with --list-token-slots) >out 2>text
    contains text "C_Initialize"
    TMPDIR=$PWD/temporary XDG_RUNTIME_DIR="" "$cps" trace -- there-is-no-such-program >out 2>text || true
    equal "" "$(ls -A temporary)"
}

start_pcscd
cd "$work" || exit 1
it "calls, commands and totals are shown beside the command's own output" shows_calls_and_commands
it "cps3: codes are hidden" hides_codes cps3
it "cps4: codes are hidden" hides_codes cps4
it "the file is for the user alone, and another user's is left as it is" is_for_the_user_alone
it "in French" in_french
it "the exit status is the command's" status_is_the_commands
it "signals go to the command" signals_go_to_the_command
it "processes are told apart" several_processes
it "nothing is left behind" leaves_nothing
finish
