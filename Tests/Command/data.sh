#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps data`: the card's data objects.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

# data OPTION...: with the PIN of the card.
data() {
    local command=$1
    shift
    printf '%s\n' "${typed-$pin}" | timeout 60 "$cps" data "$command" --pin-stdin "$@"
}

list() { # CARD
    insert "$1"
    ends_with 0 "$cps" data list
    contains out CPS_NAME_PS CPS_ID_CARD CPS_ACTIVITY_01_PS
    contains <(grep CPS_DATA out) "can be written"
    contains <(grep CPS_ACTIVITY_01_PS out) "needs the PIN"
    lacks <(grep CPS_NAME_PS out) "needs the PIN"
    # Remarks stand below each other, and nothing stands where there is none.
    equal 1 "$(awk -F 'can be|needs' 'NF > 1 { print length($1) }' out | sort -u | wc -l)"
    lacks out "  CPS_NAME_PS "
    equal "$(p11 --list-objects --type data --login --pin "$pin" 2>/dev/null | grep -c label:)" "$(grep -c . out)"
    ends_with 0 "$cps" data list --json
    follows_schema cps-data-list-1
    json '[o["modifiable"] for o in r["objects"] if o["label"] == "CPS_DATA"]' "[True]"
    json '[o["private"] for o in r["objects"] if o["label"] == "CPS_ACTIVITY_01_PS"]' "[True]"
}

get() { # CARD
    local label
    insert "$1"
    for label in CPS_NAME_PS CPS_ID_CARD CPS_DATA; do
        p11 --read-object --type data --label "$label" --output-file expected
        ends_with 0 "$cps" data get "$label"
        cmp expected out
    done
    equal "" "$(commands '0[01] 20 00 .. 0')"
    logged_in --read-object --type data --label CPS_ACTIVITY_01_PS --output-file expected
    ends_with 0 data get CPS_ACTIVITY_01_PS --output value
    cmp expected value
    ends_with 0 data get CPS_ACTIVITY_01_PS --hex
    equal "$(xxd -p expected | tr -d '\n')" "$(tr -d '\n' <out | tr A-F a-f)"
    typed=9999 ends_with 4 data get CPS_ACTIVITY_01_PS
    ends_with 8 data get CPS_ACTIVITY_01_PS --output value
    cmp expected value
    ends_with 9 data get CPS_NOTHING
    contains err "CPS_NAME_PS"
    ends_with 6 setsid --wait "$cps" data get CPS_ACTIVITY_01_PS </dev/null
}

older_coding() {
    insert cps3
    logged_in --read-object --type data --label CPS_SIT_FACT --output-file expected
    ends_with 0 data get CPS_SIT_FACT
    cmp expected out
}

set_value() { # CARD
    local updates="0[01] D6"
    insert "$1"
    printf 'only a few bytes' >value
    ends_with 0 data set CPS_DATA value
    contains out "16 of 256 bytes written"
    { cat value; head -c 240 /dev/zero; } >expected
    p11 --read-object --type data --label CPS_DATA --output-file found
    cmp expected found
    head -c 256 /dev/urandom >value
    ends_with 0 data set CPS_DATA value
    ends_with 0 "$cps" data get CPS_DATA
    cmp value out
    forget_trace
    head -c 257 /dev/urandom >long
    ends_with 9 data set CPS_DATA long
    contains err "room for 256 bytes, the file has 257"
    ends_with 8 sh -c "head -c 40000 /dev/zero >longer; echo $pin | '$cps' data set --pin-stdin CPS_DATA longer"
    ends_with 9 data set CPS_NAME_PS value
    contains err "cannot be written"
    ends_with 8 data set CPS_DATA nothing
    typed=9999 ends_with 4 data set CPS_DATA value
    typed=12 ends_with 6 data set CPS_DATA value
    equal "" "$(commands "$updates")"
    p11 --read-object --type data --label CPS_DATA --output-file found
    cmp value found
    : >empty
    ends_with 0 data set CPS_DATA empty
    p11 --read-object --type data --label CPS_DATA --output-file found
    cmp <(head -c 256 /dev/zero) found
}

contactless_card() {
    insert contactless
    ends_with 0 "$cps" data list
    lacks out "can be written"
    printf x >value
    ends_with 9 data set CPS_DATA value
}

pulled_while_writing() {
    insert cps4 --latency 150,0,0
    printf 'only a few bytes' >value
    data set CPS_DATA value >out 2>err &
    local process=$! status=0
    wait_for card_got '01 20'
    # Asked to, it would answer the commands that are on their way.
    kill -KILL "${card_process[0]}"
    wait "$process" || status=$?
    cat err
    equal 7 "$status"
}

speaks_french() {
    insert cps4
    LC_ALL=fr_FR.UTF-8 ends_with 0 "$cps" data list
    contains out "demande le code porteur" "modifiable"
    head -c 257 /dev/urandom >long
    LC_ALL=fr_FR.UTF-8 ends_with 9 data set CPS_DATA long
    contains err "a une place de 256 octets" "rien n'a été écrit"
}

start_pcscd
for card in cps3 cps4; do
    it "$card: all objects are listed" list $card
    it "$card: values, with the PIN where the card wants it" get $card
    it "$card: CPS_DATA is written, other objects and longer values are not" set_value $card
done
it "cps3: an object in the older coding" older_coding
it "a contactless card writes nothing" contactless_card
it "the card is pulled while it is written" pulled_while_writing
it "in French" speaks_french
finish
