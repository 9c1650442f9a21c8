#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mail by OpenSSL and by gpgsm, and what is wrong with the latter (docs/clients/mail.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# OpenSSL, to oneself, first signed, then encrypted.
signs_and_encrypts() {
    opens_page clients/mail.md
    authorities_file
    puts colleague.pem authentication.pem
    cp "$(certificate authentication)" authentication.pem
    cp "$(certificate signature)" signature.pem
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
    types "export" "$pin"
    contains mail.eml "To: colleague@example.org" "multipart/signed"
    types "openssl cms -encrypt"
    lacks to-send.eml Ordonnance
    mv to-send.eml secret.eml
    types "openssl cms -decrypt" "$pin"
    contains out "Ordonnance : deux verres" "CMS Verification successful"
    pins_presented 2
    tries_spent 0
}

# sets_up ANSWER...: as the page says; the dialog for the PIN gets these answers, then it is
# cancelled. It has a line in the file asked for each question.
sets_up() {
    local root
    opens_page clients/mail.md
    install -d -m 700 -o $person_number .gnupg
    writes scdaemon-program .gnupg/gpg-agent.conf
    writes "providers cps" .gnupg/gnupg-pkcs11-scd.conf
    printf '%s\n' "$@" >answers
    : >asked
    cat >pinentry <<'END'
#!/bin/bash
echo "OK ready"
while read -r word rest; do
    case $word in
    GETPIN)
        echo "$word" >>~/asked
        pin=$(sed -n "$(wc -l <~/asked)p" ~/answers)
        if [ -n "$pin" ]; then printf 'D %s\nOK\n' "$pin"; else echo "ERR 83886179 Operation cancelled"; fi
        ;;
    BYE) echo OK && exit ;;
    *) echo OK ;;
    esac
done
END
    chmod 755 pinentry
    chmod 666 asked
    echo "pinentry-program $PWD/pinentry" >>.gnupg/gpg-agent.conf
    root=$(openssl x509 -in "$hierarchy/ca/racine-fort/cert.pem" -noout -fingerprint -sha1)
    echo "${root#*=} S relax" >.gnupg/trustlist.txt
    cp "$hierarchy/ca/racine-fort/cert.pem" root.pem
    cp "$hierarchy/ca/fort-personnes/cert.pem" persons.pem
    echo disable-crl-checks >.gnupg/gpgsm.conf
    does "gpgsm --batch --quiet --import root.pem persons.pem"
    types "gpgsm --learn-card"
    pins_presented 0
    local_user=0x$(openssl x509 -in "$(certificate signature)" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
    puts KEY "$local_user"
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
}

# A signature whose first bit is set is a byte too long: gpgsm takes it, OpenSSL does not.
works_for_oneself() {
    local length
    sets_up "$pin"
    openssl cms -encrypt -aes256 -binary -in letter.txt -outform DER -out secret.p7m "$(certificate authentication)"
    types "gpgsm --detach-sign"
    contains out "Good signature"
    contains decrypted.txt "Ordonnance"
    pins_presented 1
    equal 1 "$(wc -l <asked)"
    length=$(openssl asn1parse -inform DER -in letter.p7s | sed -n 's/.* l= *\([0-9]*\) prim: *OCTET STRING.*/\1/p' | tail -n 1)
    if openssl cms -verify -binary -inform DER -in letter.p7s -content letter.txt -CAfile "$hierarchy/roots.pem" \
        -certfile "$hierarchy/intermediates.pem" -purpose any -out /dev/null 2>verdict; then
        equal 256 "$length"
    else
        contains verdict "wrong signature length"
        equal 257 "$length"
    fi
    tries_spent 0
}

# It asks three times within one command.
three_wrong_answers_block_the_card() {
    sets_up 9999 9998 9997
    does "! gpgsm --batch --local-user $local_user --detach-sign --output letter.p7s letter.txt"
    equal 3 "$(wc -l <asked)"
    tries_spent 3
}

cancelled_after_a_wrong_pin() {
    sets_up 9999
    does "! gpgsm --batch --local-user $local_user --detach-sign --output letter.p7s letter.txt"
    tries_spent 1
}

client mail openssl libengine-pkcs11-openssl gpgsm gpg-agent gnupg-pkcs11-scd
with_pages
for card in cps3 cps4; do
    scenario $card "the page: OpenSSL signs, encrypts, decrypts and verifies" signs_and_encrypts
    scenario $card "the page: gpgsm signs, verifies, decrypts, by one PIN; OpenSSL refuses a signature that is too long" \
        works_for_oneself
    scenario $card "gpgsm: a wrong PIN, then cancelled: one try" cancelled_after_a_wrong_pin
done
scenario cps4 "gpgsm: three wrong answers to one command block the card" three_wrong_answers_block_the_card
page_is_read clients/mail.md
finish
