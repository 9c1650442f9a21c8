# SPDX-License-Identifier: Apache-2.0
# Virtual cards in the two slots (0 and 1) of the private pcscd's reader.
#
# A card ends with the shell that inserted it (setpriv --pdeathsig): one that a
# test inserts in its subshell goes when the test ends.

declare -A card_process=()

# insert_card SLOT OPTION...: inserts a card and waits until the reader sees it.
# The options are those of cps-virtual-card insert.
insert_card() {
    local slot=$1 output=$work/card-$1.out attempt
    shift
    for attempt in 1 2 3; do
        remove_card "$slot"
        : >"$output"
        setpriv --pdeathsig TERM "$virtual_card" insert --hierarchy "$hierarchy" --port $((reader_port + slot)) "$@" \
            >"$output" 2>&1 &
        card_process[$slot]=$!
        if wait_for_reader "$slot" Yes "${card_process[$slot]}"; then return 0; fi
        kill -0 "${card_process[$slot]}" 2>/dev/null || break
        # A program that resets a card just when that goes leaves pcscd with a
        # mute reader, until it has seen it empty.
        stop_process "${card_process[$slot]}"
        sleep 1
    done
    cat "$output" >&2
    say "The reader does not see the card." "Le lecteur ne voit pas la carte." >&2
    return 1
}

# remove_card SLOT: takes the card out and waits until the reader has seen it.
remove_card() {
    if [ -n "${card_process[$1]:-}" ]; then
        stop_process "${card_process[$1]}"
        unset "card_process[$1]"
    fi
    wait_for_reader "$1" No
}

# wait_for_reader SLOT Yes|No [PID]: until a card is there, or not; as long as
# the process lives.
wait_for_reader() {
    local attempt
    for attempt in {1..40}; do
        [ "$(card_in_reader "$1")" = "$2" ] && return 0
        if [ -n "${3:-}" ] && ! kill -0 "$3" 2>/dev/null; then return 1; fi
        sleep 0.05
    done
    return 1
}

# What a program that is not ours says: Yes, No, or nothing.
card_in_reader() { opensc-tool --list-readers 2>/dev/null | awk -v slot="$1" '$1 == slot { print $2 }'; }
