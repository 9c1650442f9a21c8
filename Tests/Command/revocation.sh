#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps verify`: whether certificates were revoked, and when: by lists, by those seen before,
# and by the authorities themselves, which OpenSSL plays on loopback.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"

sample cps4
known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
# Of the root: it has revoked nobody.
roots_list=$hierarchy/ca/racine-fort/crl.pem
authority=$hierarchy/ca/fort-personnes

verify() { timeout 60 "$cps" verify "${known[@]}" "$@" document; }

# signed [OPTION...]: document and its signature, by a certificate of nine days ago; the
# options are those of openssl ca.
signed() {
    issue signer -startdate "$(day "9 days ago")" -enddate "$(in_ten_years)" "$@"
    signs_with signer
}

# said STATUS REASON REVOCATION ENGLISH FRENCH OPTION...: of verify.
said() {
    local status=$1 reason=$2 revocation=$3 english=$4 french=$5
    shift 5
    ends_with "$status" verify "$@"
    contains out "$english"
    LC_ALL=fr_FR.UTF-8 ends_with "$status" verify "$@"
    contains out "$french"
    ends_with "$status" verify --json "$@"
    follows_schema cps-verify-1
    json '(r["signers"][0]["reason"], r["signers"][0]["revocation"])' "('$reason', '$revocation')"
}

not_revoked() {
    signed
    list list
    said 0 trusted good "Revocation   none by" "Révocation  aucune au" --crl list.pem --crl "$roots_list"
    # What was seen once is known from then on, and enough for who wants to know.
    said 0 trusted good "none by" "aucune au" --require-revocation
    equal "700 600" "$(stat --format %a cache/cps-pkcs11/crl cache/cps-pkcs11/crl/*.crl | sort -ru | xargs)"
    equal 2 "$(find cache/cps-pkcs11/crl -type f | wc -l)"
}

forms() {
    signed
    list list
    mkdir folder
    cp list.crl folder/one
    cp "$roots_list" folder/two
    echo text >folder/three
    export XDG_CACHE_HOME=/dev/null/none
    said 0 trusted good "none by" "aucune au" --crl folder
    cat list.pem "$roots_list" >both.pem
    said 0 trusted good "none by" "aucune au" --crl both.pem
    ends_with 8 verify --crl nowhere
    ends_with 8 verify --crl document
    contains err "There is no list of revoked certificates in document."
}

# Of the authority above nobody knows.
half_the_chain() {
    signed
    list list
    said 0 trusted notChecked "not checked" "non vérifiée" --crl list.pem
    said 10 revocationUnknown notChecked "--online asks the authorities" "--online interroge les autorités" \
        --crl list.pem --require-revocation
}

revoked_before() {
    signed
    revoked "3 days ago"
    list list
    said 1 revokedBefore revoked "Before the signature was made, the certificate was revoked, on" \
        "Avant que la signature ne soit faite, le certificat a été révoqué, le" --crl list.pem --crl "$roots_list"
    # Also without the list from above; and from then on without any.
    said 1 revokedBefore revoked "NO valid signature" "signature NON valable"
    json 'r["signers"][0]["revokedAt"][:10]' "$(date --utc --date "3 days ago" +%Y-%m-%d)"
}

revoked_after() {
    signed
    revoked "3 days ago"
    list list
    claims_time "6 days ago"
    said 10 revokedSince revoked "nothing confirms that the signature was made before" \
        "rien ne confirme que la signature est antérieure" --crl list.pem
    signs_with signer -noattr
    said 10 revokedSince revoked "signer not established" "signataire non établi" --crl list.pem
}

# A list that has ended says nothing of who is not on it, and still names who is.
outdated() {
    local dates=(-crl_lastupdate "$(day "9 days ago")" -crl_nextupdate "$(day "2 days ago")")
    signed
    list old "${dates[@]}"
    said 0 trusted outdated "is out of date" "n'est plus à jour" --crl old.pem --crl "$roots_list"
    said 10 revocationUnknown outdated "is out of date" "n'est plus à jour" --crl old.pem --crl "$roots_list" \
        --require-revocation
    revoked "3 days ago"
    list old "${dates[@]}"
    export XDG_CACHE_HOME=/dev/null/none
    said 1 revokedBefore revoked "was revoked" "a été révoqué" --crl old.pem
}

# Whoever sends a list cannot make it say what the authority does not say.
forged_lists() {
    signed
    revoked "3 days ago"
    list list
    in_one_byte list.crl
    said 0 trusted notChecked "not checked" "non vérifiée" --crl list.crl
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out forger.pem -days 2 -utf8 \
        -subj "/C=FR/O=ASIP-SANTE/OU=0002 187512751/OU=IGC-SANTE TEST/CN=TEST AC IGC-SANTE FORT PERSONNES" 2>/dev/null
    list forged -crldays 2 -cert forger.pem -keyfile key.pem
    said 0 trusted notChecked "not checked" "non vérifiée" --crl forged.pem
    said 0 trusted notChecked "not checked" "non vérifiée" --crl "$hierarchy/ca/standard-personnes/crl.pem"
    [ ! -e cache ] || equal "" "$(find cache -type f)"
}

# The authority of the signer's authority has revoked it.
revoked_authority() {
    copy_hierarchy hierarchy
    signed
    local root=$hierarchy/ca/racine-fort
    : >root.index
    echo 01 >crlnumber
    printf '%s\n' "[ca]" database=root.index crlnumber=crlnumber default_md=sha256 unique_subject=no >root.conf
    openssl ca -config root.conf -name ca -cert "$root/cert.pem" -keyfile "$root/key.pem" -revoke "$authority/cert.pem" 2>ca.log
    openssl ca -gencrl -config root.conf -name ca -cert "$root/cert.pem" -keyfile "$root/key.pem" -crldays 2 -out root.pem 2>ca.log
    list list
    claims_time "3 days ago"
    said 10 revokedSince revoked "the certificate of the authority TEST AC IGC-SANTE FORT PERSONNES was revoked" \
        "le certificat de l'autorité TEST AC IGC-SANTE FORT PERSONNES a été révoqué" --crl root.pem --crl list.pem
}

# MARK: Online

# with_server: an authority on loopback; the addresses go to the file extensions.
with_server() {
    : >index
    : >requests
    setpriv --pdeathsig TERM python3 "$project/Tests/Command/support/authority-server.py" \
        index "$authority/cert.pem" "$authority/key.pem" >server.log 2>&1 &
    wait_for test -e port
    local here
    here=http://127.0.0.1:$(cat port)
    printf '%s\n' "[ocsp]" "authorityInfoAccess=OCSP;URI:$here/ocsp" \
        "[list]" "crlDistributionPoints=URI:ldap://127.0.0.1/x,URI:$here/list.crl" \
        "[both]" "authorityInfoAccess=OCSP;URI:$here/nowhere" "crlDistributionPoints=URI:$here/list.crl" >extensions
}

online_signed() { signed -extfile extensions -extensions "$1"; }

responder() {
    with_server
    online_signed ocsp
    # Nobody is asked by itself.
    said 0 trusted notChecked "not checked" "non vérifiée" --crl "$roots_list"
    equal "" "$(cat requests)"
    said 0 trusted good "none by" "aucune au" --crl "$roots_list" --online --require-revocation
    contains requests "POST /ocsp"
    revoked "3 days ago"
    said 1 revokedBefore revoked "was revoked, on" "a été révoqué, le" --crl "$roots_list" --online
    claims_time "6 days ago"
    said 10 revokedSince revoked "was revoked on" "a été révoqué le" --crl "$roots_list" --online
}

distribution_point() {
    with_server
    online_signed list
    list list
    said 0 trusted good "none by" "aucune au" --crl "$roots_list" --online
    # It is kept, and not fetched again.
    equal "GET /list.crl" "$(cat requests)"
    said 0 trusted good "none by" "aucune au" --require-revocation
    equal "GET /list.crl" "$(cat requests)"
}

# Anybody can make a certificate with any address in it.
unknown_signer() {
    with_server
    online_signed list
    ends_with 10 timeout 60 "$cps" verify --authorities "$hierarchy/ca/racine-standard/cert.pem" --online document
    equal "" "$(cat requests)"
}

no_answer() {
    with_server
    online_signed list
    said 0 trusted notChecked "not checked" "non vérifiée" --crl "$roots_list" --online
    contains requests "GET /list.crl"
    echo "no list" >list.crl
    said 0 trusted notChecked "not checked" "non vérifiée" --crl "$roots_list" --online
    kill %1
    wait %1 || true
    # Ten seconds are the patience for one address.
    ends_with 10 verify --crl "$roots_list" --online --require-revocation
    contains out "not checked"
}

cd "$work" || exit 1
it "a list on which nobody is, and what is kept of it" not_revoked
it "lists in DER, PEM and folders, and what is none" forms
it "a list for half of the chain" half_the_chain
it "revoked before the signature" revoked_before
it "revoked after the signature, as that says" revoked_after
it "a list that has ended" outdated
it "forged lists, and lists of other authorities" forged_lists
it "a revoked authority" revoked_authority
it "online: the responder, asked only if allowed" responder
it "online: the list at the certificate's address" distribution_point
it "online: nobody is asked about a signer whom nobody knows" unknown_signer
it "online: no answer" no_answer
finish
