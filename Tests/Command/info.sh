#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps info`: the holder, the card, and after the PIN the activities.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

shows_the_doctor() {
    insert "$1"
    ends 0 info
    contains out "Mr TEST DOC0073574" doctor "qualified in general medicine" "99700735741 (RPPS number)" "French, English" "${label#*-}" "$serial" \
        "$valid_from" "$valid_until" "test card" "cps info --pin"
    lacks out "HOPITAL GENERIQUE"
    in_french ends 0 info
    contains out "M. TEST DOC0073574" "Profession   Médecin" "français, anglais" "Qualifié en médecine générale" "99700735741 (numéro RPPS)" \
        "$(date --date "$valid_from" +%d/%m/%Y)" "$(date --date "$valid_until" +%d/%m/%Y)" "carte de test" "CPS, carte de professionnel de santé"
    equal "" "$(presented)"
}

shows_activities() {
    insert "$1"
    in_french at_terminal 0 "Code porteur (il reste 3 essais sur 3) : =>1234" -- info --pin --all
    contains screen "Situation d'exercice 1" "Situation d'exercice 3" "Situation d'exercice 7" "HOPITAL GENERIQUE" \
        "0B0307377 (numéro FINESS)" "Cabinet individuel" "Établissement public de santé" "00B7010446 (numéro ADELI du cabinet)" remplaçant
    lacks screen 1234
    # What nobody has described is shown as it is.
    contains screen CPS_SIT_FACT CPS2TER_ACTIVITY_03_PS "39 39 31 30 30 30 30 30 33  « 991000003 »"
    equal 1 "$(presented | wc -l)"
    equal 3 "$(counter pinTriesLeft)"
}

closes_the_card() {
    insert cps3
    with_input $'1234\n' 0 info --pin-stdin
    is_closed
}

# Ctrl-C while the activities are read: the card is reset before the program ends.
closes_the_card_after_ctrl_c() {
    insert cps3 --latency 60,0,0
    local presented='^[^ ]+ > [0-9A-F]{2} 20 00 [0-9A-F]{2} [0-9A-F]{2} '
    at_terminal 130 "PIN (=>1234" $'\n=>sh:'"until grep -qE '$presented' '$trace'; do sleep 0.02; done;;^C" -- info --pin
    contains screen "Interrupted."
    lacks screen "HOPITAL GENERIQUE"
    equal 1 "$(presented | wc -l)"
    is_closed
}

# is_closed: a program that trusts the card's state reads nothing that needs the PIN.
is_closed() {
    opensc-tool --reader 0 --send-apdu 00:A4:09:0C:06:3F:00:00:01:D1:20 --send-apdu 00:B0:00:00:10 >answers 2>&1
    contains answers "SW1=0x69, SW2=0x82"
}

# A Python expression: the roles in the VIHF of the activity a.
role='[(r["code"], r["codeSystem"], r["displayName"]) for r in a["vihf"]["urn:oasis:names:tc:xacml:2.0:subject:role"]]'

reports() { # NAME
    insert "$1"
    ends 0 info --json
    follows_schema cps-info-1
    json '"activities" in r' False
    with_input $'1234\n' 0 info --json --pin-stdin
    follows_schema cps-info-1
    cp out english
    in_french with_input "1234" 0 info --json --activities --pin-stdin
    cmp english out
    json '[a["number"] for a in r["activities"]]' "[1, 3, 7]"
    json 'r["activities"][1]["structureIdentifier"]["kind"]["english"], r["activities"][1]["structureIdentifier"]["number"]' \
        "FINESS number 0B0307377"
    # All that a VIHF says of one activity, by its names there.
    json '[(v["Identifiant_Structure"], v["Secteur_Activite"]) for v in (a["vihf"] for a in r["activities"])]' \
        "[('499700735741008', 'SA07^1.2.250.1.71.4.2.4'), ('10B0307377', 'SA01^1.2.250.1.71.4.2.4'), ('000B7010446', 'SA07^1.2.250.1.71.4.2.4')]"
    json '{(v["NameID"], v["urn:oasis:names:tc:xspa:1.0:subject:subject-id"]) for v in (a["vihf"] for a in r["activities"])}' \
        "{('899700735741', 'TEST DOC0073574')}"
    equal "subject=$(python3 -c 'import json; print(json.load(open("out"))["activities"][0]["vihf"]["Issuer"])')" \
        "$(openssl x509 -in "$issued/signature.cert.pem" -noout -subject -nameopt RFC2253,-esc_msb,utf8)"
    json "[$role for a in r['activities']][0]" "[('10', '1.2.250.1.71.1.2.7', 'Médecin'), ('SM26', '1.2.250.1.71.4.2.5', 'Qualifié en médecine générale')]"
    json 'r["holder"]["identifier"]["kind"]["french"], r["holder"]["identifier"]["number"]' "numéro RPPS 99700735741"
    json 'r["card"]["family"], r["card"]["validUntil"], r["card"]["number"]' "CPS $valid_until ${label#*-}"
    # No field is lost, whatever it is.
    json '[f["tags"] for o in r["objects"] if o["label"] == "CPS_ACTIVITY_03_PS" for f in o["fields"]]' \
        "['EE/80', 'EE/81', 'EE/84', 'EE/85', 'EE/86']"
    json 'r["unreadableObjects"]' "[]"
}

shows_the_employee() {
    insert_profile "$profiles/employee.json" t1
    ends 0 info
    contains out "TEST AGENT0000018" EMPLOYE0000018 "760021832/000000018 (FINESS number of the structure" \
        "HOPITAL GENERIQUE TEST, Seine-Maritime (76)" "760021832 (FINESS number)" "CDE / CPE" "Title           Carte de service"
    # What the certificate calls the card is nobody's profession.
    lacks out Profession
    in_french ends 0 info
    contains out "Carte de service santé ou social" "CDE / CPE, carte de directeur ou de personnel d'établissement"
    with_input 1234 0 info --json --pin-stdin
    follows_schema cps-info-1
    json 'r["card"]["family"], r["holder"]["organisation"]["identifier"]["number"]' "CPE 760021832"
    json "[$role for a in r['activities']]" "[[]]"
    json '[a["vihf"]["NameID"] for a in r["activities"]]' "['3760021832/000000018']"
}

marks_a_card_that_is_over() {
    insert_changed cps3 's/"validFrom": "[0-9-]*"/"validFrom": "2015-01-01"/; s/"validUntil": "[0-9-]*"/"validUntil": "2020-12-31"/'
    ends 0 info
    contains out "2020-12-31, EXPIRED"
    in_french ends 0 info
    contains out "31/12/2020, EXPIRÉE"
}

# A code that no table has is shown as it is.
shows_an_unknown_code() {
    insert_changed cps3 's/SM26/ZZ99/'
    ends 0 info
    contains out "ZZ99 (R01)"
    ends 0 info --json
    follows_schema cps-info-1
    json '"english" in r["holder"]["speciality"], r["holder"]["speciality"]["code"]' "False ZZ99"
}

shows_the_student() {
    insert_profile "$profiles/student.json" t0
    ends 0 info
    contains out "Mrs TEST ETU0000042" "Étudiant Médecin" "0000000042 (student number)" "Future profession  doctor" "CPF, card"
    in_french ends 0 info
    contains out "Mme TEST ETU0000042" "numéro d'étudiant" "CPF, carte de professionnel de santé en formation"
    ends 0 info --json
    follows_schema cps-info-1
    json 'r["holder"]["futureProfession"]["code"], "profession" in r["holder"]' "10 False"
    with_input 1234 0 info --json --pin-stdin
    json "[$role for a in r['activities']][0]" "[('10', '1.2.250.1.71.1.2.8', 'Médecin')]"
}

shows_contactless() {
    insert contactless
    ends 0 info
    contains out "DOC0073575" "Technical certificate" "2600000005"
    lacks out "--pin"
    in_french ends 9 info --pin
    contains err "n'a pas de code porteur"
    with_input 1234 9 info --pin-stdin
    contains err "has no PIN"
    ends 0 info --json
    follows_schema cps-info-1
    equal "" "$(presented)"
}

# A code that the card cannot have is not presented.
checks_the_code() { # CODE ENGLISH FRENCH
    insert cps4
    with_input "$1" 6 info --pin-stdin
    contains err "$2"
    in_french with_input "$1" 6 info --pin-stdin
    contains err "$3"
    equal "" "$(presented)"
    equal 3 "$(counter pinTriesLeft)"
}

wrong_pin() {
    insert "$1"
    with_input 9999 4 info --pin-stdin
    contains err "The PIN is wrong. 2 tries are left."
    in_french with_input 9999 4 info --pin-stdin
    contains err "Le code est faux. Il reste un essai."
    equal 1 "$(counter pinTriesLeft)"
    # The last try is not used without a yes.
    with_input 9999 6 info --pin-stdin
    equal 1 "$(counter pinTriesLeft)"
    at_terminal 6 "Type yes in full to use it: =>no" -- info --pin
    equal 1 "$(counter pinTriesLeft)"
    at_terminal 0 "Type yes in full to use it: =>yes" "PIN (=>1234" -- info --pin
    equal 3 "$(counter pinTriesLeft)"
}

blocks() {
    insert_changed "$1" 's/("pin": .*"1234")/\1, "triesLeft": 1/'
    with_input 9999 5 info --pin-stdin --use-last-try
    contains err blocked "cps pin unblock"
    equal 0 "$(counter pinTriesLeft)"
    forget_trace
    in_french with_input 1234 5 info --pin-stdin --use-last-try
    contains err "Le code est bloqué." "« cps pin unblock »"
    equal "" "$(presented)"
}

needs_a_terminal() {
    insert cps3
    local result=0
    setsid "$cps" info --pin >out 2>err </dev/null || result=$?
    ended 6 "$result"
    contains err "No terminal to ask for the PIN." "--pin-stdin"
    with_input "" 6 info --pin-stdin
    contains err "Nothing was read from standard input"
    equal "" "$(presented)"
}

chooses_the_reader() {
    insert cps3
    insert_card 1 --profile "$profiles/employee.json" --protocol t1
    ends 64 info
    contains err "Several readers hold a CPS card; choose one with --reader" "Virtual reader 00 01"
    in_french ends 64 info
    contains err "choisissez avec --reader"
    ends 0 info --reader "00 01"
    contains out AGENT0000018
    ends 3 info --reader elsewhere
    contains err "No reader has that name"
    remove_card 1
    remove_card 0
    ends 3 info
    contains err "There is no card in the reader."
    in_french ends 3 info
    contains err "Aucune carte dans le lecteur."
    insert_card 0 --raw-atr 3B021450
    ends 3 info
    contains err "not a CPS card" "Insert the CPS card."
    in_french ends 3 info
    contains err "n'est pas une carte CPS." "Insérez la carte CPS."
}

# A directory or object that is damaged takes nothing else with it; what commands a
# terminal is not let through.
survives_damage() {
    local escape="E10D80051B5B324A0A820441424344"
    insert cps3 --corrupt-file "0001/D102=$escape" --corrupt-file "0001/D104=EE7F8004" --corrupt-file "0001/D101=FFFFFFFF"
    ends 0 info --all
    lacks out $'\e'
    contains out "TEST DOC0073574" "1B 5B 32 4A 0A" "EE 7F 80 04"
    ends 0 info --json
    follows_schema cps-info-1
    insert cps3 --corrupt-file "0001/D102=" --truncate-file "0001/7006=9"
    ends 0 info
    contains out "TEST DOC0073574"
}

# The card is pulled while the PIN is typed: nothing is sent, and it is said.
survives_a_pulled_card() {
    insert cps4
    at_terminal 7 "PIN (=>sh:kill -TERM ${card_process[0]}; $await_card 0 No 30;;1234" -- info --pin
    contains screen "The card was taken out."
    wait_for_reader 0 No
    equal "" "$(presented)"
}

start_pcscd
cd "$work" || exit 1
for card in cps3 cps4; do
    it "$card: a doctor, in both languages, with no code" shows_the_doctor $card
    it "$card: the activities with their numbers, after the PIN" shows_activities $card
    it "$card: the report is as documented" reports $card
    it "$card: a wrong PIN, and the last try" wrong_pin $card
    it "$card: a PIN that is blocked by it" blocks $card
done
it "the card is closed afterwards" closes_the_card
it "the card is closed after Ctrl-C, too" closes_the_card_after_ctrl_c
it "an employee of an establishment" shows_the_employee
it "a card that is over" marks_a_card_that_is_over
it "a student" shows_the_student
it "a code that no table has" shows_an_unknown_code
it "contactless: no PIN" shows_contactless
it "letters are not presented" checks_the_code 12a4 "Only digits" "que des chiffres"
it "too few digits are not presented" checks_the_code 123 "The PIN has 4 to 8 digits" "Le code porteur a 4 à 8 chiffres"
it "too many digits are not presented" checks_the_code 123456789012 "The PIN has 4 to 8 digits" "4 à 8 chiffres"
it "without a terminal nothing is asked" needs_a_terminal
it "several readers, none, another card" chooses_the_reader
it "damaged data" survives_damage
it "a card that is pulled" survives_a_pulled_card
finish
