#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signatures, each verified by OpenSSL with the certificate read from the card.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# digest_info HASH MESSAGE: SEQUENCE { SEQUENCE { hash, NULL }, digest } (RFC 8017
# §9.2), made by openssl, in the file digest-info.
digest_info() {
    cat >digest-info.conf <<END
asn1 = SEQUENCE:digest_info
[digest_info]
algorithm = SEQUENCE:algorithm
digest = FORMAT:HEX,OCTETSTRING:$(openssl dgst "-$1" -r "$2" | cut -d' ' -f1)
[algorithm]
identifier = OID:$1
parameters = NULL
END
    openssl asn1parse -genconf digest-info.conf -noout -out digest-info
}

message() { # BYTES
    head -c "$1" /dev/urandom >message
}

signs_a_digest_info() { # KEY HASH
    message 500
    digest_info "$2" message
    read_public_key "$1"
    sign "$1" RSA-PKCS digest-info
    verify "$2" message
}

signs_a_bare_hash() { # KEY HASH
    message 500
    openssl dgst "-$2" -binary message >digest
    read_public_key "$1"
    sign "$1" RSA-PKCS digest
    verify "$2" message
}

signs_a_message() { # KEY HASH BYTES
    message "$3"
    read_public_key "$1"
    sign "$1" "${2^^}-RSA-PKCS" message
    verify "$2" message
}

# The library, and OpenSSL, accept it as a signature of this message and of no other.
signature_is_of_this_message_only() { # KEY
    message 100
    read_public_key "$1"
    sign "$1" SHA256-RSA-PKCS message
    verify sha256 message
    verified_by_the_library "$1" >out 2>&1
    contains out "Signature is valid"
    message 100
    if verify sha256 message; then return 1; fi
    verified_by_the_library "$1" >out 2>&1 || true
    contains out "Invalid signature"
}

verified_by_the_library() { # KEY
    p11 --verify --id "$(key_id "$1")" --mechanism SHA256-RSA-PKCS --input-file message --signature-file signature
}

signs_with_pss() { # KEY HASH
    message 300
    read_public_key "$1"
    sign "$1" "${2^^}-RSA-PKCS-PSS" message
    verify_pss "$2" message
}

signs_a_hash_with_pss() { # KEY HASH
    message 300
    openssl dgst "-$2" -binary message >digest
    read_public_key "$1"
    local name=${2^^}
    sign "$1" RSA-PKCS-PSS digest --hash-algorithm "${name/SHA1/SHA-1}" --mgf "MGF1-$name"
    verify_pss "$2" message
}

# The longest data that the authentication key takes, and one byte more.
authentication_key_limit() { # BYTES
    message "$1"
    read_public_key authentication
    sign authentication RSA-PKCS message
    openssl pkeyutl -verifyrecover -pubin -inkey public-key.pem -in signature -out recovered
    cmp message recovered
    message $(($1 + 1))
    refused CKR_DATA_LEN_RANGE logged_in --sign --id "$authentication_id" --mechanism RSA-PKCS \
        --input-file message --output-file signature
}

refuses_a_mechanism() { # KEY MECHANISM CODE
    # pkcs11-tool itself insists on the length of a SHA-1 for RSA-PKCS-PSS.
    message 20
    forget_trace
    refused "$3" logged_in --sign --id "$(key_id "$1")" --mechanism "$2" --input-file message --output-file signature
    grep -q C_SignInit refused.log
    equal "" "$(private_key_commands)"
    [ "$(grep -c ' > ' "$trace")" -gt 0 ]
}

refuses_without_login() {
    message 32
    forget_trace
    if p11 --sign --id "$signature_id" --mechanism SHA256-RSA-PKCS --input-file message --output-file signature; then
        return 1
    fi
    equal "" "$(private_key_commands)"
}

several_signatures_with_one_card() {
    local round
    read_public_key signature
    for round in 1 2 3 4 5; do
        message $((round * 50))
        sign signature SHA256-RSA-PKCS message
        verify sha256 message
    done
}

certificate_chain() { # KEY
    read_public_key "$1"
    cmp certificate.der "$issued/$1.cert.der"
    openssl x509 -inform DER -in certificate.der -out certificate.pem
    openssl verify -CAfile "$hierarchy/roots.pem" -untrusted "$hierarchy/intermediates.pem" \
        -CRLfile "$hierarchy/crls.pem" -crl_check_all certificate.pem
}

cd "$work" || exit 1
start_pcscd
for card in cps3 cps4 cps4-t0; do
    insert "$card" || give_up "no card" "pas de carte"
    for key in signature authentication; do
        it "$card: the $key certificate is the issued one, and its chain verifies" certificate_chain "$key"
        for hash in sha1 sha256; do
            it "$card: $key key, RSA-PKCS with a DigestInfo of $hash" signs_a_digest_info "$key" "$hash"
            it "$card: $key key, ${hash^^}-RSA-PKCS" signs_a_message "$key" "$hash" 300
        done
        it "$card: $key key, a signature is of its message only" signature_is_of_this_message_only "$key"
    done
    for hash in sha384 sha512; do
        it "$card: authentication key, ${hash^^}-RSA-PKCS" signs_a_message authentication "$hash" 300
        it "$card: signature key, ${hash^^}-RSA-PKCS is refused before anything is sent" \
            refuses_a_mechanism signature "${hash^^}-RSA-PKCS" CKR_KEY_TYPE_INCONSISTENT
    done
    for hash in sha1 sha256; do
        it "$card: signature key, RSA-PKCS with a bare hash of $hash" signs_a_bare_hash signature "$hash"
    done
    it "$card: one card, several signatures" several_signatures_with_one_card
    it "$card: no signature without login" refuses_without_login
    if [ "$card" = cps3 ]; then
        # A CPS3 hashes the last round itself: one block, two blocks, many.
        for length in 0 1 55 56 63 64 65 119 120 127 128 129 1000 102400; do
            for hash in sha1 sha256; do
                it "cps3: signature key, ${hash^^}-RSA-PKCS of $length bytes" signs_a_message signature "$hash" "$length"
            done
        done
        it "cps3: the authentication key takes 102 bytes at most" authentication_key_limit 102
        for key in signature authentication; do
            for mechanism in RSA-PKCS-PSS SHA1-RSA-PKCS-PSS SHA256-RSA-PKCS-PSS; do
                it "cps3: $key key, $mechanism is refused before anything is sent" \
                    refuses_a_mechanism "$key" "$mechanism" CKR_MECHANISM_INVALID
            done
        done
    else
        for length in 0 1 64 1000 102400; do
            it "$card: signature key, SHA256-RSA-PKCS of $length bytes" signs_a_message signature sha256 "$length"
        done
        it "$card: the authentication key takes 245 bytes at most" authentication_key_limit 245
        for key in signature authentication; do
            for hash in sha1 sha256; do
                it "$card: $key key, ${hash^^}-RSA-PKCS-PSS" signs_with_pss "$key" "$hash"
                it "$card: $key key, RSA-PKCS-PSS with a hash of $hash" signs_a_hash_with_pss "$key" "$hash"
            done
        done
    fi
done
for card in cps3-unpadded cps3-wordy cps3-fetching; do
    insert "$card" || give_up "no card" "pas de carte"
    for key in signature authentication; do
        it "$card: $key key, SHA256-RSA-PKCS" signs_a_message "$key" sha256 300
    done
done
finish
