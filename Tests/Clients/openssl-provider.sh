#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL 3 without engines: pkcs11-provider (docs/clients/openssl.md), with the scenarios of
# the engine, and what is the provider's own.
# shellcheck disable=SC2034 # read by openssl.sh
by=provider

# provider_configuration [LINE...]: as the page writes it; the lines for a CPS3 last.
provider_configuration() {
    cat <<FILE
openssl_conf = openssl_init

[openssl_init]
providers = providers
ssl_conf = ssl_configuration

[providers]
default = default_provider
pkcs11 = pkcs11_provider

[default_provider]
activate = 1

[pkcs11_provider]
pkcs11-module-path = $full
activate = 1

[ssl_configuration]
system_default = all_programs

[all_programs]
$(printf '%s\n' "$@")
FILE
}

# A CPS3 needs nothing on the command line then.
logs_in_by_the_cure_in_the_file() { # PORT
    provider_configuration "SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512" "MaxProtocol = TLSv1.2" >openssl.cnf
    logs_in "$1" TLSv1.2 pkcs1
}

# An address without a type names private keys as well: the PIN is asked for.
reads_certificates() {
    local key
    for key in signature authentication; do
        ssl x509 -in "$(certificate_url $key)" -out read.pem
        openssl x509 -in "$(certificate $key)" >issued.pem
        cmp read.pem issued.pem
    done
    ssl storeutl -noout pkcs11: >log 2>&1 || true
    contains log "Enter PIN for"
    no_pin_presented
}

signs() { # PIN [OPTION...]: with the signature key, into the file signature.
    echo "a document" >document
    rm -f signature
    ssl dgst -sha256 "${@:2}" -sign "$(key_url signature);pin-value=$1" -out signature document
}

# Only another program's login brings the tries back.
refuses_at_the_last_try() {
    fails signs 9999
    fails signs 9999
    tries_spent 2
    forget_trace
    fails signs "$pin"
    pins_presented 0
    echo "$pin" | "$cps" info --use-last-try --pin-stdin >report
    signs "$pin"
    is_signed document
    tries_spent 0
}

# no_signature [OPTION...]: an error, before the card is asked for one.
no_signature() {
    fails signs "$pin" "$@"
    equal "" "$(private_key_commands)"
    [ ! -s signature ]
    tries_spent 0
}

# The card salts with as many bytes as the hash has.
salts_with_the_digest_only() {
    signs "$pin" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
    card_did signature pss
    forget_trace
    no_signature -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max
}

provider_scenarios() {
    local card
    scenario cps3 "TLS 1.2 with the cure in the provider's file" logs_in_by_the_cure_in_the_file "$tls12"
    scenario cps3 "both offered, with the cure in the provider's file" logs_in_by_the_cure_in_the_file "$tls_any"
    for card in cps3 cps4; do
        scenario $card "type=cert: certificates without the PIN; without a type it is asked for" reads_certificates
        scenario $card "two wrong PINs: it presents none at the last try" refuses_at_the_last_try
        scenario $card "SHA-512 with the signature key: an error" no_signature -sha512
    done
    scenario cps3 "RSA-PSS: an error" no_signature -sigopt rsa_padding_mode:pss
    scenario cps4 "RSA-PSS with a salt as long as the hash, and no other" salts_with_the_digest_only
}

# shellcheck source=SCRIPTDIR/openssl.sh
. "$(dirname "${BASH_SOURCE[0]}")/openssl.sh"
