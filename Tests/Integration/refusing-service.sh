#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pcscd that refuses this user (polkit), and none at all: both are asked with pauses
# that grow, and the first success is noticed soon.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# start_refusing: a server that closes each connection unread, as pcscd does when polkit
# says no; it writes a line for each into the file connections.
start_refusing() {
    setpriv --pdeathsig TERM python3 -u -c '
import os, select, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("/run/pcscd/pcscd.comm")
os.chmod("/run/pcscd/pcscd.comm", 0o666)
server.listen()
print("ready")
while True:
    client = server.accept()[0]
    select.select([client], [], [], 1)
    time.sleep(0.05)
    client.close()
    print("connection")' >connections &
    refusing=$!
    local attempt
    for attempt in {1..100}; do
        if grep -q ready connections; then return; fi
        sleep 0.05
    done
    return 1
}

# Without pauses there were 3 connections a second.
asks_seldom() {
    local answer='' round refusing
    start_refusing
    start_program
    for round in {1..80}; do
        ask "count-slots" >/dev/null
        equal "CKR_OK 0" "$answer"
        sleep 0.1
    done
    end_program
    kill "$refusing"
    # Two for each attempt: one to ask whether it answers, one of libpcsclite.
    echo "$(grep -c connection connections) connections in 8 s"
    [ "$(grep -c connection connections)" -le 14 ]
    rm -f /run/pcscd/pcscd.comm
}

# noticed [refused]: a pcscd that is started after a program has looked in vain for a while.
noticed() {
    local answer='' refusing='' round
    [ -z "${1:-}" ] || start_refusing
    start_program
    for round in {1..40}; do
        ask "count-slots" >/dev/null
        sleep 0.1
    done
    [ -z "$refusing" ] || kill "$refusing"
    rm -f /run/pcscd/pcscd.comm
    "${pcscd_command[@]}" >>"$work/pcscd/log" 2>&1 &
    pcscd_process=$!
    pcscd_becomes_ready
    insert cps4
    ask "list-slots 9"
    equal "CKR_OK 1" "$answer"
    end_program
    remove_card 0
    stop_process "$pcscd_process"
    rm -f /run/pcscd/*
}

tool p11-calls
start_pcscd
stop_process "$pcscd_process"
rm -f /run/pcscd/*
it "a pcscd that refuses is asked seldom" asks_seldom
it "one that starts is noticed at once" noticed
it "one that starts in the place of one that refused is noticed at once" noticed refused
finish
