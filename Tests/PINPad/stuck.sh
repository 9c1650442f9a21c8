#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A reader whose driver does not come back from a command. pcscd answers, but for that
# reader; the library goes on with all others.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/keypad.sh
. "$project/Tests/PINPad/support/keypad.sh"
# shellcheck source=SCRIPTDIR/../Command/support/command.sh
. "$project/Tests/Command/support/command.sh"

export IFD_PINPAD_STUCK=$work/stuck-driver

goes_on() { # CARD sign|connect
    insert_in $keypad "$1"
    insert_card $plain --profile "$profiles/doctor-cps4.json" --protocol t1
    wait_for_reader $plain Yes
    timeout 60 "$work/stuck" "$library" $keypad $plain "$IFD_PINPAD_STUCK" "$2"
    remove_card $plain
}

# Another program, which meets the stuck reader at its start.
finds_the_others() {
    insert_in $keypad cps3
    local label=$label
    insert_card $plain --profile "$profiles/doctor-cps4.json" --protocol t1
    wait_for_reader $plain Yes
    touch "$IFD_PINPAD_STUCK"
    setpriv --pdeathsig TERM "$work/p11-calls" "$library" <<<"token-info $keypad" >stuck.out 2>&1 &
    sleep 1
    timeout 10 "$work/p11-calls" "$library" <<<"$(printf '%s\n' "list-slots 9" "slot-info $keypad" \
        "open $plain" "login user 1234" "sign CPS_PRIV_AUT 0011")" >out || { cat out; rm -f "$IFD_PINPAD_STUCK"; return 1; }
    rm -f "$IFD_PINPAD_STUCK"
    wait $!
    equal "CKR_OK 2,CKR_OK present,CKR_OK,CKR_OK" "$(head -n 4 out | paste -sd,)"
    grep -q '^CKR_OK [0-9a-f]' <(tail -n 1 out)
    grep -q "^CKR_OK $label" stuck.out
    remove_card $plain
}

# shellcheck disable=SC2046
compile stuck stuck.c $(pkg-config --cflags p11-kit-1) -ldl -lpthread
tool p11-calls
start_pcscd
cd "$work" || exit 1
for card in cps3 cps4; do
    it "$card: stuck in a signature" goes_on "$card" sign
done
it "cps4: stuck in the first connection" goes_on cps4 connect
it "another program finds the other readers" finds_the_others
finish
