#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Java with SunPKCS11: keytool, and a program of ours (docs/clients/java.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

configuration() {
    printf 'name = CPS\nlibrary = %s\nslotListIndex = %s\n' "$full" "$card_slot" >cps.cfg
}

# java_program ACTION PIN [ARGUMENT...]
java_program() {
    # shellcheck disable=SC2086
    within 40 java -Xshare:auto -XX:TieredStopAtLevel=1 ${java_options:-} -cp "$work/java" CardClient "$@" >out 2>errors </dev/null
}

lists_aliases() {
    configuration
    within 40 keytool -J-Duser.language=en -list -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 \
        -providerArg cps.cfg -storepass "$pin" >out 2>&1 </dev/null || { cat out; return 1; }
    contains out "Certificat d'Authentification CPS, PrivateKeyEntry" "Certificat de Signature CPS, PrivateKeyEntry" \
        "contains 2 entries"
    tries_spent 0
}

logs_in() { # PORT VERSION SCHEME
    configuration
    java_program login "$pin" "$1" "$hierarchy/roots.pem" || { cat errors; return 1; }
    logged_in_on out "$2"
    card_did authentication "$3"
    tries_spent 0
}

logs_in_with_tls12_at_most() {
    java_options=-Djdk.tls.client.protocols=TLSv1.2 logs_in "$tls_any" TLSv1.2 pkcs1
}

is_refused() { # PORT
    configuration
    fails java_program login "$pin" "$1" "$hierarchy/roots.pem"
    contains errors "Exception"
    nobody_logged_in
    tries_spent 0
}

signs() { # KEY ALIAS
    configuration
    echo "a document" >document
    java_program sign "$pin" "$2" document signature || { cat errors; return 1; }
    openssl x509 -in "$(certificate "$1")" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    card_did "$1" pkcs1
    tries_spent 0
}

# The program of docs/virtual-cards.md, for makers of other programs.
signs_as_the_page_says() {
    configuration
    echo "a document" >document
    example "// Sign.java" >Sign.java
    within 40 java -Xshare:auto -XX:TieredStopAtLevel=1 Sign.java cps.cfg document signature <<<"$pin" >out 2>errors ||
        { cat errors; return 1; }
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    tries_spent 0
}

wrong_pin() {
    configuration
    fails java_program sign 9999 "Certificat de Signature CPS" /etc/hostname signature
    contains errors CKR_PIN_INCORRECT
    tries_spent 1
}

no_pin() {
    configuration
    fails java_program sign "" "Certificat de Signature CPS" /etc/hostname signature
    no_pin_presented
}

keytool_wrong_pin() {
    configuration
    fails within 40 keytool -list -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 \
        -providerArg cps.cfg -storepass 9999 </dev/null
    tries_spent 1
}

# A program that runs all day, one line for each request: start_service; ask LINE.
start_service() {
    configuration
    # shellcheck disable=SC2086
    coproc service {
        exec setpriv --pdeathsig TERM timeout --kill-after=2 60 java -Xshare:auto -XX:TieredStopAtLevel=1 \
            ${java_options:-} -cp "$work/java" CardClient serve "$pin" "$1" "$hierarchy/roots.pem" 2>errors
    }
}

ask() {
    echo "$1" >&"${service[1]}"
    read -r -t 30 answer <&"${service[0]}" || { cat errors; return 1; }
    echo "$1: $answer"
}

end_service() {
    local process=$service_PID
    # shellcheck disable=SC1083,SC2093 # closes a descriptor, no command
    exec {service[1]}>&-
    wait "$process"
}

# After another program ended the login, both requests fail and no PIN is presented. Once the
# program loads the key store again, the keys and the TLS context that it has work as before.
another_programs_events() { # PORT
    local event request
    start_service "$1"
    for event in "${events[@]}"; do
        for request in sign fetch; do asked_and "done" $request; done
        another_program "$event"
        asked_and CKR_USER_NOT_LOGGED_IN sign
        # TLS 1.3 hides the code behind "No supported CertificateVerify signature algorithm".
        asked_and "failed: javax.net.ssl.SSL" fetch
        nobody_logged_in
        pins_presented 0
        tries_spent "$(spent_by_another "$event")"
        asked_and "done" load
        for request in sign fetch; do asked_and "done" $request; done
        pins_presented 1
        tries_spent 0
    done
    end_service
}

asked_and() { # WORD LINE
    ask "$2"
    [[ $answer == *"$1"* ]] || { echo "expected: $1"; return 1; }
}

# The page, as its reader types it; its lines of Java in a program around them.
follows_the_page() {
    opens_page clients/java.md
    puts "slotListIndex = 0" "slotListIndex = $card_slot"
    writes "name = CPS" cps.cfg
    types "keytool -list" "$pin"
    contains out "Certificat d'Authentification CPS" "Certificat de Signature CPS"
    pins_presented 1
    writes "Provider provider" lines
    {
        echo 'import java.nio.file.*; import java.security.*; class Page {'
        echo 'public static void main(String[] arguments) throws Exception {'
        echo 'char[] pin = System.console().readPassword("PIN: ");'
        cat lines
        echo 'signature.update(Files.readAllBytes(Path.of("document")));'
        echo 'Files.write(Path.of("signature"), signature.sign()); } }'
    } >Page.java
    [ -e "$work/java/Page.class" ] || javac -J-XX:TieredStopAtLevel=1 -d "$work/java" Page.java
    forget_trace
    echo "a document" >document
    does "java -XX:TieredStopAtLevel=1 -cp $work/java Page" "$pin"
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    card_did signature pkcs1
    pins_presented 1
    tries_spent 0
}

client java default-jdk-headless
with_pages
mkdir -p "$work/java"
javac -J-XX:TieredStopAtLevel=1 -d "$work/java" "$project/Tests/Clients/programs/CardClient.java" ||
    give_up "CardClient.java does not compile." "CardClient.java ne se compile pas."
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps4 "TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss
scenario cps4 "both offered: TLS 1.3" logs_in "$tls_any" TLSv1.3 pss
scenario cps3 "TLS 1.2 by PKCS#1 v1.5" logs_in "$tls12" TLSv1.2 pkcs1
scenario cps3 "TLS 1.3: an exception" is_refused "$tls13"
scenario cps3 "both offered: an exception" is_refused "$tls_any"
scenario cps3 "both offered, TLS 1.2 at most by a property" logs_in_with_tls12_at_most
words="another program logs out, is refused a PIN, resets the card: requests go on once the key store is loaded again"
scenario cps4 "$words" another_programs_events "$tls13"
scenario cps3 "$words" another_programs_events "$tls12"
for card in cps3 cps4; do
    scenario $card "the page: keytool lists, its lines sign" follows_the_page
    scenario $card "keytool lists both keys by their aliases" lists_aliases
    scenario $card "SHA256withRSA by the signature key, verified by OpenSSL" signs signature "Certificat de Signature CPS"
    scenario $card "SHA256withRSA by the authentication key, verified by OpenSSL" \
        signs authentication "Certificat d'Authentification CPS"
    scenario $card "the page's program logs in and signs; verified by OpenSSL" signs_as_the_page_says
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "keytool: a wrong PIN spends one try" keytool_wrong_pin
    scenario $card "no PIN spends none" no_pin
done
page_is_read clients/java.md
finish
