# SPDX-License-Identifier: Apache-2.0
# Virtual cards in the two slots (0 and 1) of the private pcscd's reader.
#
# A card's process ends with the shell that inserted it (setpriv --pdeathsig): a card that
# a test inserts in its subshell is removed when the test ends.

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
        # If a program resets a card just when it is removed, pcscd reports a mute
        # card until it has seen the reader empty.
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

# wait_for_reader SLOT Yes|No [PID]: waits until a card is in the slot, or not: as long
# as the process lives, and at most $reader_patience seconds.
reader_patience=10
wait_for_reader() {
    [ -x "$await_card" ] || build_await_card || return 1
    # Without the sanitizer's runtime: it is not under test.
    env -u LD_PRELOAD "$await_card" "$1" "$2" "$reader_patience" "${3:-}"
}

# All stages that run at the same time share this program: the last one to build it wins.
await_card=$project/.build/await-card-$(cksum <"$project/scripts/lib/await-card.c" | tr ' ' -)
build_await_card() {
    local flags
    mkdir -p "$project/.build"
    flags=$(pkg-config --cflags libpcsclite)
    # shellcheck disable=SC2086
    gcc -std=gnu17 -Wall -Wextra -Werror -O1 $flags -o "$work/await-card" "$project/scripts/lib/await-card.c" -lpcsclite &&
        mv "$work/await-card" "$await_card"
}
