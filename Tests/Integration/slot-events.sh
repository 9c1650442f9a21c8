#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A blocking C_WaitForSlotEvent, with one reader of one slot: what most people have.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

write_reader_configuration() {
    printf 'FRIENDLYNAME "Virtual reader"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
        "$1" "$work/ifd-single-slot.so" "$1"
}

ports_of_readers=1

# in_time COMMAND...: a machine that does other things may be late, but not three times.
in_time() {
    for _ in 1 2 3; do
        if "$@"; then return; fi
    done
    return 1
}

# at_most LIMIT NAME: a number that slot-events printed.
at_most() {
    local number
    number=$(awk -v name="$2" '$1 == name { print $2 }' out)
    echo "$2: $number ms, at most $1"
    [ -n "$number" ] && [ "$number" -le "$1" ]
}

# costs_next_to_nothing SECONDS
costs_next_to_nothing() {
    "$work/slot-events" "$library" idle "$1" >out && at_most 50 processor && at_most 100 finalize
}

# A cancellation that got lost would take the whole second that a wait lasts.
ends_at_finalize() { "$work/slot-events" "$library" rounds 40 >out && at_most 100 finalize && at_most 800 longest; }

# Where pcscd's socket is not.
without_service() {
    mount -t tmpfs -o mode=755 tmpfs /run/pcscd
    "$@"
}

# told_of card|empty COMMAND...: from when the reader tells pcscd until the program knows.
told_of() {
    local program
    # What the last one said is not said by this one.
    rm -f out
    timeout 60 "$work/slot-events" "$library" event >out &
    program=$!
    wait_for test -s out || return
    # The wait has begun.
    pause 0.3
    : >"$IFD_SINGLE_SLOT_LOG"
    "${@:2}" && wait "$program" || return
    cat "$IFD_SINGLE_SLOT_LOG" out
    awk -v what="$1" '$1 == what { at = $2; seen = 1 } $1 == "event" { late = $2 - at }
        END { print "told after " late " ms"; exit !(seen && late >= 0 && late <= 200) }' "$IFD_SINGLE_SLOT_LOG" out
}

tells_of_insertion_and_removal() {
    sample cps4
    told_of card insert_card 0 --profile "$profile" --protocol "$protocol" && told_of empty remove_card 0
}

export IFD_SINGLE_SLOT_LOG=$work/reader.log
# shellcheck disable=SC2046
tool ifd-single-slot -shared -fPIC $(pkg-config --cflags libpcsclite) -lpthread
mv "$work/ifd-single-slot" "$work/ifd-single-slot.so"
tool slot-events -lpthread
start_pcscd
it "waits 10 seconds for 0.05 s of processor time, and ends within 0.1 s of C_Finalize" \
    in_time costs_next_to_nothing 10
it "ends within 0.1 s of a C_Finalize that comes while it begins" in_time ends_at_finalize
it "tells of an insertion and a removal within 0.2 s" in_time tells_of_insertion_and_removal
it "without pcscd: costs as little, and ends as fast" without_service in_time costs_next_to_nothing 2
finish
