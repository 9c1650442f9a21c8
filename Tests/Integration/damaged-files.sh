#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cards with a file that is cut off or garbled: a code where the file is needed,
# and everything else listed and usable.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# survives: no crash and no hang; a code or an answer for everything.
survives() {
    local result=0
    timeout 60 pkcs11-tool --module "$library" --list-slots >slots 2>&1 || result=$?
    [ "$result" -le 1 ]
    timeout 60 pkcs11-tool --module "$library" --login --pin 1234 --list-objects >objects 2>&1 || result=$?
    cat objects
    [ "$result" -le 1 ]
    calls "token-info 0" "open 0" "login user 1234" "value CPS_NAME_PS" "value CPS_ACTIVITY_01_PS" \
        "sign CPS_PRIV_SIG $(printf 'a%.0s' {1..64})" "sign CPS_PRIV_AUT 00112233" >answers
    cat answers
    # Each call is answered by a code that this program knows.
    equal 7 "$(grep -c '^CKR_[A-Z]' answers)"
    calls "open 0" "login user 1234" attributes >attributes
    grep -q '^CKR_' attributes
}

# answered NUMBER CODE: the call's answer, among those above.
answered() { equal "$2" "$(sed -n "$1p" answers | cut -d' ' -f1)"; }

# usable NUMBER...: these calls were answered with CKR_OK.
usable() {
    local number
    for number in "$@"; do answered "$number" CKR_OK; done
}

# unusable NUMBER...: these calls were answered with another code.
unusable() {
    local number
    for number in "$@"; do
        if answered "$number" CKR_OK >unusable.log; then return 1; fi
    done
}

# A directory file that cannot be read: what it lists is gone, the rest is there.
without_directory() { # CARD FILE DAMAGE
    insert "$1" "--$3" "$2=${4:-3}"
    survives
    case $2 in
    0001/7001) usable 1 2 4 && unusable 3 ;;
    0001/7002) usable 1 2 3 4 5 && unusable 6 7 ;;
    0001/7004) usable 1 2 3 4 5 6 7 ;;
    0001/7005) usable 1 2 3 4 5 && answered 6 CKR_DEVICE_ERROR && answered 7 CKR_DEVICE_ERROR ;;
    0001/7006) usable 1 2 3 6 7 && unusable 4 5 ;;
    esac
}

# A card without a readable beginning is no token, but the slot answers.
without_foundation() { # CARD FILE DAMAGE VALUE
    insert "$1" "--$3" "$2=$4"
    survives
    calls "slot-info 0" >out
    equal "CKR_OK present" "$(cat out)"
}

without_certificate() { # CARD KEY FILE DAMAGE VALUE
    local other=signature checked=6 unchecked=7
    [ "$2" = authentication ] || { other=authentication && checked=7 unchecked=6; }
    insert "$1" "--$4" "$3=$5"
    survives
    usable 1 2 3 4 5 $checked
    # No signature that could not be checked.
    answered $unchecked CKR_DEVICE_ERROR
    read_public_key "$other"
    cmp certificate.der "$issued/$other.cert.der"
    if p11 --read-object --type cert --id "$(key_id "$2")" --output-file damaged.der; then
        # What comes must not pass for a certificate.
        if openssl x509 -inform DER -in damaged.der -noout; then return 1; fi
    fi
    # The other key signs.
    echo "a document" >message
    sign "$other" SHA256-RSA-PKCS message
    verify sha256 message
}

# Data objects are bytes: whatever stands there is their value.
without_data() { # CARD LABEL FILE DAMAGE VALUE EXPECTED
    insert "$1" "--$4" "$3=$5"
    survives
    usable 1 2 3 6 7
    calls "open 0" "login user 1234" "value $2" >out
    equal "CKR_OK $6" "$(sed -n 3p out)"
}

# What is left of a data object's file is its value.
data_cut_off() {
    insert "$1"
    calls "open 0" "value CPS_ID_CARD" >whole
    insert "$1" --truncate-file 0001/D101=3
    calls "open 0" "value CPS_ID_CARD" >shortened
    equal "$(sed -n 2p whole | cut -c1-13)" "$(sed -n 2p shortened)"
    survives
    usable 1 2 3 4 5 6 7
}

tool p11-calls
start_pcscd
garbage=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5
too_long=307fffffffff0401
for card in cps3 cps4; do
    for file in 7001 7002 7004 7005 7006; do
        it "$card: $file cut off after 3 bytes" without_directory "$card" 0001/$file truncate-file 3
        it "$card: $file empty" without_directory "$card" 0001/$file truncate-file 0
        it "$card: $file garbled" without_directory "$card" 0001/$file corrupt-file $garbage
        it "$card: $file with a length beyond its end" without_directory "$card" 0001/$file corrupt-file $too_long
    done
    for file in 5031 5032; do
        it "$card: $file cut off after 3 bytes" without_foundation "$card" 0001/$file truncate-file 3
        it "$card: $file empty" without_foundation "$card" 0001/$file truncate-file 0
        it "$card: $file garbled" without_foundation "$card" 0001/$file corrupt-file $garbage
        it "$card: $file with a length beyond its end" without_foundation "$card" 0001/$file corrupt-file $too_long
    done
    for file in 2F00 D003; do
        it "$card: $file cut off after 3 bytes" without_foundation "$card" $file truncate-file 3
        it "$card: $file garbled" without_foundation "$card" $file corrupt-file $garbage
    done
    it "$card: signature certificate cut off" without_certificate "$card" signature 0001/A001 truncate-file 100
    it "$card: signature certificate garbled" without_certificate "$card" signature 0001/A001 corrupt-file $garbage
    it "$card: authentication certificate cut off" without_certificate "$card" authentication 0001/A002 truncate-file 100
    it "$card: authentication certificate empty" without_certificate "$card" authentication 0001/A002 truncate-file 0
    it "$card: authentication certificate garbled" without_certificate "$card" authentication 0001/A002 corrupt-file $garbage
    it "$card: CPS_ID_CARD cut off" data_cut_off "$card"
    it "$card: CPS_ID_CARD empty" without_data "$card" CPS_ID_CARD 0001/D101 truncate-file 0 ""
    it "$card: CPS_ID_CARD garbled" without_data "$card" CPS_ID_CARD 0001/D101 corrupt-file $garbage $garbage
    it "$card: CPS_ACTIVITY_03_PS garbled" without_data "$card" CPS_ACTIVITY_03_PS 0001/D122 corrupt-file $garbage $garbage
done
finish
