#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A reader that is unplugged while a card of its works. The driver says what that of a
# USB reader says then, and pcscd takes the reader away.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/keypad.sh
. "$project/Tests/PINPad/support/keypad.sh"
# shellcheck source=SCRIPTDIR/../Command/support/command.sh
. "$project/Tests/Command/support/command.sh"

# Unplugged by the driver itself, once the card has got the change.
export IFD_PINPAD_UNPLUGGED=$work/unplugged IFD_PINPAD_UNPLUGGED_BY=24

plug_in() {
    rm -f "$IFD_PINPAD_UNPLUGGED"
    kill -USR1 "$pcscd_process"
    wait_for_reader $keypad No
}

# pcscd looks at once what is left of its readers.
make_it_known() {
    wait_for test -e "$IFD_PINPAD_UNPLUGGED"
    kill -USR1 "$pcscd_process"
}

# changes CARD TEXT [in_french]: the PIN, at least as far as anybody knows.
changes() {
    plug_in
    insert_in $keypad "$1"
    make_it_known &
    ${3:-} with_input $'1234\n5678\n' 7 pin change --stdin
    wait $!
    stop_process "${card_process[$keypad]}"
    cat err
    contains err "$2"
    lacks err 1234 5678
}

start_pcscd
cd "$work" || exit 1
it "cps3: while it changes the PIN" changes cps3 "The reader was unplugged. It is not known whether the card accepted the new PIN."
it "cps3: in French" changes cps3 "Le lecteur a été débranché. On ne sait pas si la carte a pris le nouveau code porteur." in_french
it "cps4: while it changes the PIN" changes cps4 "try the new PIN once, then the old one"
it "cps4: in French" changes cps4 "essayez une fois le nouveau code porteur, puis l'ancien" in_french
finish
