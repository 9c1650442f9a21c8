#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PyKCS11 and python-pkcs11, from PyPI (docs/clients/python.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

environment=$project/.build/clients-python

# python PROGRAM ARGUMENT...: a program of Tests/Clients/programs.
python() { within 30 "$environment/bin/python3" "$project/Tests/Clients/programs/$1.py" "$full" "${@:2}" >out 2>errors; }

signs() { # PROGRAM
    echo "a document" >document
    python "$1" "$pin" document signature || { cat errors; return 1; }
    contains out "$label" "Certificat d'Authentification CPS" "Certificat de Signature CPS"
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    card_did signature pkcs1
    tries_spent 0
}

wrong_pin() { # PROGRAM
    echo "a document" >document
    fails python "$1" 9999 document signature
    grep -Eqi 'CKR_PIN_INCORRECT|PinIncorrect' errors || { cat errors; return 1; }
    tries_spent 1
}

# The program of docs/virtual-cards.md, for makers of other programs.
signs_as_the_page_says() {
    echo "a document" >document
    example "# sign.py" >sign.py
    within 30 "$environment/bin/python3" sign.py document signature <<<"$pin" >out 2>errors || { cat errors; return 1; }
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    tries_spent 0
}

no_pin() { # PROGRAM
    echo "a document" >document
    fails python "$1" "" document signature
    no_pin_presented
}

# The page's programs, as its reader writes them.
follows_the_page() {
    local block
    opens_page clients/python.md root
    puts "venv cps" "venv $environment"
    puts cps/bin/pip "$environment/bin/pip --quiet --disable-pip-version-check"
    # Once is enough.
    [ "$sample" != cps3 ] || types "sudo apt install"
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    for block in $'import getpass\nimport PyKCS11' $'import getpass\nimport pkcs11'; do
        writes "$block" program.py
        forget_trace
        does "$environment/bin/python3 program.py" "$pin"
        openssl dgst -sha256 -verify public-key.pem -signature letter.sig letter.txt
        rm letter.sig
        card_did signature pkcs1
        pins_presented 1
    done
    tries_spent 0
}

client python python3-venv
with_pages
[ -x "$environment/bin/python3" ] || in_group python3 -m venv "$environment"
within 120 "$environment/bin/python3" -m pip install --quiet --disable-pip-version-check PyKCS11 python-pkcs11 >"$work/pip.log" 2>&1 || {
    tail -n 3 "$work/pip.log"
    not_installed "PyKCS11, python-pkcs11 (PyPI)"
}
for card in cps3 cps4; do
    scenario $card "the page: installs, and signs by its two programs" follows_the_page
    scenario $card "the page's program logs in and signs; verified by OpenSSL" signs_as_the_page_says
    for program in pykcs11 python-pkcs11; do
        scenario $card "$program: lists, logs in and signs; verified by OpenSSL" signs "$program"
        scenario $card "$program: a wrong PIN spends one try" wrong_pin "$program"
        scenario $card "$program: no PIN spends none" no_pin "$program"
    done
done
page_is_read clients/python.md
finish
