#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The output about every shipped card, in both languages: one card after the other, each
# inserted once. The details of a command are tested in its own file.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=/dev/null
. "$project/Tests/Command/support/doctor.sh"

# insert_shipped NAME
insert_shipped() {
    local protocol=t0
    [ "$1" != contactless ] || protocol=t1
    issued=$hierarchy/cards/$(sed -n 's/.*"serial": "\([0-9]*\)".*/\1/p' "$profiles/$1.json")
    insert_profile "$profiles/$1.json" "$protocol"
}

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
    doctor) "$cps" doctor --root "$PWD/tree" ;;
    esac
}

# A signature by the card's key, whatever the card itself would do.
signed_by_the_card() {
    local key=signature
    [ -e "$issued/$key.key.pem" ] || key=technical
    [ -e "$issued/$key.key.pem" ] || return 0
    openssl cms -sign -cades -binary -in document -signer "$issued/$key.cert.pem" -inkey "$issued/$key.key.pem" \
        -outform DER -out document.p7s
}

# tells NAME: the lines of the table, on standard input: COMMAND | STATUS | ENGLISH | FRENCH
tells() {
    local command status texts text language result known
    known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
    insert_shipped "$1"
    healthy_tree
    echo "two glasses of water a day" >document
    while IFS='|' read -r command status texts; do
        command=${command// /} status=${status// /}
        [ "$command" != verify ] || signed_by_the_card
        for language in C fr_FR.UTF-8; do
            result=0
            LC_ALL=$language say "$command" >out 2>err </dev/null || result=$?
            cat out err >all
            ended "$status" "$result"
            if [ "$language" = C ]; then text=${texts%%|*}; else text=${texts#*|}; fi
            text=${text# } text=${text% }
            contains all "$text"
        done
    done
}

# card NAME: with the lines of the table on standard input.
card() {
    cat >"$work/table"
    it "$1" tells_table "$1"
}

tells_table() { tells "$1" <"$work/table"; }

# healthy NAME ENGLISH FRENCH: a card on which all works, and what cps info says of it.
healthy() {
    card "$1" <<END
status | 0 | of 3 tries left | il reste 3 essais sur 3
info | 0 | $2 | $3
doctor | 0 | The PIN: 3 of 3 tries left. | Le code porteur : il reste 3 essais sur 3.
sign | 0 | document.p7s: signed by | document.p7s : signé par
verify | 0 | document: valid signature | document : signature valable
change | 0 | The PIN is changed. | Le code porteur est changé.
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
}

start_pcscd
cd "$work" || exit 1
healthy doctor-cps3 "qualified in general medicine" "Qualifié en médecine générale"
healthy doctor-cps4 "qualified in general medicine" "Qualifié en médecine générale"
healthy pharmacist pharmacist Pharmacien
healthy nurse nurse Infirmier
healthy dentist orthodontics "Orthopédie dento-faciale"
healthy student "Future profession  doctor" "Future profession  Médecin"
healthy director "CDE / CPE, card" "CDE / CPE, carte"
healthy employee EMPLOYE0000018 EMPLOYE0000018
healthy service SERVICE0000022 SERVICE0000022
healthy authorised-staff "CDA / CPA, card" "CDA / CPA, carte"
healthy authorised-director "CDA / CPA, card" "CDA / CPA, carte"
healthy no-activity "cps info --pin" "cps info --pin"
healthy sixteen-activities "French, English, German" "français, anglais, allemand"
healthy full-length DOC-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEF "arabe, russe"
healthy revoked "DOC0073596" "DOC0073596"
card contactless <<'END'
status | 0 | this card has none | cette carte n'en a pas
info | 0 | Technical certificate | Certificat technique
doctor | 0 | A card that is read without contact has no PIN | Une carte lue sans contact n'a pas de code porteur
sign | 9 | This card has no signature key. | Cette carte n'a pas de clé de signature.
verify | 0 | document: valid signature | document : signature valable
change | 9 | This card has no PIN | Cette carte n'a pas de code porteur
unblock | 9 | This card has no PIN | Cette carte n'a pas de code porteur
END
card pin-blocked <<'END'
status | 0 | blocked, no try left | bloqué, il ne reste aucun essai
info | 0 | DOC00735 | DOC00735
doctor | 1 | `cps pin unblock` sets a new PIN | « cps pin unblock » donne un nouveau code porteur
sign | 5 | The PIN is blocked. | Le code est bloqué.
verify | 0 | document: valid signature | document : signature valable
change | 5 | `cps pin unblock` sets a new PIN | « cps pin unblock » donne un nouveau code porteur
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
card puk-blocked <<'END'
status | 0 | permanently blocked, no try left | définitivement bloqué, il ne reste aucun essai
info | 0 | DOC0073591 | DOC0073591
doctor | 1 | This card cannot be unblocked any more: ask the issuer for a new one. | Cette carte ne peut plus être débloquée : demandez-en une nouvelle à l'émetteur.
sign | 5 | The PIN and the unblocking code are blocked | Le code porteur et le code de déblocage sont bloqués
verify | 0 | document: valid signature | document : signature valable
change | 5 | Ask for a new card. | Demandez une nouvelle carte.
unblock | 5 | The unblocking code is blocked: this card can no longer be unblocked. | Le code de déblocage est bloqué : cette carte ne peut plus être débloquée.
END
card expired <<'END'
status | 0 | EXPIRED on | EXPIRÉ depuis le
info | 0 | 2024-12-31, EXPIRED | 31/12/2024, EXPIRÉE
doctor | 1 | Renew the card. | La carte est à renouveler.
sign | 9 | Renew the card. | La carte est à renouveler.
verify | 10 | document: exact signature, signer not established | document : signature exacte, signataire non établi
change | 0 | The PIN is changed. | Le code porteur est changé.
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
card expiring <<'END'
status | 0 | days left | encore
info | 0 | days left | encore
doctor | 0 | See that a new card is on its way. | Vérifiez qu'une nouvelle carte est en route.
sign | 0 | document.p7s: signed by | document.p7s : signé par
verify | 0 | document: valid signature | document : signature valable
change | 0 | The PIN is changed. | Le code porteur est changé.
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
card certificate-missing <<'END'
status | 0 | Authentication   until | Authentification   jusqu'au
info | 0 | DOC0073595 | DOC0073595
doctor | 0 | The PIN: 3 of 3 tries left. | Le code porteur : il reste 3 essais sur 3.
sign | 9 | This card has no certificate for its signature key. | Cette carte n'a pas de certificat pour sa clé de signature.
verify | 0 | document: valid signature | document : signature valable
change | 0 | The PIN is changed. | Le code porteur est changé.
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
card update-interrupted <<'END'
status | 0 | a card update was not finished: the card cannot be used | une mise à jour de la carte n'est pas terminée : elle est inutilisable
info | 7 | Ask the card's issuer to finish the update. | Demandez à l'émetteur de la carte de terminer la mise à jour.
doctor | 1 | an update of the card was begun and not finished | une mise à jour de la carte a été commencée et non terminée
sign | 0 | document.p7s: signed by | document.p7s : signé par
verify | 0 | document: valid signature | document : signature valable
change | 0 | The PIN is changed. | Le code porteur est changé.
unblock | 0 | The PIN is set, and has all its tries again. | Le nouveau code porteur est en place, avec tous ses essais.
END
card vitale <<'END'
status | 3 | a Vitale card | une carte Vitale
info | 3 | The card in the reader is a Vitale card | Vitale
doctor | 1 | a Vitale card | une carte Vitale
sign | 3 | The card in the reader is a Vitale card | Vitale
change | 3 | The card in the reader is a Vitale card | Vitale
unblock | 3 | The card in the reader is a Vitale card | Vitale
END
finish
