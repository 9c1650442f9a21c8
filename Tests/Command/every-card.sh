#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every subcommand with every kind of card that people bring, in both languages: its exit
# status and its sentence. The details of a command are tested in its own file.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=/dev/null
. "$project/Tests/Command/support/doctor.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"

# MARK: The cards

professional() { insert cps4; }

employee() {
    sample cps4
    issued=$hierarchy/cards/99214118
    insert_profile "$profiles/employee.json" t1
}

contactless() { insert contactless; }

blocked() { insert_changed cps4 's/("pin": .*"1234")/\1, "triesLeft": 0/'; }

# In a hierarchy of its own, beside which the others' stays as it is.
expired() {
    hierarchy=$work/hierarchy
    sample cps4
    issued=$hierarchy/cards/99214019
    insert_profile "$work/expired.json" t1
}

issue_expired() {
    sed -E 's/99214001/99214019/; s/"cpsDataSize"/"certificates": { "authentication": "expired", "signature": "expired" }, &/' \
        "$profiles/doctor-cps4.json" >"$work/expired.json"
    copy_hierarchy "$work/hierarchy"
    CPS_VIRTUAL_CARD=$virtual_card "$project/scripts/make-test-hierarchy" "$work/hierarchy" "$work/expired.json" >"$work/made" 2>&1
}

empty() {
    sample cps4
    remove_card 0
}

two_cards() {
    insert cps4
    insert_card 1 --profile "$profiles/employee.json" --protocol t1
}

# MARK: The commands

# say COMMAND: runs it, with what is typed on its standard input. The second language
# finds the PIN that the first one has set.
say() {
    local old=1234 new=5678
    [ "$language" = C ] || { old=5678 new=1234; }
    case $1 in
    status | info) "$cps" "$1" </dev/null ;;
    activities) "$cps" info --pin-stdin <<<1234 ;;
    change) printf '%s\n' "$old" "$new" | "$cps" pin change --stdin ;;
    unblock) printf '%s\n' 12345678 "$new" | "$cps" pin unblock --stdin ;;
    sign) "$cps" sign --pin-stdin --force "${known[@]}" document <<<1234 ;;
    verify) "$cps" verify "${known[@]}" document ;;
    export) "$cps" cert export --chain "${known[@]}" ;;
    list) "$cps" data list ;;
    get) "$cps" data get CPS_LANG_PS --hex ;;
    get-private) "$cps" data get CPS_ACTIVITY_01_PS --hex --pin-stdin <<<1234 ;;
    set) "$cps" data set CPS_DATA document --pin-stdin <<<1234 ;;
    compare) "$cps" card compare ;;
    doctor) "$cps" doctor --root "$PWD/tree" ;;
    trace) "$cps" trace -- pkcs11-tool --module "$library" --list-objects ;;
    esac
}

# on CARD COMMAND STATUS ENGLISH FRENCH
on() {
    local known language result text=$4
    "$1"
    known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
    echo "two glasses of water a day" >document
    case $2 in
    doctor) healthy_tree ;;
    verify) signed_by_the_card ;;
    esac
    for language in C fr_FR.UTF-8; do
        result=0
        LC_ALL=$language say "$2" >out 2>err || result=$?
        ended "$3" "$result"
        cat out err >all
        contains all "$text"
        text=$5
    done
    remove_card 1
}

# The reports about a card: the same in both languages, and as documented.
reports() { # CARD
    local command schema result
    "$1"
    for command in status info "data list"; do
        schema=cps-${command/ /-}-1 result=0
        # shellcheck disable=SC2086
        LC_ALL=fr_FR.UTF-8 "$cps" $command --json >french || result=$?
        # shellcheck disable=SC2086
        ends_with "$result" "$cps" $command --json
        cmp out french
        # A failure is told in words; of readers something can be said in any case.
        if [ "$result" = 0 ] || [ "$command" = status ]; then follows_schema "$schema"; else equal "" "$(cat out)"; fi
    done
    remove_card 1
}

# A signature by the card's key, whatever the card itself would do.
signed_by_the_card() {
    local key=signature
    [ -e "$issued/$key.key.pem" ] || key=technical
    openssl cms -sign -cades -binary -in document -signer "$issued/$key.cert.pem" -inkey "$issued/$key.key.pem" \
        -outform DER -out document.p7s
}

# with CARD, and on standard input lines: COMMAND | STATUS | ENGLISH | FRENCH
with() {
    local command status english french
    while read -r command _ status english; do
        french=${english#*| }
        french=${french#*| }
        english=${english#| }
        it "$1: $command" on "$1" "$command" "$status" "${english%% |*}" "$french" </dev/null
    done
    it "$1: reports for programs" reports "$1"
}

start_pcscd
cd "$work" || exit 1
# The official software's authorities, which know no test card.
hidden /etc/opt/santesocial
issue_expired || give_up "There is no expired card." "Il manque la carte expirée."
with professional <<'END'
status      | 0 | TEST DOC0073574, Médecin | il reste 3 essais sur 3
info        | 0 | CPS, health professional's card | CPS, carte de professionnel de santé
activities  | 0 | Activity 7 | Situation d'exercice 7
change      | 0 | The PIN is changed. | Le code porteur est changé.
unblock     | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
sign        | 0 | document.p7s: signed by TEST DOC0073574 | document.p7s : signé par TEST DOC0073574
verify      | 0 | document: valid signature | document : signature valable
export      | 0 | BEGIN CERTIFICATE | BEGIN CERTIFICATE
list        | 0 | needs the PIN | demande le code porteur
get         | 0 | 6672 | 6672
get-private | 0 | 434142494E4554 | 434142494E4554
set         | 0 | CPS_DATA: 27 of 256 bytes written. | CPS_DATA : 27 octets sur 256 écrits.
compare     | 0 | cannot be told from this card. | ne se voient pas sur cette carte.
doctor      | 0 | All is well. | Tout va bien.
trace       | 0 | calls (0 failed) in | appels (0 en échec) en
END
with employee <<'END'
status      | 0 | EMPLOYE0000018, Carte de service santé ou social | il reste 3 essais sur 3
info        | 0 | FINESS number of the structure | numéro FINESS de la structure
activities  | 0 | HOPITAL GENERIQUE TEST | Situation d'exercice 1
change      | 0 | The PIN is changed. | Le code porteur est changé.
unblock     | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
sign        | 0 | signed by EMPLOYE0000018, 760021832/000000018 (FINESS | signé par EMPLOYE0000018, 760021832/000000018 (numéro FINESS
verify      | 0 | document: valid signature | document : signature valable
export      | 0 | BEGIN CERTIFICATE | BEGIN CERTIFICATE
list        | 0 | needs the PIN | demande le code porteur
get         | 0 | 6672 | 6672
get-private | 0 | 484F504954414C | 484F504954414C
set         | 0 | CPS_DATA: 27 of 256 bytes written. | CPS_DATA : 27 octets sur 256 écrits.
compare     | 0 | cannot be told from this card. | ne se voient pas sur cette carte.
doctor      | 0 | All is well. | Tout va bien.
trace       | 0 | calls (0 failed) in | appels (0 en échec) en
END
with contactless <<'END'
status      | 0 | this card has none | cette carte n'en a pas
info        | 0 | Technical certificate | Certificat technique
activities  | 9 | This card has no PIN | Cette carte n'a pas de code porteur
change      | 9 | This card has no PIN | Cette carte n'a pas de code porteur
unblock     | 9 | This card has no PIN | Cette carte n'a pas de code porteur
sign        | 9 | This card has no signature key. | Cette carte n'a pas de clé de signature.
verify      | 0 | document: valid signature | document : signature valable
export      | 0 | BEGIN CERTIFICATE | BEGIN CERTIFICATE
list        | 0 | CPS_NAME_PS | CPS_NAME_PS
get         | 0 | 6672 | 6672
get-private | 9 | The card has no CPS_ACTIVITY_01_PS. | La carte n'a pas de CPS_ACTIVITY_01_PS.
set         | 9 | CPS_DATA cannot be written. | CPS_DATA n'est pas modifiable.
compare     | 0 | cannot be told from this card. | ne se voient pas sur cette carte.
doctor      | 0 | A card that is read without contact has no PIN | Une carte lue sans contact n'a pas de code porteur
trace       | 0 | calls ( | appels (
END
with expired <<'END'
status      | 0 | EXPIRED on | EXPIRÉ depuis le
info        | 0 | EXPIRED on | EXPIRÉ depuis le
activities  | 0 | Activity 7 | Situation d'exercice 7
change      | 0 | The PIN is changed. | Le code porteur est changé.
unblock     | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
sign        | 9 | Renew the card. | La carte est à renouveler.
verify      | 10 | document: exact signature, signer not established | document : signature exacte, signataire non établi
export      | 0 | BEGIN CERTIFICATE | BEGIN CERTIFICATE
list        | 0 | needs the PIN | demande le code porteur
get         | 0 | 6672 | 6672
get-private | 0 | 434142494E4554 | 434142494E4554
set         | 0 | CPS_DATA: 27 of 256 bytes written. | CPS_DATA : 27 octets sur 256 écrits.
compare     | 0 | cannot be told from this card. | ne se voient pas sur cette carte.
doctor      | 1 | Renew the card. | La carte est à renouveler.
trace       | 0 | calls (0 failed) in | appels (0 en échec) en
END
with blocked <<'END'
status      | 0 | blocked, no try left | bloqué, il ne reste aucun essai
info        | 0 | TEST DOC0073574 | M. TEST DOC0073574
activities  | 5 | The PIN is blocked. | Le code est bloqué.
change      | 5 | `cps pin unblock` sets a new PIN | « cps pin unblock » donne un nouveau code porteur
unblock     | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
sign        | 5 | The PIN is blocked. | Le code est bloqué.
verify      | 0 | document: valid signature | document : signature valable
export      | 0 | BEGIN CERTIFICATE | BEGIN CERTIFICATE
list        | 0 | needs the PIN | demande le code porteur
get         | 0 | 6672 | 6672
get-private | 5 | The PIN is blocked. | Le code est bloqué.
set         | 5 | The PIN is blocked. | Le code est bloqué.
compare     | 0 | cannot be told from this card. | ne se voient pas sur cette carte.
doctor      | 1 | `cps pin unblock` sets a new PIN | « cps pin unblock » donne un nouveau code porteur
trace       | 0 | calls (0 failed) in | appels (0 en échec) en
END
with empty <<'END'
status      | 3 | no card | aucune carte
info        | 3 | Insert your card, chip first. | Insérez votre carte, puce en avant.
activities  | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
change      | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
unblock     | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
sign        | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
verify      | 0 | document: valid signature | document : signature valable
export      | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
list        | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
get         | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
get-private | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
set         | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
compare     | 3 | There is no card in the reader. | Aucune carte dans le lecteur.
doctor      | 1 | Put it in, chip first. | Insérez-la, puce en avant.
trace       | 1 | calls (0 failed) in | appels (0 en échec) en
END
with two_cards <<'END'
status      | 0 | EMPLOYE0000018 | TEST DOC0073574
info        | 64 | choose one with --reader: Virtual reader 00 00, Virtual | choisissez avec --reader : Virtual reader 00 00, Virtual
activities  | 64 | choose one with --reader | choisissez avec --reader
change      | 64 | choose one with --reader | choisissez avec --reader
unblock     | 64 | choose one with --reader | choisissez avec --reader
sign        | 64 | choose one with --reader | choisissez avec --reader
verify      | 0 | document: valid signature | document : signature valable
export      | 64 | choose one with --reader | choisissez avec --reader
list        | 64 | choose one with --reader | choisissez avec --reader
get         | 64 | choose one with --reader | choisissez avec --reader
get-private | 64 | choose one with --reader | choisissez avec --reader
set         | 64 | choose one with --reader | choisissez avec --reader
compare     | 64 | choose one with --reader | choisissez avec --reader
doctor      | 0 | Virtual reader 00 01: a CPS4 card | Virtual reader 00 01 : une carte CPS4
trace       | 0 | calls (0 failed) in | appels (0 en échec) en
END
finish
