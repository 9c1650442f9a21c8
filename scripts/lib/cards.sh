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
# the process lives, and $reader_patience seconds at most.
reader_patience=10
wait_for_reader() {
    [ -x "$await_card" ] || build_await_card || return 1
    # It is not what a sanitizer watches.
    env -u LD_PRELOAD "$await_card" "$1" "$2" "$reader_patience" "${3:-}"
}

# The same program for all that runs side by side: the last one to build it wins.
await_card=$project/.build/await-card-$(cksum <"$project/scripts/lib/await-card.c" | tr ' ' -)
build_await_card() {
    local flags
    mkdir -p "$project/.build"
    flags=$(pkg-config --cflags libpcsclite)
    # shellcheck disable=SC2086
    gcc -std=gnu17 -Wall -Wextra -Werror -O1 $flags -o "$work/await-card" "$project/scripts/lib/await-card.c" -lpcsclite &&
        mv "$work/await-card" "$await_card"
}
