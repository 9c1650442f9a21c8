#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A CPS3 on a contactless reader: the technical key and its certificate, no PIN.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

shows_a_token_without_pin() {
    p11 --list-slots >out
    contains out "$label" "$serial"
    grep 'token flags' out >flags
    contains flags rng "token initialized"
    lacks flags "login required" "PIN initialized"
}

lists_the_technical_objects() {
    p11 --list-objects >out
    contains out "label:      CPS_PRIV_TECH_AUT" "label:      Certificat Technique CPS" "$technical_id"
    lacks out CPS_PRIV_SIG CPS_PRIV_AUT "Certificat de Signature" CPS_ACTIVITY
}

certificate_verifies() {
    p11 --read-object --type cert --id "$technical_id" --output-file certificate.der
    cmp certificate.der "$issued/technical.cert.der"
    openssl x509 -inform DER -in certificate.der -out certificate.pem
    openssl verify -CAfile "$hierarchy/roots.pem" -untrusted "$hierarchy/intermediates.pem" \
        -CRLfile "$hierarchy/crls.pem" -crl_check_all certificate.pem
}

signs_without_login() { # BYTES
    head -c "$1" /dev/urandom >message
    p11 --read-object --type cert --id "$technical_id" --output-file certificate.der
    openssl x509 -inform DER -in certificate.der -noout -pubkey >public-key.pem
    p11 --sign --id "$technical_id" --mechanism RSA-PKCS --input-file message --output-file signature
    openssl pkeyutl -verifyrecover -pubin -inkey public-key.pem -in signature -out recovered
    cmp message recovered
}

offers_no_pss() {
    p11 --list-mechanisms >out
    contains out "  RSA-PKCS, "
    lacks out PSS
}

has_no_pin() {
    forget_trace
    calls "open 0" "login user 1234" "login so 12345678" "set-pin 1234 4321" >out
    equal CKR_OK,CKR_USER_PIN_NOT_INITIALIZED,CKR_USER_PIN_NOT_INITIALIZED,CKR_USER_PIN_NOT_INITIALIZED "$(paste -sd, out)"
    equal "" "$(commands '[0-9A-F]{2} (20|24|2C) ')"
}

tool p11-calls
start_pcscd
cd "$work" || exit 1
insert contactless || give_up "no card" "pas de carte"
it "shows a token without a PIN" shows_a_token_without_pin
it "lists the technical key and certificate, and nothing of the contact side" lists_the_technical_objects
it "the certificate is the issued one, and its chain verifies" certificate_verifies
for length in 1 33 51 102; do
    it "signs $length bytes without login" signs_without_login "$length"
done
it "does not offer PSS" offers_no_pss
it "PIN operations say that there is no PIN, and send nothing" has_no_pin
finish
