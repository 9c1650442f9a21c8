#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library within another program's memory.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# Chromium's allocator counts blocks' sizes in another way than the C library's.
# Long texts and lists of bytes of every kind: a home, directories, values.
keeps_to_its_blocks() {
    insert "$1"
    local home=$PWD
    while [ ${#home} -lt 150 ]; do home+=/a-folder-with-a-long-name; done
    mkdir -p "$home"
    local run
    for run in 1 2; do
        printf '%s\n' "token-info 0" "open 0" attributes "login user $pin" attributes \
            "sign CPS_PRIV_AUT 00112233" "logout" "close" |
            HOME=$home XDG_CACHE_HOME='' timeout 60 "$work/p11-calls" "$library" >out
        lacks out strict-heap
        contains out CKA_MODULUS
    done
}

tool p11-calls -rdynamic "$tests/tools/strict-heap.c"
start_pcscd
for card in cps3 cps4; do
    it "$card: writes nothing behind a block of the program's allocator" keeps_to_its_blocks "$card"
done
finish
