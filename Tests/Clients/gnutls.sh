#!/usr/bin/env bash
# GnuTLS: p11tool and gnutls-cli (docs/clients/gnutls.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

p11tool() { within 30 p11tool --provider "$full" "$@" </dev/null; }

lists() {
    p11tool --list-all "pkcs11:token=$label" >listing 2>errors
    contains listing "Label: Certificat d'Authentification CPS" "Label: Certificat de Signature CPS" \
        NOPE
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

client gnutls gnutls-bin nginx
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps3 "TLS 1.2" logs_in "$tls12" TLSv1.2 pkcs1
scenario cps3 "TLS 1.3" logs_in "$tls13" TLSv1.2 pkcs1
scenario cps3 "TLS any" logs_in "$tls_any" TLSv1.2 pkcs1
scenario cps3 "lists" lists
scenario cps3 "exp" exports_the_certificate signature
scenario cps3 "test" test_signature signature
finish
