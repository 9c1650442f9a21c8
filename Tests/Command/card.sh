#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps card report` and `cps card compare`, and cards that are made like a report
# (docs/architecture.md, "A card's report").
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

# without_times FILE: what does not change from one report of a card to the next.
without_times() { sed '/"milliseconds"/d; /"program"/d' "$1"; }

# report FILE [OPTION...]: of the card in the reader, as the schema has it.
report() {
    ends_with 0 timeout 60 "$cps" card report "${@:2}"
    follows_schema cps-card-report-1
    cp out "$1"
}

same_report_again() { # SAMPLE
    insert "$1"
    report first.json
    remove_card 0
    insert "$1" --like "$PWD/first.json"
    lacks "$work/card-0.out" "not as in the report"
    report second.json
    diff <(without_times first.json) <(without_times second.json)
}

a_likeness_works() { # SAMPLE
    insert "$1"
    report report.json
    remove_card 0
    insert "$1" --like "$PWD/report.json"
    echo "two glasses of water a day" >document
    with_input "$pin" 0 sign --pin-stdin document
    ends 0 verify --authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem" document
}

sends_what_is_listed() { # SAMPLE
    insert "$1"
    forget_trace
    report report.json
    commands >sent
    [ -s sent ]
    sed 's/^[^>]*> //' sent | grep -Evx \
        -e '0[01] A4 0[0289] 0[04C] .*' -e '0[01] A4 04 0[4C] 08 80 25 00 00 01 FF 01 00' \
        -e '0[01] B0 [0-7][0-9A-F] .. ..' -e '0[01] C0 00 00 ..' \
        -e '00 CB 3F FF 0A 4D 08 70 06 BF 81 .. 02 A0 80( 00)?' -e '01 20 00 ..( 00)?' >others || return 0
    cat others
    return 1
}

tells_nothing_of_the_holder() { # SAMPLE
    insert "$1"
    report report.json
    for word in "$serial" "${label#*-}" DOC00735 997007 10B0 CABINET; do lacks report.json "$word"; done
    python3 - "$issued" "$serial" "${label#*-}" <<'END'
import json, pathlib, re, subprocess, sys

report = json.load(open("report.json"))
assert report["about"]["english"].startswith("In this file:") and report["about"]["french"].startswith("Dans ce fichier :")
lines = [line for part in report["files"] + report["pins"] for name in ("control", "content", "answer") for line in part.get(name, [])]
values = [re.fullmatch(r" *[0-9A-F]+ ([0-9A-F]{2}( [0-9A-F]{2})*)", line) for line in lines]
shown = {value[i:i + 4] for value in (bytes.fromhex(match[1]) for match in values if match) for i in range(len(value) - 3)}
assert shown, "no value is shown"
for file in pathlib.Path(sys.argv[1]).glob("*.cert.pem"):
    certificate = subprocess.run(["openssl", "x509", "-in", file, "-outform", "DER"], stdout=subprocess.PIPE, check=True).stdout
    for i in range(len(certificate) - 3):
        assert certificate[i:i + 4] not in shown, (file, certificate[i:i + 4].hex())
for number in sys.argv[2:]:
    for digits in (bytes.fromhex(number), number.encode()):
        assert not any(digits[i:i + 4] in shown for i in range(len(digits) - 3)), number
END
}

costs_no_try() { # SAMPLE
    insert "$1"
    with_input $'9999\n5678\n' 4 pin change --stdin
    with_input $'9999\n5678\n' 4 pin change --stdin
    equal 1 "$(counter pinTriesLeft)"
    cp "$state" before
    report report.json
    cmp "$state" before
}

compares() { # SAMPLE
    insert "$1"
    ends 0 card compare
    contains out "Holds: READ BINARY gives 256 bytes at once."
    LC_ALL=fr_FR.UTF-8 ends 0 card compare
    contains out "Vérifié : READ BINARY donne 256 octets en une fois."
    report report.json
    remove_card 0
    ends 0 card compare report.json
    contains out "Holds: READ BINARY gives 256 bytes at once."
}

finds_what_does_not_hold() {
    insert cps3 --no-silent-select
    ends 1 card compare
    contains out "silent-select" "DOES NOT HOLD (found: 6A86): The card takes SELECT of a file with P2 = 0C."
    LC_ALL=fr_FR.UTF-8 ends 1 card compare
    contains out "FAUX (trouvé : 6A86) : La carte accepte le SELECT d'un fichier avec P2 = 0C."
}

refuses_another_file() {
    echo '{"schema": "cps-status/1"}' >other.json
    ends 8 card compare other.json
    contains err "other.json is not a report of"
    ends_with 1 "$virtual_card" insert --like other.json
    contains err "other.json is not a report of"
}

writes_a_file_and_says_what_is_in_it() {
    insert cps3
    ends 0 card report --output card.json
    equal "" "$(cat out)"
    contains err "card.json: In this file: how the card is made" "Read it before you send it"
    ends 8 card report --output card.json
    LC_ALL=fr_FR.UTF-8 ends 0 card report --output card.json --force
    contains err "card.json : Dans ce fichier : la façon dont la carte est faite" "Lisez-le avant de l'envoyer"
}

leaves_another_card_alone() {
    trace=$PWD/vitale.trace
    insert_card 0 --profile "$profiles/vitale.json" --trace "$trace"
    ends 3 card report
    report report.json --reader Virtual
    contains report.json '"answerToReset" : "3B 75'
    lacks report.json '"model"' '"transport"'
    equal "" "$(commands)"
    remove_card 0
    insert_card 0 --like "$PWD/report.json"
    report again.json --reader Virtual
    cmp <(without_times report.json) <(without_times again.json)
    ends 0 card compare report.json
}

# A card whose answer to a warm reset is no CPS card's. Other programs do not see that answer afterwards.
notes_the_warm_answer() {
    insert cps3
    report report.json --warm-reset
    contains report.json '"warmAnswerToReset" : "3B AC 00'
    sed 's/"warmAnswerToReset" : "3B AC 00/"warmAnswerToReset" : "3B AC 11/' report.json >other.json
    remove_card 0
    insert cps3 --like "$PWD/other.json"
    lacks "$work/card-0.out" "not as in the report"
    report again.json --warm-reset
    contains again.json '"warmAnswerToReset" : "3B AC 11' '"answerToReset" : "3B AC 00'
    ends 0 status
    contains out "$label"
    ends 1 card compare again.json
    contains out "warm-reset" "DOES NOT HOLD (found: 3B AC 11"
}

# A reset would end the other program's login.
resets_for_nobody_else() {
    insert cps3
    forget_trace
    "$work/neighbour" "Virtual reader 00 00" reconnect 30 >ready &
    wait_for grep -q ready ready
    ends 7 card report --warm-reset
    contains err "Another program uses the card; a reset would end its login."
    lacks "$trace" "- reset" "- power off"
    report report.json
    kill "$!"
}

says_what_is_not_from_the_report() {
    insert cps3
    report report.json
    remove_card 0
    insert cps3 --like "$PWD/report.json"
    contains "$work/card-0.out" "not in the report, as usual on a CPS3: 3F00/0001/7102" "CPS2ter 3F00/7F01/4000"
}

start_pcscd
# shellcheck disable=SC2046
gcc -std=gnu17 -O1 -o "$work/neighbour" "$project/Tests/Conformance/neighbour.c" $(pkg-config --cflags --libs libpcsclite) ||
    give_up "neighbour.c does not compile." "neighbour.c ne se compile pas."
for card in cps3 cps4 cps4-t0; do
    it "$card: a card like its report has the same report" same_report_again $card
    it "$card: a card like its report signs" a_likeness_works $card
done
for card in cps3 cps4-t0; do
    it "$card: only the listed commands are sent" sends_what_is_listed $card
    it "$card: nothing of the holder" tells_nothing_of_the_holder $card
    it "$card: with one try left nothing changes" costs_no_try $card
    it "$card: what holds, in both languages" compares $card
done
it "contactless: a card like its report has the same report" same_report_again contactless
it "contactless: nothing of the holder" tells_nothing_of_the_holder contactless
it "what is not from the report" says_what_is_not_from_the_report
it "what does not hold" finds_what_does_not_hold
it "a file that is no report" refuses_another_file
it "a file, and what is said of it" writes_a_file_and_says_what_is_in_it
it "a Vitale card is sent nothing" leaves_another_card_alone
it "a warm reset, if it is asked for" notes_the_warm_answer
it "no warm reset while another program uses the card" resets_for_nobody_else
finish
