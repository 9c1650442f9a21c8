#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps status`: readers and cards in one screen, with no code presented.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

shows_the_card() {
    insert "$1"
    ends 0 status
    equal "" "$(cat err)"
    contains out "Virtual reader 00 00" "$label" "$serial" "TEST DOC0073574, Médecin" "3 of 3 tries left" \
        "$puk_tries of $puk_tries tries left" "days left" "Virtual reader 00 01" "no card"
    in_french ends 0 status
    contains out "$label" "Titulaire" "il reste 3 essais sur 3" "il reste $puk_tries essais sur $puk_tries" "jours" "aucune carte"
    [ "$(wc -l <out)" -le 24 ]
    equal "" "$(presented)"
}

reports_the_card() {
    insert "$1"
    ends 0 status --json
    follows_schema cps-status-1
    cp out english
    in_french ends 0 status --json
    cmp english out
    json 'r["schema"], r["service"]' "cps-status/1 running"
    json '[reader["state"] for reader in r["readers"]]' "['cpsCard', 'empty']"
    json 'r["readers"][0]["card"]["serialNumber"]' "$serial"
    json 'sorted((c["use"], c["state"]) for c in r["readers"][0]["card"]["certificates"])' \
        "[('authentication', 'valid'), ('signature', 'valid')]"
    # The days that are left, as OpenSSL's date says.
    local end days
    end=$(date --date "$(openssl x509 -in "$issued/signature.cert.pem" -noout -enddate | cut -d= -f2)" +%s)
    days=$(((end - $(date +%s)) / 86400))
    json 'r["readers"][0]["card"]["certificates"][0]["daysLeft"]' "$days"
}

counts_tries() { # NAME LEFT ENGLISH FRENCH
    insert_changed "$1" "s/(\"pin\": .*\"1234\")/\\1, \"triesLeft\": $2/"
    ends 0 status
    contains out "$3"
    in_french ends 0 status
    contains out "$4"
    ends 0 status --json
    json 'r["readers"][0]["card"]["pin"]["triesLeft"]' "$2"
    equal "$2" "$(counter pinTriesLeft)"
    equal "" "$(presented)"
}

shows_contactless() {
    insert contactless
    ends 0 status
    contains out "$label" contactless "this card has none" "Technical certificate"
    in_french ends 0 status
    contains out "sans contact" "cette carte n'en a pas" "Certificat technique"
    ends 0 status --json
    follows_schema cps-status-1
    json '"pin" in r["readers"][0]["card"]' False
}

marks_certificates() {
    sed -E 's/99214001/99214019/; s/"cpsDataSize"/"certificates": { "authentication": "expired", "signature": "notYetValid" }, &/' \
        "$profiles/doctor-cps4.json" >profile.json
    copy_hierarchy "$work/hierarchy"
    local hierarchy=$work/hierarchy
    CPS_VIRTUAL_CARD=$virtual_card "$project/scripts/make-test-hierarchy" "$hierarchy" "$PWD/profile.json" >made 2>&1
    insert_profile profile.json t1
    ends 0 status
    contains out "EXPIRED on" "NOT YET VALID, valid from"
    in_french ends 0 status
    contains out "EXPIRÉ depuis le" "PAS ENCORE VALABLE, à partir du"
    ends 0 status --json
    json 'sorted((c["use"], c["state"]) for c in r["readers"][0]["card"]["certificates"])' \
        "[('authentication', 'expired'), ('signature', 'notYetValid')]"
    json '[c["daysLeft"] < 0 for c in r["readers"][0]["card"]["certificates"] if c["use"] == "authentication"]' "[True]"
}

shows_empty_readers() {
    remove_card 0
    ends 3 status
    equal 2 "$(grep -c "no card" out)"
    in_french ends 3 status
    equal 2 "$(grep -c "aucune carte" out)"
    ends 3 status --json
    follows_schema cps-status-1
}

shows_two_cards() {
    insert cps3
    insert_card 1 --profile "$profiles/employee.json" --protocol t1
    ends 0 status
    contains out CPS3v3-2600000001 CPS4v1-2600000003 "EMPLOYE0000018, Carte de service santé ou social"
    remove_card 1
}

leaves_foreign_cards_alone() {
    # ATR, kind, English, French
    insert_card 0 --raw-atr "$1"
    ends 3 status
    contains out "$3"
    in_french ends 3 status
    contains out "$4"
    ends 3 status --json
    follows_schema cps-status-1
    json 'r["readers"][0]["state"], r["readers"][0]["otherCard"]' "otherCard $2"
    remove_card 0
    contains "$work/card-0.out" "got 0 APDUs"
}

says_that_pcscd_is_missing() {
    local result=0
    unshare --mount sh -c "mount -t tmpfs tmpfs /run/pcscd; '$cps' status --json >out 2>err" || result=$?
    ended 2 "$result"
    contains err "pcscd" "systemctl start"
    follows_schema cps-status-1
    json 'r["service"], r["readers"]' "unavailable []"
    in_french unshare --mount sh -c "mount -t tmpfs tmpfs /run/pcscd; '$work/cps-in-french' status >out 2>err" || result=$?
    contains err "Le service des cartes à puce (pcscd) est injoignable."
}

# A stopped pcscd, as after a bad suspend: an answer within the command's patience.
says_that_pcscd_is_silent() {
    local start result=0
    insert cps4
    kill -STOP "$pcscd_process"
    start=$(milliseconds)
    timeout 20 "$cps" status --json >out 2>err || result=$?
    kill -CONT "$pcscd_process"
    ended 2 "$result"
    [ $(($(milliseconds) - start)) -le 8000 ]
    contains err "The smart card service (pcscd) runs, but does not answer." "systemctl restart pcscd"
    follows_schema cps-status-1
    json 'r["service"], r["readers"]' "silent []"
    kill -STOP "$pcscd_process"
    result=0
    LC_ALL=fr_FR.UTF-8 timeout 20 "$cps" status >out 2>err || result=$?
    kill -CONT "$pcscd_process"
    ended 2 "$result"
    contains err "(pcscd) fonctionne, mais ne répond pas."
    ends 0 status
}

# A server that closes each connection unread, as pcscd does when polkit says no; root
# too, when polkit cannot be asked.
refusing_service() { # COMMAND...
    mount -t tmpfs tmpfs /run/pcscd
    setpriv --pdeathsig TERM python3 -u -c '
import os, select, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("/run/pcscd/pcscd.comm")
os.chmod("/run/pcscd/pcscd.comm", 0o666)
server.listen()
print("ready")
while True:
    client = server.accept()[0]
    select.select([client], [], [], 1)
    time.sleep(0.05)
    client.close()' >server &
    until grep -q ready server; do sleep 0.05; done
    "$@"
}

says_that_pcscd_refuses() {
    export -f refusing_service
    export cps
    chmod 755 "$work"
    # shellcheck disable=SC2016
    unshare --mount bash -c 'refusing_service true
        for how in "" "SSH_CONNECTION=1" "LC_ALL=fr_FR.UTF-8"; do
            env -u SSH_CONNECTION $how setpriv --reuid nobody --clear-groups "$cps" status 2>&1
            echo "status $?"
        done
        "$cps" status --json 2>&1; kill %1' >out 2>&1 || true
    contains out "refuses this user (polkit)" "in the session that is on the screen"         "Remote sessions are refused by default" "refuse cet utilisateur (polkit)" "polkit or D-Bus is not running"         '"service" : "refused"'
    equal 3 "$(grep -c '^status 2$' out)"
}

survives_a_damaged_card() {
    insert cps3 --corrupt-file "0001/A002=0102030405"
    ends 0 status
    contains out "cannot be read" "days left" "TEST DOC0073574"
    insert cps3 --corrupt-file "D003=0102030405060708090A0B0C"
    ends 3 status
    contains out "This is not a CPS card."
}

# A program that is logged in stays so.
keeps_a_login() {
    insert "$1"
    start_program
    ask "open 0"
    ask "login user 1234"
    equal CKR_OK "$answer"
    ends 0 status
    ask "value CPS_ACTIVITY_01_PS"
    equal CKR_OK "${answer%% *}"
    ends 0 info
    ask "value CPS_ACTIVITY_01_PS"
    equal CKR_OK "${answer%% *}"
    end_program
    equal 1 "$(presented | wc -l)"
}

# line N: the n-th report of the watch that is running, when it is there.
line() {
    wait_for has_lines "$1"
    sed -n "$1p" watched >out
}

has_lines() { [ "$(wc -l <watched)" -ge "$1" ]; }

follows_cards() {
    remove_card 0
    setsid "$cps" status --watch --json >watched 2>err &
    local watch=$!
    line 1
    json '[reader["state"] for reader in r["readers"]]' "['empty', 'empty']"
    insert cps4
    line 2
    follows_schema cps-status-1
    json 'r["readers"][0]["card"]["label"]' CPS4v1-2600000004
    remove_card 0
    line 3
    json 'r["readers"][0]["state"]' empty
    local result=0
    kill -TERM "$watch"
    wait "$watch" || result=$?
    equal 143 "$result"
    equal "" "$(cat err)"
}

stops_watching_on_ctrl_c() {
    insert cps3
    at_terminal 130 "Authentication=>^C" -- status --watch
    contains screen CPS3v3-2600000001
}

notices_lost_output() {
    insert cps3
    local result=0
    "$cps" status >/dev/full 2>err || result=$?
    equal 8 "$result"
    contains err "The output could not be written."
    result=0
    "$cps" status >&- 2>err || result=$?
    equal 8 "$result"
}

fits_the_terminal() {
    insert cps3
    AT_TERMINAL_COLUMNS=50 in_french at_terminal 0 -- status
    contains screen "CPS3v3-2600000001"
    sed 's/\x1b\[[0-9;]*m//g; s/\[ended.*//' screen >lines
    equal "" "$(awk 'length > 50' lines)"
    at_terminal 0 -- status
    contains screen $'\e[1mVirtual reader 00 00\e[0m'
    ends 0 status
    lacks out $'\e'
    CLICOLOR_FORCE=1 ends 0 status
    contains out $'\e[32m'
}

tool p11-calls
start_pcscd
cd "$work" || exit 1
for card in cps3 cps4; do
    it "$card: card, holder, tries, days left; in both languages, with no code" shows_the_card $card
    it "$card: the report is the same in both languages, and as documented" reports_the_card $card
    it "$card: a program's login stays" keeps_a_login $card
done
it "cps3: a try is missing" counts_tries cps3 2 "2 of 3 tries left" "il reste 2 essais sur 3"
it "cps4: the last try" counts_tries cps4 1 "1 of 3 tries left: the last one" "il reste 1 essai sur 3 : le dernier"
for card in cps3 cps4; do
    it "$card: a blocked PIN" counts_tries $card 0 "blocked, no try left" "bloqué, il ne reste aucun essai"
done
it "a blocked PIN: what helps" counts_tries cps3 0 "→ \`cps pin unblock\`" "→ « cps pin unblock »"
it "contactless: no PIN" shows_contactless
it "expired and future certificates are marked" marks_certificates
it "two readers, two cards" shows_two_cards
it "empty readers" shows_empty_readers
it "a card that is no CPS card is left alone" leaves_foreign_cards_alone 3B021450 unknown \
    "a card that is not a CPS card" "une carte qui n'est pas une carte CPS"
it "a Vitale card is called one" leaves_foreign_cards_alone 3B751300004609EA9000 vitale "a Vitale card" "une carte Vitale"
it "a CPS card of before CPS3" leaves_foreign_cards_alone 3BAC00402A001225006480820212009000 olderCPS \
    "a CPS card of an older generation" "une carte CPS d'une ancienne génération"
it "an unknown card through the air is not called older" leaves_foreign_cards_alone 3B8180018080 contactless \
    "an unknown contactless card" "une carte sans contact inconnue"
it "a pcscd that does not answer" says_that_pcscd_is_silent
it "a pcscd that refuses this user: at the desk, from far away, as root" says_that_pcscd_refuses
it "no pcscd" says_that_pcscd_is_missing
it "what cannot be read of a card is said, the rest is shown" survives_a_damaged_card
it "--watch follows insertion and removal" follows_cards
it "--watch ends by Ctrl-C" stops_watching_on_ctrl_c
it "output that nobody takes is an error" notices_lost_output
it "colours on a terminal only" fits_the_terminal
finish
