#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# NSS's tools (docs/clients/nss.md). Firefox, Thunderbird and Chromium are built on NSS.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# database MODULE: an NSS database with this module and the test hierarchy.
database() {
    local ca
    mkdir db
    within 20 certutil -N -d sql:db --empty-password
    within 20 modutil -dbdir sql:db -force -add CPS -libfile "$1" >modutil.log 2>&1 || { cat modutil.log; return 1; }
    for ca in "$hierarchy"/ca/*/cert.pem; do
        within 20 certutil -A -d sql:db -n "$(basename "$(dirname "$ca")")" -t CT,C, -a -i "$ca"
    done
    printf '%s\n' "$pin" >pin
}

authentication="Certificat d'Authentification CPS"
signature="Certificat de Signature CPS"

registers() {
    database "$full"
    # It ends with an error when one of the readers is empty, as the second one here.
    within 20 modutil -dbdir sql:db -list CPS >listing 2>&1 || true
    contains listing "Token Name: $label" "Status: Enabled"
    within 20 modutil -dbdir sql:db -force -delete CPS
    within 20 modutil -dbdir sql:db -list >listing
    lacks listing libcps-pkcs11
    no_pin_presented
}

lists() {
    database "$full"
    within 20 certutil -L -d sql:db -h all -f pin >listing
    grep -E "$label:$authentication +u,u,u" listing
    grep -E "$label:$signature +u,u,u" listing
    within 20 certutil -K -d sql:db -h "$label" -f pin >keys
    equal 2 "$(grep -c '< *[0-9]*> rsa' keys)"
    tries_spent 0
}

# The certificates are public: a list costs no PIN.
lists_without_pin() {
    database "$full"
    within 20 certutil -L -d sql:db -h "$label" >listing 2>&1 </dev/null || true
    contains listing "$authentication" "$signature"
    no_pin_presented
}

browsers_see_one() { # MODULE
    database "$1"
    within 20 certutil -L -d sql:db -h all -f pin >listing
    contains listing "$label:$authentication"
    lacks listing "$signature"
}

by_parameter() {
    mkdir db
    within 20 certutil -N -d sql:db --empty-password
    within 20 modutil -dbdir sql:db -force -rawadd "library=$full name=CPS parameters=\"view=browser\"" >modutil.log 2>&1
    printf '%s\n' "$pin" >pin
    within 20 certutil -L -d sql:db -h all -f pin >listing
    contains listing "$label:$authentication"
    lacks listing "$signature"
}

# get PORT PIN-OPTION...: the login page by tstclnt.
get() {
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
    within 30 tstclnt -4 -d sql:db -h localhost -p "$1" -n "$label:$authentication" "${@:2}" -A request -E \
        >page 2>tstclnt.log </dev/null || { cat tstclnt.log; return 1; }
}

logs_in() { # PORT VERSION SCHEME [OPTION...]
    database "$browser"
    get "$1" -w "$pin" "${@:4}"
    logged_in_on page "$2"
    card_did authentication "$3"
    tries_spent 0
}

# NSS sends no certificate when no key can sign, and the server says so.
is_not_asked() { # PORT [OPTION...]
    database "$browser"
    get "$1" -w "$pin" "${@:2}" || true
    contains page "No required SSL certificate was sent"
    nobody_logged_in
    tries_spent 0
}

wrong_pin() {
    database "$browser"
    get "$tls12" -w 9999 || true
    nobody_logged_in
    tries_spent 1
}

no_pin() {
    database "$browser"
    get "$tls12" || true
    nobody_logged_in
    no_pin_presented
}

message() { printf 'Compte rendu confidentiel.\r\n' >message; }

cmsutil_signs() { # KEY NICKNAME
    database "$full"
    message
    within 30 cmsutil -S -d sql:db -N "$label:$2" -Y NONE -f pin -G -H SHA256 -i message -o signed
    openssl cms -verify -inform DER -in signed -CAfile "$hierarchy/roots.pem" -certfile "$hierarchy/intermediates.pem" \
        -purpose any -binary -out verified -signer signer
    cmp message verified
    cmp signer "$(certificate "$1")"
    card_did "$1" pkcs1
    tries_spent 0
}

cmsutil_verifies() { # KEY
    message
    PKCS11_MODULE_PATH=$full within 30 openssl cms -sign -binary -nodetach -outform DER -in message -out signed \
        -signer "$(certificate "$1")" -certfile "$hierarchy/intermediates.pem" -engine pkcs11 -keyform engine \
        -inkey "$(key_url "$1");pin-value=$pin"
    database "$full"
    within 30 cmsutil -D -d sql:db -u 4 -i signed -o verified
    cmp message verified
    LC_ALL=C sed 's/Compte rendu/Compte vendu/' signed >changed
    fails cmp -s signed changed
    fails within 30 cmsutil -D -d sql:db -u 4 -i changed -o verified
}

cmsutil_decrypts() {
    database "$full"
    message
    openssl cms -encrypt -aes256 -binary -outform DER -in message -out encrypted "$(certificate authentication)"
    within 30 cmsutil -D -d sql:db -f pin -i encrypted -o decrypted
    cmp message decrypted
    card_did authentication decrypt
    tries_spent 0
}

openssl_decrypts() {
    database "$full"
    message
    within 30 certutil -A -d sql:db -n doctor -t ,, -a -i "$(certificate authentication)"
    within 30 cmsutil -E -d sql:db -r doctor -i message -o encrypted -f pin
    PKCS11_MODULE_PATH=$full within 30 openssl cms -decrypt -inform DER -in encrypted -binary \
        -recip "$(certificate authentication)" -engine pkcs11 -keyform engine \
        -inkey "$(key_url authentication);pin-value=$pin" -out decrypted
    cmp message decrypted
}

signing_with_wrong_pin() {
    database "$full"
    message
    echo 9999 >pin
    fails within 30 cmsutil -S -d sql:db -N "$label:$signature" -Y NONE -f pin -i message -o signed
    tries_spent 1
}

signing_without_pin() {
    database "$full"
    message
    fails within 30 cmsutil -S -d sql:db -N "$label:$signature" -Y NONE -i message -o signed </dev/null
    no_pin_presented
}

# The page, as its reader types it.
follows_the_page() {
    local version=TLSv1.3 authority
    opens_page clients/nss.md
    if [ "$sample" = cps3 ]; then
        page_says "-V tls1.2:tls1.2"
        puts "tstclnt -d" "tstclnt -V tls1.2:tls1.2 -d"
        version=TLSv1.2
    fi
    puts "-h server -p 443" "-4 -h localhost -p $tls_any"
    puts file.cer racine-fort.cer
    for authority in racine-fort racine-standard fort-personnes; do
        cp "$hierarchy/ca/$authority/cert.der" $authority.cer
    done
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
    printf 'Compte rendu confidentiel.\r\n' |
        openssl cms -encrypt -aes256 -binary -outform DER -out secret.p7m "$(certificate authentication)"
    types "sudo apt install" "to continue=>"
    types "certutil -A"
    does 'certutil -A -d $D -n standard -t C,C,C -i racine-standard.cer; certutil -A -d $D -n persons -t ,, -i fort-personnes.cer'
    no_pin_presented
    types "certutil -L" "$pin" "$pin" "$pin" "$pin" 'Cert Status items=>GET / HTTP/1.0\n\n' '</html>=>^D'
    contains out "$label:$signature"
    contains secret.txt "Compte rendu confidentiel."
    openssl cms -verify -inform DER -in letter.p7m -CAfile "$hierarchy/roots.pem" -certfile "$hierarchy/intermediates.pem" \
        -purpose any -out /dev/null -signer signer
    cmp signer "$(certificate signature)"
    logged_in_on out "$version"
    tries_spent 0
}

# The blocks of the pages about browsers and mail that NSS's tools run.
registers_by_page() { # PAGE BLOCK
    opens_page "clients/$1.md"
    puts sql:PROFILE sql:profile
    does "mkdir profile && certutil -N -d sql:profile --empty-password"
    types "$2"
}

registers_in_firefox() {
    registers_by_page firefox "modutil -dbdir"
    lacks profile/pkcs11.txt "Carte CPS"
    no_pin_presented
}

registers_in_thunderbird() {
    registers_by_page thunderbird "modutil -dbdir"
    cp "$hierarchy/ca/racine-fort/cert.der" RACINE.cer
    cp "$hierarchy/ca/fort-personnes/cert.der" PERSONNES.cer
    types "certutil -A"
    within 20 certutil -V -d sql:profile -n "$label:$signature" -u S -e >verdict || { cat verdict; return 1; }
    no_pin_presented
}

registers_in_chromium() {
    opens_page clients/chromium.md
    types "mkdir -p"
    contains out "token: $label"
    lacks .pki/nssdb/pkcs11.txt "Carte CPS"
    no_pin_presented
}

client nss libnss3-tools openssl libengine-pkcs11-openssl
with_pages
scenario cps4 "tstclnt: TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss -V tls1.3:tls1.3
scenario cps4 "tstclnt: TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss -V tls1.2:tls1.2
scenario cps4 "tstclnt: both offered, TLS 1.3" logs_in "$tls_any" TLSv1.3 pss -V tls1.2:tls1.3
scenario cps3 "tstclnt: TLS 1.2 by PKCS#1 v1.5" logs_in "$tls12" TLSv1.2 pkcs1
scenario cps3 "tstclnt: both offered, TLS 1.2 at most" logs_in "$tls_any" TLSv1.2 pkcs1 -V tls1.2:tls1.2
scenario cps3 "tstclnt: TLS 1.3, no certificate is sent" is_not_asked "$tls13"
scenario cps3 "tstclnt: both offered, no certificate is sent" is_not_asked "$tls_any"
for card in cps3 cps4; do
    scenario $card "the page: registers, lists, signs, decrypts, logs in" follows_the_page
    scenario $card "modutil adds the module and takes it out" registers
    scenario $card "certutil lists both certificates with their keys" lists
    scenario $card "certutil lists the certificates without a PIN" lists_without_pin
    scenario $card "the browsers' file shows the authentication certificate alone" browsers_see_one "$browser"
    scenario $card "the parameter view=browser does so too" by_parameter
    scenario $card "cmsutil signs by the signature key; OpenSSL verifies" cmsutil_signs signature "$signature"
    scenario $card "cmsutil signs by the authentication key; OpenSSL verifies" cmsutil_signs authentication "$authentication"
    scenario $card "cmsutil verifies what OpenSSL signed with the card" cmsutil_verifies signature
    scenario $card "cmsutil decrypts what OpenSSL encrypted to the card" cmsutil_decrypts
    scenario $card "OpenSSL decrypts with the card what cmsutil encrypted" openssl_decrypts
    scenario $card "tstclnt: a wrong PIN spends one try" wrong_pin
    scenario $card "tstclnt: no PIN spends none" no_pin
    scenario $card "cmsutil: a wrong PIN spends one try" signing_with_wrong_pin
    scenario $card "cmsutil: no PIN spends none" signing_without_pin
done
scenario cps3 "the page about Firefox: modutil registers the library and takes it out" registers_in_firefox
scenario cps4 "the page about Thunderbird: the signature certificate counts for mail" registers_in_thunderbird
scenario cps4 "the page about Chromium: modutil registers the library and takes it out" registers_in_chromium
page_is_read clients/nss.md
page_is_read clients/firefox.md
page_is_read clients/thunderbird.md
page_is_read clients/chromium.md
finish
