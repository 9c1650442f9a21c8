#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL 3 with the engine of libp11: s_client and CMS (docs/clients/openssl.md).
# openssl-provider.sh runs the same scenarios with a provider in place of the engine.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
: "${by:=engine}"

# What says to OpenSSL where the key is.
key_options=()
[ "$by" = provider ] || key_options=(-engine pkcs11 -keyform engine)

ssl() {
    if [ "$by" = engine ]; then
        PKCS11_MODULE_PATH=$full within 30 openssl "$@"
    else
        [ -e openssl.cnf ] || provider_configuration >openssl.cnf
        OPENSSL_CONF=$PWD/openssl.cnf within 30 openssl "$@"
    fi
}

# connect PORT PIN-PART [OPTION...]: s_client fetches the login page.
connect() {
    local port=$1 pin_part=$2
    shift 2
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
    ssl s_client -connect "localhost:$port" -CAfile "$hierarchy/roots.pem" -verify_return_error \
        "${key_options[@]}" -key "$(key_url authentication)$pin_part" \
        -cert "$(certificate authentication)" -ign_eof "$@" <request >page 2>s_client.log
}

logs_in() { # PORT VERSION SCHEME [OPTION...]
    connect "$1" ";pin-value=$pin" "${@:4}" || { cat s_client.log; return 1; }
    logged_in_on page "$2"
    card_did authentication "$3"
    tries_spent 0
}

is_refused() { # PORT [OPTION...]
    fails connect "$1" ";pin-value=$pin" "${@:2}"
    contains s_client.log "error:"
    nobody_logged_in
    tries_spent 0
}

# The signature scheme as the other end of the connection sees it.
scheme_on_the_wire() { # SCHEME [OPTION...]
    local port=$spare_port
    openssl s_server -accept "127.0.0.1:$port" -Verify 2 -CAfile "$server/authorities.pem" -www -trace \
        -cert_chain "$hierarchy/server/chain.pem" -cert "$hierarchy/server/cert.pem" -key "$hierarchy/server/key.pem" \
        >s_server.log 2>&1 &
    local process=$!
    wait_for listens_on "$process" "$port"
    connect "$port" ";pin-value=$pin" "${@:2}" || true
    stop_process "$process"
    contains page "HTTP/1.0 200"
    grep -A6 CertificateVerify s_server.log | grep -E 'Signature Algorithm: ' | tail -n 1 >scheme
    contains scheme "$1"
}

wrong_pin() {
    fails connect "$tls12" ";pin-value=9999"
    nobody_logged_in
    tries_spent 1
}

no_pin() {
    fails connect "$tls12" ""
    nobody_logged_in
    no_pin_presented
}

signs_a_message() { # KEY
    echo "Ordonnance : deux verres d'eau par jour." >message
    ssl cms -sign -in message -text -out signed -signer "$(certificate "$1")" -certfile "$hierarchy/intermediates.pem" \
        "${key_options[@]}" -inkey "$(key_url "$1");pin-value=$pin"
    openssl cms -verify -in signed -text -CAfile "$hierarchy/roots.pem" -purpose any -out verified -signer signer
    equal "$(cat message)" "$(tr -d '\r' <verified)"
    cmp signer "$(certificate "$1")"
    card_did "$1" pkcs1
    tries_spent 0
}

# The card salts with as many bytes as the hash has; OpenSSL would take more.
signs_with_pss() { # KEY
    echo "Ordonnance : deux verres d'eau par jour." >message
    ssl cms -sign -in message -text -out signed -signer "$(certificate "$1")" \
        -certfile "$hierarchy/intermediates.pem" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest \
        "${key_options[@]}" -inkey "$(key_url "$1");pin-value=$pin"
    openssl cms -verify -in signed -text -CAfile "$hierarchy/roots.pem" \
        -purpose any -out verified
    card_did "$1" pss
}

decrypts() {
    echo "Compte rendu confidentiel." >message
    openssl cms -encrypt -aes256 -in message -out encrypted "$(certificate authentication)"
    ssl cms -decrypt -in encrypted -recip "$(certificate authentication)" \
        "${key_options[@]}" -inkey "$(key_url authentication);pin-value=$pin" -out decrypted
    equal "$(cat message)" "$(tr -d '\r' <decrypted)"
    card_did authentication decrypt
    tries_spent 0
}

# As docs/clients/openssl.md writes it: the key by its label, the PIN in a file. With a line
# end there, libp11 would take that for a part of the PIN; the provider does not.
signs_by_label_and_pin_file() {
    echo "a document" >document
    printf %s "$pin" >pin
    signs_by_pin_file
    card_did signature pkcs1
    echo "$pin" >pin
    if [ "$by" = engine ]; then fails signs_by_pin_file; else signs_by_pin_file; fi
    tries_spent 0
}

signs_by_pin_file() {
    rm -f signature
    ssl dgst -sha256 "${key_options[@]}" -sign "pkcs11:object=CPS_PRIV_SIG;type=private;pin-source=file:$PWD/pin" \
        -out signature document || return 1
    is_signed document
}

# is_signed DOCUMENT: by the signature key, into the file signature.
is_signed() {
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature "$1"
}

# Many loads and unloads in a row.
ends_cleanly() {
    local round
    for round in 1 2 3 4 5; do
        ssl dgst -sha256 "${key_options[@]}" -sign "$(key_url signature);pin-value=$pin" \
            -out signature /etc/hostname 2>errors
        is_signed /etc/hostname
        lacks errors error: Error
    done
}

# The page, as its reader types it.
follows_the_page() {
    local port=$tls13 version=TLSv1.3 scheme=pss cure="-tls1_2 -sigalgs RSA+SHA256:RSA+SHA384:RSA+SHA512"
    opens_page clients/openssl.md
    if [ "$sample" = cps3 ]; then
        page_says "$cure"
        puts "-cert authentication.pem" "-cert authentication.pem $cure"
        port=$tls_any version=TLSv1.2 scheme=pkcs1
    fi
    puts server:443 "localhost:$port"
    puts serveur:443 "localhost:$port"
    authorities_file
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
    types "sudo apt install"
    types 'M=$PKCS11_MODULE_PATH'
    no_pin_presented
    openssl x509 -in authentication.pem -outform DER | cmp - "$issued/authentication.cert.der"
    openssl x509 -in signature.pem -outform DER | cmp - "$issued/signature.cert.der"
    forget_trace
    types "openssl s_client" "$pin" 'Verify return code=>GET / HTTP/1.0\n\n'
    logged_in_on out "$version"
    card_did authentication "$scheme"
    pins_presented 1
    echo "Compte rendu confidentiel." | openssl cms -encrypt -aes256 -out secret.eml "$(certificate authentication)"
    forget_trace
    types "openssl cms -sign" "$pin" "$pin"
    contains out "Ordonnance : deux verres" "CMS Verification successful" "Compte rendu confidentiel."
    pins_presented 2
    tries_spent 0
}

v15=(-sigalgs RSA+SHA256:RSA+SHA384:RSA+SHA512)
if [ "$by" = engine ]; then
    client openssl openssl libengine-pkcs11-openssl gnutls-bin
    with_pages
else
    client openssl-provider openssl pkcs11-provider
fi
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps4 "TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss
scenario cps4 "TLS 1.2 by PKCS#1 v1.5 when so asked" logs_in "$tls12" TLSv1.2 pkcs1 "${v15[@]}"
scenario cps4 "TLS 1.3: rsa_pss_rsae_sha256 on the wire" scheme_on_the_wire rsa_pss_rsae_sha256
scenario cps3 "TLS 1.2 as it comes: an error" is_refused "$tls12"
scenario cps3 "TLS 1.2 with -sigalgs" logs_in "$tls12" TLSv1.2 pkcs1 "${v15[@]}"
scenario cps3 "both offered, as it comes: an error" is_refused "$tls_any"
scenario cps3 "both offered, with -tls1_2 -sigalgs" logs_in "$tls_any" TLSv1.2 pkcs1 -tls1_2 "${v15[@]}"
scenario cps3 "TLS 1.2: rsa_pkcs1_sha256 on the wire" scheme_on_the_wire rsa_pkcs1_sha256 -tls1_2 "${v15[@]}"
scenario cps3 "TLS 1.3: an error" is_refused "$tls13"
scenario cps3 "TLS 1.3 with -sigalgs: an error" is_refused "$tls13" "${v15[@]}"
for card in cps3 cps4; do
    for key in signature authentication; do
        scenario $card "CMS: signs with the $key key; verified" signs_a_message $key
    done
    scenario $card "CMS: decrypts what was encrypted to the authentication certificate" decrypts
    scenario $card "the key by its label, the PIN from a file" signs_by_label_and_pin_file
    scenario $card "ends cleanly, five times" ends_cleanly
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "no PIN spends none" no_pin
done
for key in signature authentication; do
    scenario cps4 "CMS: signs with the $key key by RSA-PSS; verified" signs_with_pss $key
done
if [ "$by" = engine ]; then
    for card in cps3 cps4; do
        scenario $card "the page: certificates, TLS, a message signed, verified and decrypted" follows_the_page
    done
    page_is_read clients/openssl.md
else
    provider_scenarios
fi
finish
