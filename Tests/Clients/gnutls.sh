#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GnuTLS: p11tool and gnutls-cli (docs/clients/gnutls.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

p11tool() { within 30 p11tool --provider "$full" "$@" </dev/null; }

lists() {
    p11tool --list-all "pkcs11:token=$label" >listing 2>errors
    contains listing "Label: Certificat d'Authentification CPS" "Label: Certificat de Signature CPS" \
        "Type: X.509 Certificate"
    no_pin_presented
    p11tool --login --set-pin "$pin" --list-keys "pkcs11:token=$label" >listing 2>errors
    contains listing "Label: CPS_PRIV_AUT" "Label: CPS_PRIV_SIG" "Type: Private key (RSA-2048)"
    tries_spent 0
}

exports_the_certificate() { # KEY
    p11tool --export "$(certificate_url "$1")" --outfile exported.pem
    openssl x509 -in exported.pem -outform DER | cmp - "$issued/$1.cert.der"
}

test_signature() { # KEY MECHANISM-OPTION...
    p11tool --login --set-pin "$pin" --test-sign "${@:2}" "$(key_url "$1")" >out 2>&1 || { cat out; return 1; }
    contains out "ok"
    tries_spent 0
}

# get PORT PIN-OPTION...: the login page.
get() {
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' |
        within 30 gnutls-cli --provider "$full" --x509cafile "$hierarchy/roots.pem" \
            --x509certfile "$(certificate_url authentication)" --x509keyfile "$(key_url authentication)$2" \
            --verify-hostname localhost -p "$1" "${@:3}" localhost >page 2>errors
}

logs_in() { # PORT VERSION SCHEME [OPTION...]
    get "$1" ";pin-value=$pin" "${@:4}" || { cat page errors; return 1; }
    logged_in_on page "$2"
    card_did authentication "$3"
    tries_spent 0
}

# GnuTLS presents no certificate when it cannot sign with it; the server then says so.
is_not_asked() { # PORT
    get "$1" ";pin-value=$pin" || true
    contains page "No certificate was sent to peer" "No required SSL certificate was sent"
    nobody_logged_in
    tries_spent 0
}

wrong_pin() {
    get "$tls12" ";pin-value=9999" || true
    nobody_logged_in
    tries_spent 1
}

no_pin() {
    get "$tls12" "" || true
    nobody_logged_in
    no_pin_presented
}

tool_wrong_pin() {
    fails p11tool --login --set-pin 9999 --test-sign "$(key_url signature)"
    tries_spent 1
}

tool_no_pin() {
    fails p11tool --login --test-sign "$(key_url signature)"
    no_pin_presented
}

# The page, as its reader types it.
follows_the_page() {
    local version=TLSv1.3 option="--priority NORMAL:-VERS-TLS1.3"
    opens_page clients/gnutls.md
    if [ "$sample" = cps3 ]; then
        page_says "$option"
        version=TLSv1.2
    else
        option=
    fi
    puts '" server' "\" $option -p $tls_any localhost"
    types "sudo apt install" "$pin" "$pin" "$pin" 'Simple Client Mode:=>GET / HTTP/1.0\n\n'
    logged_in_on out "$version"
    contains out "Label: Certificat de Signature CPS" "Label: CPS_PRIV_SIG" ok
    # GnuTLS 3.7 presents it twice to sign, once for the list: five times, typed three times.
    [ "$(pins)" -le 5 ] || pins_presented 5
    tries_spent 0
}

client gnutls gnutls-bin
with_pages
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps4 "TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss
scenario cps4 "both offered: TLS 1.3" logs_in "$tls_any" TLSv1.3 pss
scenario cps3 "TLS 1.2 by PKCS#1 v1.5" logs_in "$tls12" TLSv1.2 pkcs1
scenario cps3 "TLS 1.3: no certificate is sent, the server says so" is_not_asked "$tls13"
scenario cps3 "both offered: no certificate is sent, the server says so" is_not_asked "$tls_any"
scenario cps3 "both offered, TLS 1.2 by the priority string" \
    logs_in "$tls_any" TLSv1.2 pkcs1 --priority NORMAL:-VERS-TLS1.3
for card in cps3 cps4; do
    scenario $card "the page: lists, signs, logs in" follows_the_page
    scenario $card "p11tool lists certificates, and keys after login" lists
    for key in signature authentication; do
        scenario $card "p11tool exports the $key certificate" exports_the_certificate $key
        scenario $card "p11tool --test-sign with the $key key" test_signature $key
    done
    scenario $card "gnutls-cli: a wrong PIN spends one try" wrong_pin
    scenario $card "gnutls-cli: no PIN spends none" no_pin
    scenario $card "p11tool: a wrong PIN spends one try" tool_wrong_pin
    scenario $card "p11tool: no PIN spends none" tool_no_pin
done
page_is_read clients/gnutls.md
finish
