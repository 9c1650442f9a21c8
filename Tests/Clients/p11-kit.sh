#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# p11-kit: a module file that every p11-kit program finds, and remote use from places
# without pcscd and library (docs/clients/p11-kit.md).
#
# A second user in a mount namespace without pcscd and library represents a container, a
# Snap or a Flatpak. Their images are not used here, only the folders with their profiles.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The system's folder of module files, in this namespace: our file alone.
install_module_file() {
    mount -t tmpfs -o mode=755 tmpfs /usr/share/p11-kit/modules
    cat >/usr/share/p11-kit/modules/cps-pkcs11.module <<END
module: $full
priority: 10
END
}

lists_modules() {
    within 20 p11-kit list-modules >listing
    # As p11-kit 0.24 writes it, or as 0.25 does.
    grep -qE "^cps-pkcs11: $full$|^ *path: $full$" listing
    contains listing "token: $label" "serial-number: $serial"
    within 20 p11tool --list-all-certs "pkcs11:token=$label" >certificates 2>errors
    contains certificates "Label: Certificat d'Authentification CPS" "Label: Certificat de Signature CPS"
    # The card's certificates are no trust anchors.
    within 20 trust list >anchors 2>&1 || true
    lacks anchors "Certificat de Signature CPS"
    no_pin_presented
}

# GnuTLS without being told of a module.
gnutls_logs_in() {
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' |
        within 30 gnutls-cli --x509cafile "$hierarchy/roots.pem" --x509certfile "$(certificate_url authentication)" \
            --x509keyfile "$(key_url authentication);pin-value=$pin" -p "$tls12" localhost >page 2>errors
    logged_in_on page TLSv1.2
}

# The engine of libp11, without being told of a module, takes p11-kit's proxy.
curl_logs_in_by_proxy() {
    openssl_cure
    within 30 curl --silent --show-error --max-time 25 --cacert "$hierarchy/roots.pem" --engine pkcs11 \
        --key-type ENG --key "$(key_url authentication);pin-value=$pin" \
        --cert-type ENG --cert "$(certificate_url authentication)" --output page "https://localhost:$tls12/"
    logged_in_on page TLSv1.2
    tries_spent 0
}

# module_file_says LINE...: for the rest of the scenario.
module_file_says() {
    mount -t tmpfs -o mode=755 tmpfs /usr/share/p11-kit/modules
    trap 'umount /usr/share/p11-kit/modules' EXIT
    printf '%s\n' "$@" >/usr/share/p11-kit/modules/cps-pkcs11.module
}

# x-init-reserved reaches the library through p11-kit's proxy, but GnuTLS, which
# initialises modules itself, does not pass it on.
browser_view_by_initialisation() {
    module_file_says "module: $full" "x-init-reserved: view=browser"
    local proxy
    proxy=$(echo /usr/lib/*/p11-kit-proxy.so)
    within 20 pkcs11-tool --module "$proxy" --token-label "$label" --list-objects --type cert >certificates 2>&1
    contains certificates "Certificat d'Authentification CPS"
    lacks certificates "Certificat de Signature CPS"
}

# So the module file names the browsers' file.
browser_view_by_file() {
    module_file_says "module: $browser"
    within 20 p11tool --list-all-certs "pkcs11:token=$label" >certificates 2>errors
    contains certificates "Label: Certificat d'Authentification CPS"
    lacks certificates "Certificat de Signature CPS"
}

# The server runs where the reader is, for user nobody.
start_p11_kit_server() {
    mkdir -m 755 remote
    P11_KIT_STRICT=1 setpriv --pdeathsig TERM p11-kit server --foreground --provider "$full" --user nobody \
        --name "$PWD/remote/socket" "pkcs11:token=$label" >server.out 2>server.err &
    wait_for test -S remote/socket || { cat server.out server.err && return 1; }
    chown nobody remote/socket
}

# elsewhere COMMAND...: as user nobody, without pcscd, without the library.
elsewhere() {
    local client_module
    client_module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    # shellcheck disable=SC2016
    P11_KIT_SERVER_ADDRESS="unix:path=$PWD/remote/socket" client_module=$client_module \
        within 60 unshare --mount "$BASH" -c '
            mount -t tmpfs tmpfs /run/pcscd
            mount -t tmpfs tmpfs "$0"
            exec setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs -- "$@"' "$work/pkcs11" "$@"
}

remote_program_signs() {
    start_p11_kit_server
    echo "a document" >document
    local module
    module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    # Really elsewhere: neither the library nor a reader is there.
    fails elsewhere test -e "$full"
    elsewhere opensc-tool --list-readers >readers 2>&1 || true
    lacks readers Yes
    elsewhere pkcs11-tool --module "$module" --token-label "$label" --login --pin "$pin" --sign \
        --mechanism SHA256-RSA-PKCS --id "$signature_id" --input-file document --output-file signature 2>&1
    openssl x509 -in "$(certificate signature)" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
    card_did signature pkcs1
    tries_spent 0
}

remote_program_logs_in() { # PORT VERSION
    start_p11_kit_server
    local module
    module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
    # The roots lie where nobody may read.
    cp "$hierarchy/roots.pem" .
    elsewhere gnutls-cli --provider "$module" --x509cafile "$PWD/roots.pem" --x509certfile "$(certificate_url authentication)" \
        --x509keyfile "$(key_url authentication);pin-value=$pin" -p "$1" localhost <request >page 2>errors || { cat errors; return 1; }
    logged_in_on page "$2"
}

remote_wrong_pin() {
    start_p11_kit_server
    local module
    module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    fails elsewhere pkcs11-tool --module "$module" --token-label "$label" --login --pin 9999 --list-objects
    tries_spent 1
}

remote_no_pin() {
    start_p11_kit_server
    local module
    module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    elsewhere pkcs11-tool --module "$module" --token-label "$label" --list-objects >listing
    contains listing "Certificat de Signature CPS"
    lacks listing CPS_PRIV_SIG
    no_pin_presented
}

# Where Snap and Flatpak keep Firefox's profiles, as folders made here: what runs in
# there sees its home, and of the card only the server's socket. NSS finds the card
# by p11-kit-client.so in the profile's database.
sandboxed_profile_sees_card() { # FOLDER
    start_p11_kit_server
    local module
    module=$(echo /usr/lib/*/pkcs11/p11-kit-client.so)
    mkdir -p "home/$1"
    chown -R nobody home
    cat >inside.sh <<'END'
set -eu
cd "$2"
certutil -N --empty-password -d sql:.
modutil -force -dbdir sql:. -add "Carte CPS" -libfile "$1" -mechanisms FRIENDLY >/dev/null
certutil -L -h all -d sql:.
modutil -force -dbdir sql:. -delete "Carte CPS" >/dev/null
END
    elsewhere "$BASH" "$PWD/inside.sh" "$module" "$PWD/home/$1" >listing 2>&1
    contains listing "$label:Certificat d'Authentification CPS"
    no_pin_presented
}

# The page, as its reader types it.
follows_the_page() {
    local address
    mount -t tmpfs -o mode=755 tmpfs /usr/share/p11-kit/modules
    trap 'umount /usr/share/p11-kit/modules' EXIT
    opens_page clients/p11-kit.md
    does "mkdir -p .config/pkcs11/modules"
    writes "module: " .config/pkcs11/modules/cps-pkcs11.module
    types "p11-kit list-modules"
    # In p11-kit 0.25 the words before it have colours.
    contains out ": $label" "Label: Certificat de Signature CPS"
    types "p11-kit server"
    address=$(sed -n 's/.*P11_KIT_SERVER_ADDRESS=\([^;]*\);.*/\1/p' out)
    does "P11_KIT_SERVER_ADDRESS='$address' p11tool --provider /usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so --list-all-certs"
    contains out "Label: Certificat de Signature CPS"
    no_pin_presented
}

wrong_pin() {
    fails within 20 p11tool --login --set-pin 9999 --test-sign "$(key_url signature)"
    tries_spent 1
}

client p11-kit p11-kit p11-kit-modules gnutls-bin curl libengine-pkcs11-openssl opensc libnss3-tools
with_pages
install_module_file
for card in cps3 cps4; do
    scenario $card "the page: a module file for oneself, and a server" follows_the_page
    scenario $card "programs of p11-kit find the card by the module file" lists_modules
    scenario $card "gnutls-cli logs in without being told of a module" gnutls_logs_in
    scenario $card "curl logs in through p11-kit's proxy" curl_logs_in_by_proxy
    scenario $card "the browsers' file shows the authentication certificate alone" browser_view_by_file
    scenario $card "x-init-reserved: view=browser does so through the proxy" browser_view_by_initialisation
    scenario $card "another user without pcscd signs by p11-kit server" remote_program_signs
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "another user: a wrong PIN spends one try" remote_wrong_pin
    scenario $card "another user: no PIN spends none" remote_no_pin
done
scenario cps4 "a Firefox profile where Snap has it sees the card by p11-kit server" \
    sandboxed_profile_sees_card snap/firefox/common/.mozilla/firefox/card.default
scenario cps3 "a Firefox profile where Flatpak has it sees the card by p11-kit server" \
    sandboxed_profile_sees_card .var/app/org.mozilla.firefox/.mozilla/firefox/card.default
scenario cps3 "another user without pcscd logs in by TLS 1.2" remote_program_logs_in "$tls12" TLSv1.2
scenario cps4 "another user without pcscd logs in by TLS 1.3" remote_program_logs_in "$tls13" TLSv1.3
page_is_read clients/p11-kit.md
finish
