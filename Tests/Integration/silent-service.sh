#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pcscd that is there and does not answer, as after a bad suspend (here: SIGSTOP). Every
# function ends soon, nothing is taken for removed, and all goes on when pcscd does.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# Stopped until the test goes on with it, or fails.
stop_service() {
    trap 'kill -CONT "$pcscd_process" 2>/dev/null || true' EXIT
    kill -STOP "$pcscd_process"
    until grep -q '^State:.T' "/proc/$pcscd_process/status"; do sleep 0.01; done
}
# Its answer to the last question takes a moment.
continue_service() {
    kill -CONT "$pcscd_process"
    sleep 0.3
}

# ends_within MILLISECONDS CALL: of the running program; $answer is what it says.
ends_within() {
    local start took
    start=$(milliseconds)
    ask "$2"
    took=$(($(milliseconds) - start))
    [ "$took" -le "$1" ] && return
    echo "$2 took $took ms, more than $1"
    return 1
}

# The first missing answer is waited for a second, later ones not at all. (The limits
# leave room for a busy machine.)
first=2500
later=500

works_on() { # CARD
    local answer=
    insert "$1"
    start_program
    ask "open 0"
    equal CKR_OK "$answer"
    ask "login user 1234"
    equal CKR_OK "$answer"
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q '^CKR_OK ' <<<"$answer"
    stop_service
    ends_within $first "slot-info 0"
    equal "CKR_OK present" "$answer"
    ends_within $later "slot-info 1"
    equal "CKR_OK empty" "$answer"
    ends_within $later "list-slots 9"
    equal "CKR_OK 1" "$answer"
    ends_within $later "sign CPS_PRIV_AUT 00112233"
    equal CKR_FUNCTION_FAILED "$answer"
    ends_within $later "token-info 0"
    equal CKR_FUNCTION_FAILED "$answer"
    continue_service
    # The login stands, and nobody presented the PIN again for it.
    ask "sign CPS_PRIV_AUT 00112233"
    grep -q '^CKR_OK ' <<<"$answer"
    ask "slot-info 0"
    equal "CKR_OK present" "$answer"
    equal 1 "$(commands '0[01] 20 00 01 0[48]' | wc -l)"
    end_program
}

# A program that starts while pcscd is stopped.
starts() {
    local answer=
    insert cps4
    stop_service
    start_program
    ends_within $first "list-slots 9"
    equal "CKR_OK 0" "$answer"
    ends_within $later "list-slots 9"
    # NSS asks for the slots once, and looks at those again.
    ends_within $later "slot-info 0"
    equal "CKR_OK empty" "$answer"
    ends_within $later "slot-info 1"
    equal CKR_SLOT_ID_INVALID "$answer"
    continue_service
    ask "slot-info 0"
    equal "CKR_OK present" "$answer"
    ask "slot-info 1"
    equal "CKR_OK empty" "$answer"
    ask "list-slots 9"
    equal "CKR_OK 1" "$answer"
    ask "open 0"
    equal CKR_OK "$answer"
    end_program
}

# A program that is logged in.
starts_logged_in() {
    insert cps4
    start_program
    ask "open 0"
    ask "login user 1234"
    equal CKR_OK "$answer"
}

# What cannot be given back now is given back later: another program gets the card.
lets_go() {
    local answer=
    starts_logged_in
    stop_service
    ends_within $first "close"
    ends_within $later "finalize"
    timeout 5 bash -c "exec 3>&${program[1]}; true"
    end_program
    continue_service
    wait_for_reader 0 Yes
    logged_in --list-objects >/dev/null
}

# At the end of a program nobody waits either, be it by exit().
exits() {
    local answer='' start
    starts_logged_in
    stop_service
    start=$(milliseconds)
    echo exit >&"${program[1]}"
    end_program || true
    [ $(($(milliseconds) - start)) -le 5000 ]
    continue_service
}

# The handler of a signal ends the program while the library waits for an answer.
exits_in_a_handler() {
    local answer='' start
    starts_logged_in
    ask "exit-in 500"
    stop_service
    start=$(milliseconds)
    echo "slot-info 0" >&"${program[1]}"
    end_program || true
    echo "the program has ended after $(($(milliseconds) - start)) ms"
    # Each of two locks is waited for, which the interrupted call holds for ever.
    [ $(($(milliseconds) - start)) -le 14000 ]
    continue_service
}

# A pcscd that is killed while it is stopped, and another one after it.
killed() {
    local answer='' process=$pcscd_process
    insert cps4
    start_program
    ask "open 0"
    equal CKR_OK "$answer"
    stop_service
    ends_within $first "slot-info 0"
    equal "CKR_OK present" "$answer"
    kill -KILL "$process"
    wait "$process" 2>/dev/null || true
    rm -f /run/pcscd/*
    ends_within $later "slot-info 0"
    equal "CKR_OK empty" "$answer"
    "${pcscd_command[@]}" >>"$work/pcscd/log" 2>&1 &
    pcscd_process=$!
    pcscd_becomes_ready
    insert cps4
    ask "open 0"
    equal CKR_OK "$answer"
    end_program
    stop_process "$pcscd_process"
}

# The host closes all descriptors and opens files in their place: they are not written to.
closed_behind_us() {
    local answer=
    insert cps4
    start_program
    ask "open 0"
    equal CKR_OK "$answer"
    ask "replace-descriptors $PWD/file"
    equal OK "$answer"
    ask "list-slots 9"
    ask "list-slots 9"
    equal "CKR_OK 1" "$answer"
    end_program
    # (libpcsclite does write to descriptors that it takes for its own.)
    [ -e file ]
    if xxd -p -c 1000 file | grep -q 0c0000000100000002000000; then
        echo "our question is in the host's file"
        return 1
    fi
}

tool p11-calls
start_pcscd
for card in cps3 cps4; do it "$card: each call ends soon, and the login outlives it" works_on "$card"; done
it "a program that starts meanwhile" starts
it "sessions and the library are closed soon" lets_go
it "the end of a program does not wait" exits
it "nor does one that a signal's handler ends" exits_in_a_handler
it "the host closes our descriptors" closed_behind_us
it "killed while it does not answer" killed
finish
