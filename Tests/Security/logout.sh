#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Logout means logout: once a program has logged out or is gone, no other program
# signs or reads on its user's PIN; and a program that never logged in leaves the
# login of another one as it is.
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/support/stage.sh"
# shellcheck source=/dev/null
. "$project/Tests/Security/support/stranger.sh"

asked() { # CALL: answered with CKR_OK
    ask "$1"
    equal CKR_OK "${answer%% *}"
}

# A program of ours that is logged in; a stranger gets what only the PIN opens.
logged_in_program() { # CARD [PARAMETERS]
    insert "$1"
    shift
    start_program "$@"
    asked "open 0"
    asked "login user $pin"
    asked "value CPS_ACTIVITY_03_PS"
    card_is_open
}

by_logout() {
    logged_in_program "$1"
    asked logout
    card_is_closed
    end_program
}

by_last_session() {
    logged_in_program "$1"
    asked close
    card_is_closed
    end_program
}

by_all_sessions() {
    logged_in_program "$1"
    asked "close-all 0"
    card_is_closed
    end_program
}

by_finalize() {
    logged_in_program "$1"
    asked finalize
    card_is_closed
    end_program
}

by_exit() {
    logged_in_program "$1"
    echo exit >&"${program[1]}"
    end_program
    card_is_closed
}

# What pcscd does for a program that is killed (docs/architecture.md, "What is left
# of a login"): it disconnects in its place, and leaves the card as it is. With nobody
# connected to it the card loses its power.
by_kill() {
    logged_in_program "$1"
    kill_program
    sleep 4
    card_is_closed
}

# In the middle of a transaction pcscd resets the card, before anybody else gets it.
by_kill_in_transaction() {
    insert "$1" --latency 5,0,3000
    start_program
    asked "open 0"
    asked "login user $pin"
    echo "sign CPS_PRIV_AUT 00112233" >&"${program[1]}"
    wait_for card_got "$private_key_operation"
    kill_program
    local start
    start=$(milliseconds)
    card_is_closed
    echo "closed $(($(milliseconds) - start)) ms after the kill"
}

kill_program() {
    local process=$program_PID
    kill -KILL "$process"
    wait "$process" || [ $? -eq 137 ]
}

# A second program of ours, which lists, reads and ends in every way.
leaves_another_login() {
    logged_in_program "$1"
    forget_trace
    p11 --list-objects >out
    p11 --list-slots >out
    # A real card takes the applet's selection, be it selected already, for its end.
    equal "" "$(commands '0[01] A4 04 .* 80 25 00 00 01 FF 01 00')"
    card_is_open
    calls "open 0" "value CPS_NAME_PS" "close-all 0" "finalize" >out
    equal "" "$(grep -v CKR_OK out)"
    card_is_open
    calls "open 0" "value CPS_NAME_PS" "exit" >out
    card_is_open
    # The first program goes on.
    asked "sign CPS_PRIV_AUT 00112233"
    asked "value CPS_ACTIVITY_01_PS"
    end_program
    card_is_closed
}

# The official library's way, for who wants it.
leaves_the_card_open() { # CARD HOW
    local parameters=()
    if [ "$2" = environment ]; then export CPS_PKCS11_LOGOUT=leave; else parameters=(logout=leave); fi
    logged_in_program "$1" "${parameters[@]}"
    asked logout
    # To this program the private objects are gone all the same.
    ask "value CPS_ACTIVITY_03_PS"
    equal CKR_OBJECT_HANDLE_INVALID "$answer"
    card_is_open
    asked "login user $pin"
    asked close
    card_is_open
    asked finalize
    end_program
    card_is_open
}

initialization_string_wins() {
    export CPS_PKCS11_LOGOUT=leave
    logged_in_program "$1" logout=reset
    asked logout
    card_is_closed
    end_program
}

# A neighbour that is in the middle of something is waited for, and gets nothing
# afterwards. (A card that nobody is connected to would lose its power: somebody is.)
by_end_during_a_transaction() { # CARD finalize|exit
    logged_in_program "$1"
    { echo "open 0" && sleep 5; } | "$work/p11-calls" "$library" >another.log &
    wait_for grep -q CKR_OK another.log
    "$work/neighbour" "Virtual reader 00 00" hold 2 >hold.log &
    local holder=$!
    wait_for grep -q ready hold.log
    if [ "$2" = finalize ]; then
        asked finalize
    else
        echo exit >&"${program[1]}"
        end_program
    fi
    wait "$holder"
    card_is_closed
    [ "$2" = exit ] || end_program
}

# Nothing of a PIN change, be it without a login, is left.
by_change_of_pin() {
    insert "$1"
    start_program
    asked "open 0"
    asked "set-pin $pin 4321"
    card_is_closed
    asked close
    card_is_closed
    end_program
}

compile neighbour
tool p11-calls
start_pcscd
for card in cps3 cps4; do
    it "$card: C_Logout closes the card to others" by_logout "$card"
    it "$card: so does the last C_CloseSession" by_last_session "$card"
    it "$card: so does C_CloseAllSessions" by_all_sessions "$card"
    it "$card: so does C_Finalize" by_finalize "$card"
    it "$card: so does the end of a program without C_Finalize" by_exit "$card"
    it "$card: C_Finalize waits for a neighbour's transaction" by_end_during_a_transaction "$card" finalize
    it "$card: so does the end of a program without C_Finalize" by_end_during_a_transaction "$card" exit
    it "$card: a program killed in a transaction leaves a closed card" by_kill_in_transaction "$card"
    it "$card: a program killed in between leaves one that is closed 4 s later" by_kill "$card"
    it "$card: a changed PIN leaves no login" by_change_of_pin "$card"
    it "$card: a program that does not log in leaves another one's login" leaves_another_login "$card"
    it "$card: logout=leave leaves the card open" leaves_the_card_open "$card" string
    it "$card: CPS_PKCS11_LOGOUT=leave does so too" leaves_the_card_open "$card" environment
    it "$card: the initialization string goes before it" initialization_string_wins "$card"
done
finish
