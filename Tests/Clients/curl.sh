#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# curl with OpenSSL's engine of libp11 (docs/clients/curl.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# get PORT PIN-PART [OPTION...]: the login page into the file page.
get() {
    local port=$1 pin_part=$2
    shift 2
    PKCS11_MODULE_PATH=$full within 30 curl --silent --show-error --max-time 25 --cacert "$hierarchy/roots.pem" \
        --engine pkcs11 --key-type ENG --key "$(key_url authentication)$pin_part" \
        --cert-type ENG --cert "$(certificate_url authentication)" \
        --output page "$@" "https://localhost:$port/" </dev/null >curl.log 2>&1
}

logs_in() { # PORT VERSION SCHEME [OPTION...]
    get "$1" ";pin-value=$pin" "${@:4}" || { cat curl.log; return 1; }
    logged_in_on page "$2"
    card_did authentication "$3"
    tries_spent 0
}

logs_in_with_cure() { # PORT
    openssl_cure
    # curl sets the highest version itself, whatever openssl.cnf says.
    logs_in "$1" TLSv1.2 pkcs1 --tls-max 1.2
}

is_refused() { # PORT
    fails get "$1" ";pin-value=$pin"
    contains curl.log "curl: ("
    nobody_logged_in
    tries_spent 0
}

cured_is_refused_in_tls13() {
    openssl_cure
    is_refused "$tls13"
}

wrong_pin() {
    fails get "$tls_any" ";pin-value=9999"
    nobody_logged_in
    tries_spent 1
}

no_pin() {
    fails get "$tls_any" ""
    nobody_logged_in
    no_pin_presented
}

# The page, as its reader types it; for a CPS3 with the file of the page about TLS.
follows_the_page() {
    local cured='OPENSSL_CONF=$HOME/cps3-openssl.cnf curl --tls-max 1.2' version=TLSv1.3
    opens_page clients/tls-versions.md
    writes openssl_conf cps3-openssl.cnf
    opens_page clients/curl.md
    puts https://serveur/ https://server/
    puts https://server/ "https://localhost:$tls_any/"
    if [ "$sample" = cps3 ]; then
        page_says "$cured"
        puts "curl --engine" "$cured --engine"
        version=TLSv1.2
    fi
    types "sudo apt install curl" "$pin"
    logged_in_on out "$version"
    pins_presented 1
    tries_spent 0
}

client curl curl libengine-pkcs11-openssl
with_pages
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps4 "TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss
scenario cps4 "both offered: TLS 1.3" logs_in "$tls_any" TLSv1.3 pss
scenario cps3 "TLS 1.2 as it comes: an error" is_refused "$tls12"
scenario cps3 "both offered, as it comes: an error" is_refused "$tls_any"
scenario cps3 "TLS 1.2 with the cure in openssl.cnf" logs_in_with_cure "$tls12"
scenario cps3 "both offered, with the cure and --tls-max 1.2" logs_in_with_cure "$tls_any"
scenario cps3 "TLS 1.3: an error" is_refused "$tls13"
scenario cps3 "TLS 1.3 with the cure: an error" cured_is_refused_in_tls13
for card in cps3 cps4; do
    scenario $card "the page: the login page of a server" follows_the_page
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "no PIN spends none" no_pin
done
page_is_read clients/curl.md
page_is_read clients/tls-versions.md
finish
