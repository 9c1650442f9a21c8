#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is kept of a card on disk between two programs.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# count COMMAND...: the commands that the card gets for it.
count() {
    forget_trace
    "$@" >out 2>&1
    commands | wc -l
}

reads_once() {
    insert "$1"
    local first second
    first=$(count p11 --list-objects)
    cp out first.out
    second=$(count p11 --list-objects)
    cmp first.out out
    echo "$first, then $second commands"
    [ "$second" -le 4 ] && [ "$first" -gt 20 ]
    equal "700 $XDG_CACHE_HOME/cps-pkcs11" "$(stat --format='%a %n' "$XDG_CACHE_HOME/cps-pkcs11")"
    equal 600 "$(stat --format=%a "$XDG_CACHE_HOME"/cps-pkcs11/*)"
}

switched_off() {
    insert "$1"
    CPS_PKCS11_CACHE=off p11 --list-objects
    printf '%s\n' "open 0" attributes | timeout 60 "$work/p11-calls" "$library" cache=off >out
    contains out CKA_MODULUS
    [ ! -e "$XDG_CACHE_HOME/cps-pkcs11" ]
}

no_private_data() {
    insert "$1"
    logged_in --list-objects >out
    local label
    for label in CPS_ACTIVITY_01_PS CPS_SIT_FACT; do
        logged_in --read-object --type data --label "$label" --output-file "$label"
        xxd -p "$label" | tr -d '\n' >value
        # Its first bytes stand nowhere in the cache.
        xxd -p "$XDG_CACHE_HOME"/cps-pkcs11/* | tr -d '\n' >kept
        lacks kept "$(head -c 48 value)"
    done
}

any_damage() {
    insert "$1"
    p11 --list-objects >good
    local file offset
    file=$(echo "$XDG_CACHE_HOME"/cps-pkcs11/*)
    for offset in 0 12 40 200 1000; do
        # dd asks for memory in a way that sanitizers complain of.
        printf '\377\377' | env -u LD_PRELOAD dd of="$file" bs=1 seek="$offset" conv=notrunc status=none
        p11 --list-objects | cmp good -
    done
    : >"$file"
    p11 --list-objects | cmp good -
    rm "$file" && ln -s /etc/passwd "$file"
    p11 --list-objects | cmp good -
}

several_programs() {
    insert "$1"
    local program programs=()
    for program in 1 2 3 4; do
        p11 --list-objects >"$program.out" &
        programs+=($!)
    done
    wait "${programs[@]}"
    p11 --list-objects >out
    for program in 1 2 3 4; do cmp "$program.out" out; done
}

# What was opened is closed, whatever was found there.
keeps_nothing_open() {
    insert "$1"
    p11 --list-objects >good
    local file plant
    file=$(echo "$XDG_CACHE_HOME"/cps-pkcs11/*)
    for plant in "chmod 644" "truncate --size 1M" "truncate --size 10" "chown nobody"; do
        $plant "$file"
        start_program
        ask "open 0"
        equal CKR_OK "${answer%% *}"
        ask "value CPS_NAME_PS"
        equal CKR_OK "${answer%% *}"
        ls -l "/proc/$program_PID/fd" >descriptors
        end_program
        lacks descriptors "$XDG_CACHE_HOME"
    done
}

tool p11-calls
start_pcscd
for card in cps3 cps4; do
    it "$card: what is public is read once" reads_once "$card"
    it "$card: nothing is kept when that is switched off" switched_off "$card"
    it "$card: nothing is kept that needs the PIN" no_private_data "$card"
    it "$card: a damaged or planted file does no harm" any_damage "$card"
    it "$card: several programs share it" several_programs "$card"
    it "$card: no descriptor is kept" keeps_nothing_open "$card"
done
finish
