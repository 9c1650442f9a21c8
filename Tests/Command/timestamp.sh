#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps sign --timestamp`, and what the time stamp changes for `cps verify`. OpenSSL makes the
# time stamps, on loopback, and judges them.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
authority=$hierarchy/ca/fort-personnes

sign() { printf '%s\n' "$pin" | timeout 60 "$cps" sign --pin-stdin "${known[@]}" "$@" document; }
verify() { timeout 60 "$cps" verify "${known[@]}" "$@" document; }

# with_server: a maker of time stamps; its address is $server, its root time-root.pem.
with_server() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out time-root.pem -days 30 -subj "/CN=TIME ROOT" 2>/dev/null
    openssl req -new -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=TIME" 2>/dev/null
    printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=critical,timeStamping >extensions
    openssl x509 -req -in tsa.csr -CA time-root.pem -CAkey root.key -set_serial 7 -days 30 -extfile extensions -out tsa.pem 2>/dev/null
    printf '%s\n' "[tsa]" serial=tsa.serial default_policy=1.2.3.4 digests=sha256 signer_digest=sha256 \
        ess_cert_id_alg=sha256 >tsa.conf
    echo 01 >tsa.serial
    : >index
    setpriv --pdeathsig TERM python3 "$project/Tests/Command/support/authority-server.py" \
        index "$authority/cert.pem" "$authority/key.pem" >server.log 2>&1 &
    wait_for test -e port
    server=http://127.0.0.1:$(cat port)
    echo "two glasses of water a day" >document
}

stamped() { # CARD
    with_server
    insert "$1"
    ends_with 0 sign --timestamp "$server/tsa"
    contains out "document.p7s: signed by" "Time stamp: $(date +%Y-%m-%d)" "by TIME."
    # As without it.
    openssl cms -verify -cades -binary -inform DER -in document.p7s -content document -CAfile "$hierarchy/roots.pem" -out /dev/null
    openssl cms -cmsout -print -inform DER -in document.p7s >printed
    contains printed "id-smime-aa-timeStampToken"
    ends_with 0 verify --timestamp-authorities time-root.pem
    contains out "Time stamp" "by TIME"
    lacks out "vouches (--timestamp"
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify
    contains out "Horodatage" "dont personne de connu ne se porte garant (--timestamp-authorities)"
    ends_with 0 verify --json --timestamp-authorities time-root.pem
    follows_schema cps-verify-1
    json 'r["signers"][0]["timeStamp"]["standing"]' trusted
    json 'r["signers"][0]["timeStamp"]["authority"]' CN=TIME
}

# revoked_list WHEN: list.pem, on which the card's certificate is from then on.
revoked_list() {
    local number
    number=$(openssl x509 -in "$issued/signature.cert.pem" -noout -serial)
    printf 'R\t%s\t%s,keyCompromise\t%s\tunknown\t/CN=x\n' 340101000000Z "$(date --utc --date "$1" +%y%m%d%H%M%SZ)" "${number#*=}" >index
    echo 01 >crlnumber
    printf '%s\n' "[ca]" database=index crlnumber=crlnumber default_md=sha256 unique_subject=no >ca.conf
    openssl ca -gencrl -config ca.conf -name ca -cert "$authority/cert.pem" -keyfile "$authority/key.pem" -crldays 2 \
        -out list.pem 2>ca.log || { cat ca.log; return 1; }
}

# The card was lost after the signature.
revoked_later() {
    with_server
    insert cps4
    ends_with 0 sign --timestamp "$server/tsa"
    export XDG_CACHE_HOME=/dev/null/none
    revoked_list "1 hour"
    ends_with 10 verify --crl list.pem
    contains out "nothing confirms that the signature was made before"
    ends_with 0 verify --crl list.pem --timestamp-authorities time-root.pem
    contains out "document: valid signature"
    revoked_list "1 hour ago"
    ends_with 1 verify --crl list.pem --timestamp-authorities time-root.pem
    contains out "Before the signature was made"
}

report() {
    with_server
    insert cps4
    ends_with 0 sign --json --timestamp "$server/tsa"
    follows_schema cps-sign-1
    json 'r["timeStamp"][:10]' "$(date --utc +%Y-%m-%d)"
    LC_ALL=fr_FR.UTF-8 ends_with 0 sign --force --timestamp "$server/tsa"
    contains out "Horodatage : $(date +%d/%m/%Y)" "par TIME."
}

# Nothing is written without the time stamp that was asked for.
no_time_stamp() {
    with_server
    insert cps4
    local path
    for path in /another-tsa /ocsp; do
        ends_with 8 sign --timestamp "$server$path"
        contains err "gives no time stamp: nothing was written."
    done
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign --timestamp "$server/another-tsa"
    contains err "ne donne pas d'horodatage : rien n'a été écrit."
    [ ! -e document.p7s ]
    ends_with 64 sign --timestamp "https://127.0.0.1/"
    ends_with 64 sign --timestamp "file:///etc/passwd"
    [ ! -e document.p7s ]
}

start_pcscd
it "cps3: a signature with a time stamp" stamped cps3
it "cps4: a signature with a time stamp" stamped cps4
it "revoked after the time stamp, and before" revoked_later
it "the report, and in French" report
it "a server that gives no time stamp of this signature" no_time_stamp
finish
