#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps sign --timestamp`, and what the time stamp changes for `cps verify`. OpenSSL makes the
# time stamps, on loopback, and judges them.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
authority=$hierarchy/ca/fort-personnes

sign() { printf '%s\n' "$pin" | timeout 60 "$cps" sign --pin-stdin "${known[@]}" "$@" document; }
verify() { timeout 60 "$cps" verify "${known[@]}" "$@" document; }

# with_server [CERTIFICATE KEY]: a maker of time stamps at the port $port, which speaks HTTPS with this
# certificate; its address over HTTP is $server, its root time-root.pem.
with_server() {
    time_stamp_maker
    : >index
    setpriv --pdeathsig TERM python3 "$project/Tests/Command/support/authority-server.py" \
        index "$authority/cert.pem" "$authority/key.pem" "$@" >server.log 2>&1 &
    wait_for test -e port
    port=$(cat port)
    server=http://127.0.0.1:$port
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

# In six years the card's certificate has expired, the time stamp's maker has not.
expired_since() { # CARD
    with_server
    insert "$1"
    ends_with 0 sign --timestamp "$server/tsa"
    later() { timeout 60 faketime -f +6y "$cps" verify "${known[@]}" "$@" document; }
    ends_with 0 later --timestamp-authorities time-root.pem
    contains out "document: valid signature" "a known authority vouches for the signer" "by TIME"
    LC_ALL=fr_FR.UTF-8 ends_with 0 later --timestamp-authorities time-root.pem
    contains out "document : signature valable" "une autorité connue se porte garante du signataire" "par TIME"
    ends_with 0 later --json --timestamp-authorities time-root.pem
    follows_schema cps-verify-1
    json '[(s["verdict"], s["reason"], s["chain"], s["timeStamp"]["standing"]) for s in r["signers"]]' \
        "[('valid', 'trusted', 'expired', 'trusted')]"
    # If nobody vouches for the maker.
    ends_with 10 later
    contains out "The certificate expired on" "nobody confirms that time"
    LC_ALL=fr_FR.UTF-8 ends_with 10 later
    contains out "Le certificat a expiré le" "personne ne confirme cette heure"
    ends_with 10 later --json
    json '[(s["verdict"], s["reason"]) for s in r["signers"]]' "[('notEstablished', 'expiredSince')]"
}

# The server's certificate must be for its address, by an authority that the system knows.
over_tls() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 30 -subj /CN=server \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    with_server tls.pem tls.key
    insert cps4
    SSL_CERT_FILE=tls.pem ends_with 0 sign --timestamp "https://127.0.0.1:$port/tsa"
    ends_with 0 verify --timestamp-authorities time-root.pem
    contains out "by TIME"
    rm document.p7s
    # An unknown authority, another name, and no TLS.
    ends_with 8 sign --timestamp "https://127.0.0.1:$port/tsa"
    SSL_CERT_FILE=tls.pem ends_with 8 sign --timestamp "https://localhost:$port/tsa"
    SSL_CERT_FILE=tls.pem ends_with 8 sign --timestamp "http://127.0.0.1:$port/tsa"
    contains err "did not return a time stamp: nothing was written."
    [ ! -e document.p7s ]
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
        contains err "did not return a time stamp: nothing was written."
    done
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign --timestamp "$server/another-tsa"
    contains err "ne donne pas d'horodatage : rien n'a été écrit."
    [ ! -e document.p7s ]
    ends_with 64 sign --timestamp "ftp://127.0.0.1/"
    ends_with 64 sign --timestamp "file:///etc/passwd"
    [ ! -e document.p7s ]
}

start_pcscd
it "cps3: a signature with a time stamp" stamped cps3
it "cps4: a signature with a time stamp" stamped cps4
it "revoked after the time stamp, and before" revoked_later
it "cps3: expired since the time stamp" expired_since cps3
it "cps4: expired since the time stamp" expired_since cps4
it "a server that speaks HTTPS" over_tls
it "the report, and in French" report
it "a server that gives no time stamp of this signature" no_time_stamp
finish
