#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Other people's programs that test a module: OpenSC's pkcs11-tool,
# GnuTLS's p11tool, p11-kit.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"

command -v p11tool >/dev/null || give_up "p11tool is missing: apt-get install gnutls-bin" "p11tool manque : apt-get install gnutls-bin"

# The token as a PKCS#11 URI.
uri() { echo "pkcs11:token=$label"; }

runs_opensc_test() {
    insert "$1"
    logged_in --test >out 2>&1
    cat out
    contains out "No errors"
    contains out "all 4 signature functions seem to work"
    # What pkcs11-tool of OpenSC 0.26 itself has no test of.
    grep -v '^Ciphers: not implemented' out >said
    lacks said "not implemented"
    # Nothing is written, and no try spent.
    equal 3 "$(counter pinTriesLeft)"
}

runs_opensc_test_fork() {
    insert "$1"
    logged_in --test-fork >out 2>&1
    cat out
    lacks out error
}

gnutls() { timeout 60 p11tool --provider "$library" "$@" </dev/null 2>&1; }

lists_with_gnutls() {
    insert "$1"
    gnutls --list-tokens >out
    cat out
    contains out "Label: $label" "Manufacturer: ASIP SANTE" "Model: IAS ECC" "Serial: $serial"
    gnutls --list-all "$(uri)" >public
    cat public
    equal 2 "$(grep -c 'Type: X.509 Certificate' public)"
    equal 0 "$(grep -c 'Type: Private key' public)"
    GNUTLS_PIN=$pin gnutls --login --list-all "$(uri)" >all
    cat all
    equal 2 "$(grep -c 'Type: Private key' all)"
    equal 2 "$(grep -c 'Type: X.509 Certificate' all)"
    contains all CPS_PRIV_SIG CPS_PRIV_AUT "Certificat de Signature CPS"
    gnutls --list-mechanisms "$(uri)" >mechanisms
    contains mechanisms CKM_RSA_PKCS CKM_SHA256_RSA_PKCS
}

signs_with_gnutls() {
    insert "$1"
    local key
    for key in CPS_PRIV_SIG CPS_PRIV_AUT; do
        GNUTLS_PIN=$pin gnutls --login --test-sign "$(uri);object=$key;type=private" >out
        cat out
        contains out "Verifying against private key parameters... ok"
    done
    equal 3 "$(counter pinTriesLeft)"
}

# As root p11-kit reads the system's module files only: ours lies over them in the
# mount namespace that this script has anyway.
install_for_p11_kit() {
    local folder
    folder=$(pkg-config --variable=p11_module_configs p11-kit-1)
    mkdir -p "$work/p11-kit"
    printf 'module: %s\nx-init-reserved: view=full\n' "$library" >"$work/p11-kit/cps.module"
    mount --bind "$work/p11-kit" "$folder"
}

lists_with_p11_kit() {
    insert "$1"
    timeout 60 p11-kit list-modules >out 2>&1
    cat out
    # As p11-kit 0.24 writes it, and as 0.25 does.
    grep -qE '^(cps:|module: cps$)' out
    contains out "token: $label" "manufacturer: ASIP SANTE" "serial-number: $serial"
    if p11-kit list-tokens --help >/dev/null 2>&1; then
        timeout 60 p11-kit list-tokens "$(uri)" >tokens 2>&1 && contains tokens "$label"
    fi
}

lists_through_the_proxy() {
    insert "$1"
    local proxy
    proxy=$(pkg-config --variable=proxy_module p11-kit-1)
    timeout 60 pkcs11-tool --module "$proxy" --token-label "$label" --login --pin "$pin" --list-objects >out 2>&1
    cat out
    contains out CPS_PRIV_SIG "Certificat d'Authentification CPS"
}

start_pcscd
for card in cps3 cps4; do
    it "$card: pkcs11-tool --test with login" runs_opensc_test "$card"
    it "$card: pkcs11-tool --test-fork" runs_opensc_test_fork "$card"
    it "$card: p11tool lists tokens, objects and mechanisms" lists_with_gnutls "$card"
    it "$card: p11tool --test-sign with both keys" signs_with_gnutls "$card"
done
install_for_p11_kit
for card in cps3 cps4; do
    it "$card: p11-kit list-modules and list-tokens" lists_with_p11_kit "$card"
    it "$card: pkcs11-tool through p11-kit-proxy" lists_through_the_proxy "$card"
done
finish
