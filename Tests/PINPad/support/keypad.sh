# SPDX-License-Identifier: Apache-2.0
# A private pcscd with a plain virtual reader and one with a keypad (ifd-pinpad.c): what
# the topics about keypads share. They begin with the harness, then read this file and
# say start_pcscd.

# The slots: two of the plain reader, two with a keypad; the last one's knows no
# FEATURE_MODIFY_PIN_DIRECT.
plain=0
keypad=2
simple_keypad=3

entries=$work/entries
keypad_log=$work/keypad.log

ports_of_readers=4

write_reader_configuration() {
    local driver
    driver=$(echo /usr/lib/pcsc/drivers/serial/libifdvpcd.so*)
    # vpcd keeps its slots in global variables: each reader needs a vpcd of its own.
    cp "${driver%% *}" "$work/vpcd-behind-keypad.so"
    printf 'FRIENDLYNAME "Virtual reader"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n\n' \
        "$1" "${driver%% *}" "$1"
    printf 'FRIENDLYNAME "Virtual reader with keypad"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
        $(($1 + 2)) "$work/ifd-pinpad.so" $(($1 + 2))
}

compile() { # OUTPUT SOURCE OPTION...
    local output=$1 source=$2
    shift 2
    gcc -std=gnu17 -Wall -Wextra -Werror -O1 -o "$work/$output" "$project/Tests/PINPad/$source" "$@" ||
        give_up "$source does not compile." "$source ne se compile pas."
}
# shellcheck disable=SC2046
compile ifd-pinpad.so ifd-pinpad.c -shared -fPIC $(pkg-config --cflags libpcsclite) -ldl -lpthread

IFD_VPCD=$work/vpcd-behind-keypad.so IFD_PINPAD_ENTRIES=$entries IFD_PINPAD_LOG=$keypad_log
export IFD_VPCD IFD_PINPAD_ENTRIES IFD_PINPAD_LOG

# insert_in SLOT NAME OPTION...: a new card; the keypad's log and entries are empty.
insert_in() {
    local slot=$1
    sample "$2"
    shift 2
    trace=$PWD/$sample.trace
    state=$PWD/$sample.state
    type_in
    : >"$keypad_log"
    wait_for_empty_readers
    insert_card "$slot" --profile "$profile" --protocol "$protocol" --trace "$trace" --state "$state" \
        "${card_options[@]}" "$@"
}

# The last test's card may have been in another slot: the client would take that
# one as long as pcscd has not seen it go.
wait_for_empty_readers() {
    local slot
    for slot in $plain $keypad $simple_keypad; do wait_for_reader "$slot" No; done
}

# type_in ENTRY...: what the person will type.
type_in() {
    : >"$entries"
    [ $# -eq 0 ] || printf '%s\n' "$@" >"$entries"
}

everything_typed() { equal "" "$(cat "$entries")"; }

# codes_sent: how many commands with a code reached the card, whoever sent them.
codes_sent() { commands '[0-9A-F]{2} (20|24|2C) [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} ' | wc -l; }

# no_code_seen CODE...: the computer sent none, and trace and log do not show these.
no_code_seen() {
    local code digits
    lacks "$keypad_log" "from the computer"
    commands >commands
    for code in "$@"; do
        digits=$(printf '%s' "$code" | xxd -p -u | sed 's/../& /g; s/ $//')
        lacks commands "$digits"
        lacks "$keypad_log" "$code"
    done
}
