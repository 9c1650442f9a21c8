#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What programs show of a card before they use it: slots, information,
# mechanisms, objects.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

shows_the_token() {
    insert "$1"
    local most=8
    [ "$sample" != cps3 ] || most=4
    p11 --list-slots >out
    contains out "Slot 0 (0x0): Virtual reader 00 00" "token label        : $label" \
        "token manufacturer : ASIP SANTE" "token model        : IAS ECC" "serial num         : $serial" \
        "pin min/max        : 4/$most"
    grep 'token flags' out >flags
    contains flags "login required" rng "token initialized" "PIN initialized" readonly
    contains out "Slot 1 (0x1): Virtual reader 00 01" "(empty)"
}

shows_the_library() {
    insert "$1"
    p11 --show-info >out
    contains out "Cryptoki version" "Manufacturer" "Library" "(ver $(cut -d. -f1,2 "$project/VERSION"))"
}

shows_mechanisms() {
    insert "$1"
    p11 --list-mechanisms >out
    local name
    for name in SHA-1 SHA256; do grep -Eq "^  $name, .*digest" out; done
    grep -Eq '^  RSA-PKCS, keySize=\{(512|2048),2048\}, hw, .*decrypt.*sign' out
    for name in SHA1 SHA256 SHA384 SHA512; do grep -Eq "^  $name-RSA-PKCS, .*hw, sign" out; done
}

shows_pss() {
    insert "$1"
    p11 --list-mechanisms >out
    local name
    for name in RSA-PKCS-PSS SHA1-RSA-PKCS-PSS SHA256-RSA-PKCS-PSS; do
        if [ "$2" = yes ]; then contains out "  $name, "; else lacks out "$name"; fi
    done
}

# The labels of one kind of object in a listing, in its order.
labels() { # KIND FILE
    awk -v kind="$1" '/^[A-Z]/ { this = $1 } $1 == "label:" && this == kind {
        sub(/^ *label: */, ""); gsub(/^\047|\047$/, ""); print }' "$2" | tr -d '\000' | paste -sd,
}

lists_public_objects() {
    insert "$1"
    p11 --list-objects >out
    equal "Certificat de Signature CPS,Certificat d'Authentification CPS" "$(labels Certificate out)"
    equal "" "$(labels Private out)"
    equal "$2" "$(labels Data out)"
    contains out "$signature_id" "$authentication_id"
    equal 2 "$(grep -c '^Public Key Object; RSA 2048 bits' out)"
}

lists_all_objects() {
    insert "$1"
    logged_in --list-objects >out
    equal "CPS_PRIV_SIG,CPS_PRIV_AUT" "$(labels Private out)"
    equal "Certificat de Signature CPS,Certificat d'Authentification CPS" "$(labels Certificate out)"
    equal "$2" "$(labels Data out)"
    contains out "sensitive, always sensitive, never extractable"
}

lists_keys_first() {
    insert "$1"
    logged_in --list-objects >out
    equal "Private,Public,Certificate,Private,Public,Certificate" \
        "$(awk '/^[A-Z].*(Object;)/ { print $1 }' out | paste -sd, | sed 's/Certificate,Public/Public,Certificate/g')"
}

public_keys_have_labels() {
    insert "$1"
    p11 --list-objects >out
    equal "$2" "$(labels Public out)"
}

lists_without_sending_a_pin() {
    insert "$1"
    p11 --list-objects >out
    # An empty VERIFY reads the counter of a CPS4; one with data presents a PIN.
    commands '[0-9A-F]{2} 20 00 [0-9A-F]{2} [0-9A-F]{2} ' >presented
    equal "" "$(cat presented)"
}

cards_in_both_readers() {
    insert cps3
    insert_card 1 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json" --protocol t1
    p11 --list-slots >out
    contains out CPS3v3-2600000001 CPS4v1-2600000004
    p11 --token-label CPS4v1-2600000004 --list-objects >out
    contains out e828bd080f8025000001ff001020
    p11 --token-label CPS3v3-2600000001 --list-objects >out
    contains out e828bd080f8025000001ff001002
    remove_card 1
}

# A card whose signature certificate, the first one in the card's order, has expired:
# a search for certificates finds the other one first.
lists_an_expired_certificate_last() {
    copy_hierarchy hierarchy
    sed 's/99213845/99213899/; s/"cpsDataSize"/"certificates": { "signature": "expired" }, "cpsDataSize"/' \
        "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" >profile.json
    CPS_VIRTUAL_CARD=$virtual_card "$project/scripts/make-test-hierarchy" hierarchy profile.json >/dev/null
    insert cps3
    first_certificate_is "Certificat de Signature CPS"
    insert_card 0 --hierarchy "$PWD/hierarchy" --profile profile.json --protocol t0
    first_certificate_is "Certificat d'Authentification CPS"
}

first_certificate_is() { # LABEL
    local found
    printf '%s\n' "open 0" "find CKA_CLASS=0100000000000000" | "$work/p11-calls" "$library" >out
    cat out
    found=$(grep -o "Certificat d[^;]* CPS" out | head -n 1)
    equal "$1" "$found"
}

# Private objects come before the public ones; CPS4 has the old volet's as well.
activities=CPS_ACTIVITY_01_PS,CPS_ACTIVITY_03_PS,CPS_ACTIVITY_07_PS
old_activities=CPS2TER_ACTIVITY_01_PS,CPS2TER_ACTIVITY_03_PS,CPS2TER_ACTIVITY_07_PS
public=CPS_ID_CARD,CPS_NAME_PS,CPS_LANG_PS,CPS_INFO_PS,CPS_DATA
old_public=CPS2TER_ATR,CPS2TER_ID,CPS2TER_ICC,CPS2TER_NAME,CPS2TER_LANG,CPS2TER_PSINFO,CPS2TER_DIRAMO

public_of() { if [ "$1" = cps3 ]; then echo "$public"; else echo "$public,$old_public"; fi; }
private_of() {
    if [ "$1" = cps3 ]; then echo "$activities,CPS_SIT_FACT,$old_activities"; else echo "$activities,$old_activities,CPS_SIT_FACT"; fi
}

# An unprivileged user has no access to the project's folder perhaps, but to a
# library that is installed.
install_for_everyone() {
    cp "$library" "$work/libcps-pkcs11.so"
    chmod 755 "$work/libcps-pkcs11.so"
}

unprivileged_user() {
    insert "$1"
    local library=$work/libcps-pkcs11.so
    p11() { timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups pkcs11-tool --module "$library" "$@"; }
    equal 65534 "$(setpriv --reuid=65534 --regid=65534 --clear-groups id -u)"
    p11 --list-slots >out
    contains out "$label"
    logged_in --list-objects >out
    contains out CPS_PRIV_SIG
    echo "a document" >document
    chmod 644 document
    read_public_key signature
    sign signature SHA256-RSA-PKCS document
    verify sha256 document
}

tool p11-calls
start_pcscd
for card in cps3 cps4 cps4-t0; do
    it "$card: shows the token in its slot, and the other slot as empty" shows_the_token "$card"
    it "$card: shows information on the library" shows_the_library "$card"
    it "$card: lists digests and PKCS #1 v1.5 mechanisms" shows_mechanisms "$card"
    it "$card: lists public objects without a PIN" lists_public_objects "$card" "$(public_of "$card")"
    it "$card: lists private objects as well after login" lists_all_objects "$card" \
        "$(private_of "$card"),$(public_of "$card")"
    it "$card: lists each key with its public key and certificate" lists_keys_first "$card"
    it "$card: presents no PIN of its own accord" lists_without_sending_a_pin "$card"
done
it "cps3: does not offer PSS" shows_pss cps3 no
it "cps4: offers PSS" shows_pss cps4 yes
it "cps3: public keys are labelled after their certificates" public_keys_have_labels cps3 \
    "Cle publique - Certificat de Signature CPS,Cle publique - Certificat d'Authentification CPS"
it "cps4: public keys have the labels of the card" public_keys_have_labels cps4 CPS_PUB_SIG,CPS_PUB_AUT
it "two cards in two slots are told apart" cards_in_both_readers
it "an expired certificate comes last" lists_an_expired_certificate_last
install_for_everyone
it "cps3: an unprivileged user lists, logs in and signs" unprivileged_user cps3
it "cps4: an unprivileged user lists, logs in and signs" unprivileged_user cps4
finish
