#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No pcscd, or one that ends or starts while a program runs.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

empty_slot_list() {
    # pkcs11-tool ends with 1 when the list is empty, as with any library.
    timeout 30 pkcs11-tool --module "$library" --list-slots >out 2>&1 || [ $? -eq 1 ]
    contains out "No slots."
    lacks out error CKR_ "Slot 0"
    # C_Initialize, C_GetSlotList and C_Finalize give CKR_OK.
    timeout 30 "$work/p11-calls" "$library" <<<"slot-info 0" >out
    equal CKR_SLOT_ID_INVALID "$(cat out)"
}

information_without_service() {
    timeout 30 pkcs11-tool --module "$library" --show-info >out 2>&1 || true
    contains out "Cryptoki version"
}

no_reader() {
    timeout 30 pkcs11-tool --module "$library" --list-slots >out 2>&1
    contains out "Slot 0"
    contains out "(empty)"
    calls "slot-info 0" "token-info 0" "open 0" >out
    equal "CKR_OK empty,CKR_TOKEN_NOT_PRESENT,CKR_TOKEN_NOT_PRESENT" "$(paste -sd, out)"
    calls "slot-info 99" >out
    equal CKR_SLOT_ID_INVALID "$(cat out)"
}

service_ends() {
    local answer=
    insert cps3
    start_program
    ask "token-info 0"
    grep -q CKR_OK <<<"$answer"
    stop_process "$pcscd_process"
    ask "token-info 0"
    grep -q '^CKR_' <<<"$answer"
    ask "slot-info 0"
    grep -q '^CKR_' <<<"$answer"
}

tool p11-calls
mount -t tmpfs -o mode=755 tmpfs /run/pcscd
it "no pcscd: an empty slot list, no error, no hang" empty_slot_list
it "no pcscd: information on the library" information_without_service
start_pcscd
it "empty readers: slots without a token" no_reader
it "pcscd ends under a running program: a code, no hang" service_ends
finish
