#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps cert export`: certificates that other programs read.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")

export_certificate() { timeout 60 "$cps" cert export "$@"; }

card_exports() { # CARD
    local key
    insert "$1"
    for key in signature authentication; do
        ends_with 0 export_certificate --key "$key"
        openssl x509 -in out -outform DER -out found
        cmp found "$issued/$key.cert.der"
        ends_with 0 export_certificate --key "$key" --der --output "$key.der"
        cmp "$key.der" "$issued/$key.cert.der"
        ends_with 0 export_certificate --key "$key" --der
        cmp out "$issued/$key.cert.der"
    done
    ends_with 0 export_certificate
    equal 2 "$(grep -c BEGIN out)"
    equal "" "$(commands '0[01] 20 ')"
}

chain() { # CARD
    insert "$1"
    ends_with 0 export_certificate --key signature --chain "${known[@]}" --output chain.pem
    equal 3 "$(grep -c BEGIN chain.pem)"
    openssl verify -CAfile "$hierarchy/roots.pem" -untrusted chain.pem chain.pem
    # What two certificates have in common is there once.
    ends_with 0 export_certificate --chain "${known[@]}"
    equal 4 "$(grep -c BEGIN out)"
    ends_with 1 export_certificate --chain --authorities "$hierarchy/ca/racine-standard/cert.pem" --output nothing.pem
    contains err "TEST AC IGC-SANTE FORT PERSONNES" "--authorities"
    [ ! -e nothing.pem ]
}

contactless_card() {
    insert contactless
    ends_with 0 export_certificate --output technical.pem
    openssl x509 -in technical.pem -outform DER -out found
    cmp found "$issued/technical.cert.der"
    ends_with 9 export_certificate --key signature
}

refusals() {
    insert cps4
    ends_with 64 export_certificate --der
    ends_with 64 export_certificate --der --key signature --chain
    ends_with 64 export_certificate --key other
    echo mine >there
    ends_with 8 export_certificate --output there
    equal mine "$(cat there)"
    ends_with 8 export_certificate --output nowhere/certificate
    ends_with 8 sh -c "'$cps' cert export >/dev/full"
    remove_card 0
    ends_with 3 export_certificate
}

damaged_certificate() {
    sample cps3
    insert cps3 --corrupt-file '0001/A001@4=FFFFFFFF'
    ends_with 7 export_certificate --key signature
    contains err "cannot be used"
    ends_with 0 export_certificate --key authentication
}

speaks_french() {
    insert cps4
    LC_ALL=fr_FR.UTF-8 ends_with 0 export_certificate --key authentification
    openssl x509 -in out -outform DER -out found
    cmp found "$issued/authentication.cert.der"
    LC_ALL=fr_FR.UTF-8 ends_with 64 export_certificate --der
    contains err "Le DER contient un seul certificat"
    LC_ALL=fr_FR.UTF-8 ends_with 1 export_certificate --chain --authorities "$hierarchy/ca/racine-standard/cert.pem"
    contains err "n'est pas connue ici"
}

start_pcscd
for card in cps3 cps4; do
    it "$card: certificates in PEM and DER, without a PIN" card_exports $card
    it "$card: with the authorities" chain $card
done
it "a contactless card's technical certificate" contactless_card
it "what cannot be done" refusals
it "a damaged certificate does not take the other with it" damaged_certificate
it "in French" speaks_french
finish
