#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the objects of a card hold: certificates, data, attributes; and how they
# are found.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

reads_certificates() {
    insert "$1"
    local key
    for key in signature authentication; do
        read_public_key "$key"
        cmp certificate.der "$issued/$key.cert.der"
    done
}

# The card holds what the test put there.
reads_public_data() { # CARD LABEL FILE
    local value
    value=$(known_value)
    insert "$1" --corrupt-file "$3=$value"
    p11 --read-object --type data --label "$2" --output-file value
    equal "$value" "$(xxd -p value | tr -d '\n')"
}

reads_private_data() { # CARD LABEL FILE
    local value
    value=$(known_value)
    insert "$1" --corrupt-file "$3=$value"
    if p11 --read-object --type data --label "$2" --output-file value; then return 1; fi
    [ ! -s value ]
    logged_in --read-object --type data --label "$2" --output-file value
    equal "$value" "$(xxd -p value | tr -d '\n')"
}

# A TLV of 300 random bytes, which needs two READ BINARY.
known_value() { echo "ee82012c$(head -c 300 /dev/urandom | xxd -p | tr -d '\n')"; }

# The old volet of a CPS3, whose files cannot be replaced: what went over the wire.
reads_old_volet() { # LABEL
    insert cps3
    if p11 --read-object --type data --label "$1" --output-file value; then return 1; fi
    equal "" "$(commands 'A0 B0 ')"
    logged_in --read-object --type data --label "$1" --output-file value
    awk '/ > /{ read = /> A0 B0 / } / < / && read { sub(/.* < /, ""); sub(/ ?SW .*/, ""); print }' "$trace" |
        tr -d ' \n' | tr A-F a-f >sent
    [ -s sent ]
    equal "$(cat sent)" "$(xxd -p value | tr -d '\n')"
}

reads_after_the_old_volet() {
    insert cps3
    calls "open 0" "login user 1234" "value CPS_SIT_FACT" "value CPS_ACTIVITY_01_PS" "value CPS2TER_ACTIVITY_01_PS" \
        "value CPS_ACTIVITY_03_PS" "sign CPS_PRIV_SIG $(printf 'a%.0s' {1..64})" >out
    equal CKR_OK,CKR_OK,CKR_OK,CKR_OK,CKR_OK,CKR_OK,CKR_OK "$(cut -d' ' -f1 out | paste -sd,)"
    [ "$(sed -n 4p out)" != "$(sed -n 5p out)" ]
    grep -q '> A0 A4 ' "$trace"
}

# The serial number of the issued certificate, as openssl prints it.
serial_number() { openssl x509 -in "$issued/$1.cert.pem" -noout -serial | cut -d= -f2 | tr A-F a-f; }

# der_integer HEX: with tag, length, and 00 in front of a set first bit.
der_integer() {
    local content=$1
    if [ $((0x${content:0:2})) -ge 128 ]; then content=00$content; fi
    printf '02%02x%s' $((${#content} / 2)) "$content"
}

bare_content() { der_integer "$1" | cut -c5-; }

finds_by_serial_number() {
    insert "$1"
    local key number issuer
    for key in signature authentication; do
        number=$(serial_number "$key")
        calls "open 0" "find CKA_CLASS=0100000000000000 CKA_SERIAL_NUMBER=$(der_integer "$number")" \
            "find CKA_CLASS=0100000000000000 CKA_SERIAL_NUMBER=$(bare_content "$number")" \
            "find CKA_SERIAL_NUMBER=$(der_integer "0${number:1:36}01")" >out
        contains out "CKR_OK 1; certificate Certificat d"
        equal 2 "$(grep -c "^CKR_OK 1; certificate Certificat d['e]" out)"
        equal 1 "$(sed -n 2,3p out | sort -u | wc -l)"
        equal "CKR_OK 0" "$(sed -n 4p out)"
    done
}

finds_by_identifier() {
    insert "$1"
    calls "open 0" "login user 1234" "find CKA_ID=$signature_id" "find CKA_ID=$authentication_id CKA_CLASS=0300000000000000" \
        "find CKA_LABEL=$(printf CPS_PRIV_AUT | xxd -p)" "find CKA_LABEL=00" >out
    equal "CKR_OK 3" "$(sed -n 3p out | cut -d';' -f1)"
    equal "CKR_OK 1; private-key CPS_PRIV_AUT" "$(sed -n 4p out)"
    equal "CKR_OK 1; private-key CPS_PRIV_AUT" "$(sed -n 5p out)"
    equal "CKR_OK 0" "$(sed -n 6p out)"
}

finds_by_value() {
    insert "$1"
    calls "open 0" "find CKA_VALUE=$(xxd -p "$issued/authentication.cert.der" | tr -d '\n' | head -c 2000)" >out
    equal "CKR_OK 0" "$(sed -n 2p out)"
}

# attribute CLASS LABEL NAME: from the listing of all attributes.
attribute() { grep -aF "$1|$2|$3|" attributes | cut -d'|' -f4; }

list_attributes() {
    insert "$1"
    calls "open 0" "login user 1234" attributes >attributes
    equal CKR_OK "$(tail -n 1 attributes)"
}

yes=01 no=00

private_key_attributes() {
    list_attributes "$1"
    local label key modulus id
    for key in signature authentication; do
        if [ "$key" = signature ]; then label=CPS_PRIV_SIG; else label=CPS_PRIV_AUT; fi
        private() { attribute private-key $label "$1"; }
        for name in CKA_TOKEN CKA_PRIVATE CKA_SENSITIVE CKA_ALWAYS_SENSITIVE CKA_NEVER_EXTRACTABLE CKA_LOCAL CKA_SIGN; do
            equal "$name $yes" "$name $(private $name)"
        done
        for name in CKA_MODIFIABLE CKA_EXTRACTABLE CKA_SIGN_RECOVER CKA_DERIVE CKA_UNWRAP; do
            equal "$name $no" "$name $(private $name)"
        done
        equal "$(key_id "$key")" "$(private CKA_ID)"
        equal 0000000000000000 "$(private CKA_KEY_TYPE)"
        equal ffffffffffffffff "$(private CKA_KEY_GEN_MECHANISM)"
        equal 010001 "$(private CKA_PUBLIC_EXPONENT)"
        modulus=$(openssl x509 -in "$issued/$key.cert.pem" -noout -modulus | cut -d= -f2 | tr A-F a-f)
        equal "$modulus" "$(private CKA_MODULUS)"
        equal CKR_ATTRIBUTE_SENSITIVE "$(private CKA_PRIVATE_EXPONENT)"
        equal CKR_ATTRIBUTE_SENSITIVE "$(private CKA_PRIME_1)"
        # True would ask for the PIN again and again, and breaks programs.
        [ "$(private CKA_ALWAYS_AUTHENTICATE)" != $yes ]
    done
    equal $yes "$(attribute private-key CPS_PRIV_AUT CKA_DECRYPT)"
    equal $no "$(attribute private-key CPS_PRIV_SIG CKA_DECRYPT)"
}

# The standard gives these to public keys only; the official library answers them
# for private keys as well, from the usage bits.
private_key_usage_of_the_official_library() {
    list_attributes "$1"
    local label name
    for label in CPS_PRIV_SIG CPS_PRIV_AUT; do
        for name in CKA_ENCRYPT CKA_VERIFY CKA_VERIFY_RECOVER CKA_WRAP; do
            equal "$name $no" "$name $(attribute private-key $label $name)"
        done
    done
}

certificate_attributes() {
    list_attributes "$1"
    local label key
    for key in signature authentication; do
        if [ "$key" = signature ]; then label="Certificat de Signature CPS"; else label="Certificat d'Authentification CPS"; fi
        certificate() { attribute certificate "$label" "$1"; }
        equal 0000000000000000 "$(certificate CKA_CERTIFICATE_TYPE)"
        equal $yes "$(certificate CKA_TOKEN)"
        equal $no "$(certificate CKA_PRIVATE)"
        equal $no "$(certificate CKA_MODIFIABLE)"
        equal $no "$(certificate CKA_TRUSTED)"
        equal "$(key_id "$key")" "$(certificate CKA_ID)"
        equal "$(xxd -p "$issued/$key.cert.der" | tr -d '\n')" "$(certificate CKA_VALUE)"
        equal "$(der_integer "$(serial_number "$key")")" "$(certificate CKA_SERIAL_NUMBER)"
        # The names are parts of the certificate, and begin as a SEQUENCE.
        for name in CKA_SUBJECT CKA_ISSUER; do
            equal 30 "$(certificate $name | cut -c1-2)"
            xxd -p "$issued/$key.cert.der" | tr -d '\n' | grep "$(certificate $name)" >/dev/null
        done
    done
}

public_key_attributes() {
    list_attributes "$1"
    local id
    for id in "$signature_id" "$authentication_id"; do
        grep -aq "^public-key|.*|CKA_ID|$id\$" attributes
    done
    grep -a '^public-key|' attributes >public
    equal 2 "$(grep -ac '|CKA_CLASS|' public)"
    equal "$no $no" "$(grep -a '|CKA_PRIVATE|' public | cut -d'|' -f4 | paste -sd' ')"
    equal "$yes $yes" "$(grep -a '|CKA_VERIFY|' public | cut -d'|' -f4 | paste -sd' ')"
    equal "0008000000000000 0008000000000000" "$(grep -a '|CKA_MODULUS_BITS|' public | cut -d'|' -f4 | paste -sd' ')"
}

data_attributes() {
    list_attributes "$1"
    equal $yes "$(attribute data CPS_DATA CKA_MODIFIABLE)"
    equal $no "$(attribute data CPS_NAME_PS CKA_MODIFIABLE)"
    equal $no "$(attribute data CPS_NAME_PS CKA_PRIVATE)"
    equal $yes "$(attribute data CPS_ACTIVITY_07_PS CKA_PRIVATE)"
    equal $yes "$(attribute data CPS_SIT_FACT CKA_PRIVATE)"
    equal "$(printf CPS | xxd -p)" "$(attribute data CPS_NAME_PS CKA_APPLICATION)"
    equal "$(printf '0%.0s' {1..512})" "$(attribute data CPS_DATA CKA_VALUE)"
    # The holder's name is in it.
    attribute data CPS_NAME_PS CKA_VALUE | grep "$(printf DOC0073574 | xxd -p)" >/dev/null
}

# Not one of these goes to the card: what is known is not read again.
searches_from_memory() {
    insert "$1"
    local search
    for search in {1..30}; do echo "find CKA_ID=$signature_id"; done >searches
    calls "open 0" "find CKA_CLASS=0100000000000000" "find CKA_ID=$signature_id" >out
    once=$(grep -c ' > ' "$trace")
    forget_trace
    rm -r "$XDG_CACHE_HOME"
    calls "open 0" "find CKA_CLASS=0100000000000000" "$(cat searches)" >out
    equal "$once" "$(grep -c ' > ' "$trace")"
    equal 32 "$(grep -c CKR_OK out)"
}

tool p11-calls
start_pcscd
for card in cps3 cps4 cps4-t0; do
    it "$card: reads both certificates as they were issued" reads_certificates "$card"
    it "$card: reads public data without login" reads_public_data "$card" CPS_NAME_PS 0001/D102
    it "$card: reads CPS_ID_CARD without login" reads_public_data "$card" CPS_ID_CARD 0001/D101
    it "$card: reads private data only after login" reads_private_data "$card" CPS_ACTIVITY_03_PS 0001/D122
    if [ "$card" = cps3 ]; then
        it "cps3: reads CPS_SIT_FACT only after login" reads_old_volet CPS_SIT_FACT
        it "cps3: reads CPS2TER_ACTIVITY_03_PS only after login" reads_old_volet CPS2TER_ACTIVITY_03_PS
    else
        it "$card: reads CPS_SIT_FACT only after login" reads_private_data "$card" CPS_SIT_FACT 0001/D10F
        it "$card: reads CPS2TER_ACTIVITY_01_PS only after login" reads_private_data "$card" CPS2TER_ACTIVITY_01_PS 0001/D130
    fi
    it "$card: finds a certificate by its serial number, DER or bare" finds_by_serial_number "$card"
    it "$card: finds objects by CKA_ID and by label" finds_by_identifier "$card"
    it "$card: a part of a value finds nothing" finds_by_value "$card"
    it "$card: attributes of private keys" private_key_attributes "$card"
    it "$card: usage attributes of private keys that only the official library has" \
        private_key_usage_of_the_official_library "$card"
    it "$card: attributes of certificates" certificate_attributes "$card"
    it "$card: attributes of public keys" public_key_attributes "$card"
    it "$card: attributes of data objects" data_attributes "$card"
    it "$card: answers searches from memory" searches_from_memory "$card"
done
for card in cps3-unpadded cps3-wordy cps3-fetching; do
    it "$card: reads both certificates as they were issued" reads_certificates "$card"
    it "$card: reads private data only after login" reads_private_data "$card" CPS_ACTIVITY_03_PS 0001/D122
done
it "cps2ter and IAS volets of a CPS3 alternate in one session, then it signs" reads_after_the_old_volet
finish
