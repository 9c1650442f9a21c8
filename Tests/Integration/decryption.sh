#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Decryption with the authentication key of what OpenSSL encrypted.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

decrypt() { # KEY INPUT OUTPUT
    logged_in --decrypt --id "$(key_id "$1")" --mechanism RSA-PKCS --input-file "$2" --output-file "$3"
}

encrypted_message() { # KEY BYTES: message and cryptogram
    head -c "$2" /dev/urandom >message
    read_public_key "$1"
    openssl pkeyutl -encrypt -pubin -inkey public-key.pem -in message -out cryptogram
}

decrypts() { # BYTES
    encrypted_message authentication "$1"
    decrypt authentication cryptogram plain
    cmp message plain
}

signature_key_does_not_decrypt() {
    encrypted_message signature 20
    forget_trace
    refused CKR_KEY_TYPE_INCONSISTENT decrypt signature cryptogram plain
    equal "" "$(private_key_commands)"
}

wrong_cryptogram() {
    head -c 256 /dev/zero >cryptogram
    echo 1 >>cryptogram
    tail -c 256 cryptogram >wrong
    any_code decrypt authentication wrong plain
    decrypts 20
}

nothing_without_login() {
    encrypted_message authentication 20
    forget_trace
    if p11 --decrypt --id "$authentication_id" --mechanism RSA-PKCS --input-file cryptogram --output-file plain; then
        return 1
    fi
    equal "" "$(private_key_commands)"
}

cd "$work" || exit 1
start_pcscd
for card in cps3 cps4 cps4-t0; do
    insert "$card" || give_up "no card" "pas de carte"
    for length in 1 32 117 245; do
        it "$card: decrypts $length bytes" decrypts "$length"
    done
    it "$card: a wrong cryptogram gives a code, and the next one decrypts" wrong_cryptogram
    it "$card: the signature key does not decrypt" signature_key_does_not_decrypt
    it "$card: nothing is decrypted without login" nothing_without_login
done
finish
