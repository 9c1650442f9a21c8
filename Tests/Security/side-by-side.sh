#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several programs of one user on one card: the last one that ends closes it, however it
# ends, and none before it (docs/architecture.md, "The register of logins").
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/support/stage.sh"
# shellcheck source=/dev/null
. "$project/Tests/Security/support/stranger.sh"

register=/run/user/$(id -u)/cps-pkcs11
digest=$(printf 'A5%.0s' {1..32})

# begin NAME [PARAMETERS]: a program that runs beside others.
begin() {
    local name=$1 to from
    shift
    mkfifo "$name.in" "$name.out"
    "$work/p11-calls" "$library" "$@" <"$name.in" >"$name.out" &
    processes[$name]=$!
    exec {to}>"$name.in" {from}<"$name.out"
    inputs[$name]=$to
    outputs[$name]=$from
}
declare -A processes=() inputs=() outputs=()

# tell NAME CALL: its answer is in $answer.
tell() {
    echo "$2" >&"${inputs[$1]}"
    read -r -t 20 answer <&"${outputs[$1]}"
    echo "$1: $2: $answer"
}

# does NAME CALL: answered with CKR_OK.
does() {
    tell "$1" "$2"
    equal CKR_OK "${answer%% *}"
}

signs() { does "$1" "sign CPS_PRIV_SIG $digest"; }

logged_in_programs() { # NAME...
    local name
    for name in "$@"; do
        begin "$name"
        does "$name" "open 0"
        does "$name" "login user $pin"
        signs "$name"
    done
}

# leaves NAME HOW: ends the login of a program.
leaves() {
    case $2 in
    logout | close | finalize | "close-all 0") does "$1" "$2" ;;
    exit | _exit)
        echo "$2" >&"${inputs[$1]}"
        wait "${processes[$1]}"
        ;;
    *)
        # Between two calls: in the middle of one pcscd resets the card.
        kill "-$2" "${processes[$1]}"
        wait "${processes[$1]}" || true
        ;;
    esac
}

entries() { find "$register" -type f 2>/dev/null | wc -l; }

presentations() { commands '0[01] 20 00 ' | wc -l; }

# The first one's end leaves the second one's login, whose end closes the card.
last_one_closes() { # CARD HOW
    insert "$1"
    logged_in_programs first second
    leaves first "$2"
    card_is_open
    signs second
    leaves second logout
    card_is_closed
    equal 0 "$(entries)"
    equal 2 "$(presentations)"
}

# Beside a program that is connected and knows no PIN.
orphan_is_closed() { # CARD HOW
    insert "$1"
    begin idle
    does idle "open 0"
    logged_in_programs first
    leaves first "$2"
    sleep 1
    does idle "slot-info 0"
    card_is_closed
    equal 0 "$(entries)"
}

# A forked child that calls nothing has a copy of the lock.
orphan_of_a_parent() {
    insert "$1"
    begin idle
    does idle "open 0"
    logged_in_programs first
    tell first "fork 8"
    leaves first KILL
    sleep 1
    does idle "slot-info 0"
    card_is_closed
}

# What a silent program does not see, it does not close.
silent_program() {
    insert "$1"
    begin idle
    does idle "open 0"
    logged_in_programs first
    leaves first KILL
    sleep 5
    card_is_open
    does idle "slot-info 0"
    card_is_closed
}

# So does a program that is blocked in a wait for cards, by itself.
waiting_program() {
    insert "$1"
    begin silent
    does silent "open 0"
    begin waiting
    does waiting "open 0"
    echo wait >&"${inputs[waiting]}"
    logged_in_programs first
    leaves first KILL
    sleep 5
    # It would not end with the test.
    kill "${processes[waiting]}"
    wait "${processes[waiting]}" || true
    card_is_closed
    equal 0 "$(entries)"
}

# The command that waits for cards looks by itself.
watching_command() {
    insert "$1"
    begin silent
    does silent "open 0"
    "$cps" status --watch >watched &
    processes[watching]=$!
    wait_for grep -q "$serial" watched
    logged_in_programs first
    leaves first KILL
    sleep 5
    # It would not end with the test.
    kill "${processes[watching]}"
    wait "${processes[watching]}" || true
    card_is_closed
    equal 0 "$(entries)"
}

twenty_signatures() {
    local number
    insert "$1"
    logged_in_programs tunnel
    for number in {1..20}; do
        begin "signer$number"
        does "signer$number" "open 0"
        does "signer$number" "login user $pin"
        signs "signer$number"
        leaves "signer$number" exit
        [ $((number % 4)) -ne 0 ] || signs tunnel
    done
    equal 21 "$(presentations)"
    leaves tunnel exit
    card_is_closed
}

# The command takes part like any program.
command_beside() {
    insert "$1"
    logged_in_programs first
    "$cps" info --pin-stdin <<<"$pin" >info
    signs first
    leaves first logout
    card_is_closed
}

# A code that lets anybody set a new PIN is never left.
unblocking_code() { # CARD HOW
    insert "$1"
    logged_in_programs first
    begin second "logout=leave"
    does second "open 0"
    does second "login so $puk"
    leaves second "$2"
    sleep 1
    does first "slot-info 0"
    card_is_closed
    tell first "sign CPS_PRIV_SIG $digest"
    equal 0 "$(entries)"
}

refused_pin() {
    insert "$1"
    logged_in_programs first
    begin second
    does second "open 0"
    tell second "login user 9999"
    equal CKR_PIN_INCORRECT "$answer"
    equal 0 "$(entries)"
    does first "login user $pin"
    signs first
    leaves first logout
    card_is_closed
}

# A host that closes all descriptors but its own, as daemons do, and goes on: its login
# went with its connection. It is no other program's.
descriptors_closed() {
    insert "$1"
    logged_in_programs first second
    tell first "closefrom 3"
    card_is_open
    tell first "sign CPS_PRIV_SIG $digest"
    signs second
    does first "login user $pin"
    signs first
    leaves first logout
    signs second
    leaves second logout
    card_is_closed
    equal 0 "$(entries)"
    equal 3 "$(presentations)"
}

# Beside a program that knows no PIN, the next look closes the card.
descriptors_closed_beside() {
    insert "$1"
    begin idle
    does idle "open 0"
    logged_in_programs first
    tell first "closefrom 3"
    sleep 1
    does idle "slot-info 0"
    card_is_closed
    equal 0 "$(entries)"
    does first "login user $pin"
    signs first
    leaves first exit
    card_is_closed
    equal 0 "$(entries)"
}

# Where nothing can be registered it is as before there was a register.
without_register() { # CARD full|none
    insert "$1"
    logged_in_programs first
    if [ "$2" = full ]; then
        mount -t tmpfs -o mode=700,nr_inodes=1 tmpfs "$register"
    else
        mount -t tmpfs -o mode=755 tmpfs /run/user
    fi
    begin second
    does second "open 0"
    does second "login user $pin"
    leaves second logout
    card_is_closed
    umount "$register" 2>/dev/null || umount /run/user
    tell first "sign CPS_PRIV_SIG $digest"
    # A program without a login finds no private key.
    equal CKR_OBJECT_HANDLE_INVALID "$answer"
    does first "login user $pin"
    leaves first finalize
    card_is_closed
    equal 0 "$(entries)"
}

# Without a session nobody else is kept from the reader.
reader_is_free() {
    insert "$1"
    begin first
    does first "token-info 0"
    # The programs of the test before may still be ending.
    wait_for "$work/neighbour" "Virtual reader 00 00" exclusive
    does first "token-info 0"
    "$work/neighbour" "Virtual reader 00 00" exclusive
    does first "open 0"
    if "$work/neighbour" "Virtual reader 00 00" exclusive; then
        echo "A session did not keep the card."
        return 1
    fi
    does first "login user $pin"
    does first close
    "$work/neighbour" "Virtual reader 00 00" exclusive
}

many_programs() { # CARD SECONDS
    insert "$1"
    "$work/logins" "$library" "$pin" 40 "$2"
    card_is_closed
    equal 0 "$(entries)"
}

compile neighbour
compile logins
tool p11-calls
start_pcscd
for card in cps3 cps4; do
    for how in logout close "close-all 0" finalize exit _exit TERM KILL; do
        it "$card: after the first of two programs ($how) the second goes on, and closes the card" \
            last_one_closes "$card" "$how"
    done
    for how in _exit TERM KILL; do
        it "$card: a login that $how left is closed by the next program that looks" orphan_is_closed "$card" "$how"
    done
    it "$card: so is one whose lock a forked child has a copy of" orphan_of_a_parent "$card"
    it "$card: beside a silent program the card stays open until it calls" silent_program "$card"
    it "$card: a login that was left is closed by a program that waits for cards" waiting_program "$card"
    it "$card: a login that was left is closed by cps status --watch" watching_command "$card"
    it "$card: twenty signatures of other programs leave a login" twenty_signatures "$card"
    it "$card: cps leaves a login" command_beside "$card"
    for how in logout KILL; do
        it "$card: an unblocking code is closed whoever is logged in ($how)" unblocking_code "$card" "$how"
    done
    it "$card: a refused PIN ends the logins of all" refused_pin "$card"
    it "$card: a program whose host closes all descriptors logs in again, beside another one" descriptors_closed "$card"
    it "$card: the login that it had is closed by the next program that looks" descriptors_closed_beside "$card"
    it "$card: without room in the register a logout closes the card" without_register "$card" full
    it "$card: without a register it does so too" without_register "$card" none
    it "$card: without a session the reader is free" reader_is_free "$card"
    it "$card: 40 programs that log in, sign, fork and are killed leave a closed card" many_programs "$card" \
        "${CPS_LOGINS_SECONDS:-20}"
done
finish
