#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The packages of the machine that this system was made on, an older release: they
# install here and work (scripts/test --system).
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/../Packages/support/packages.sh
. "$project/Tests/Packages/support/packages.sh"

packages=${CPS_HANDED_OVER:-}
installed=/usr/lib/$(gcc -print-multiarch)/pkcs11/libcps-pkcs11.so

# By apt: what they need must be there under the same names.
install() {
    # shellcheck disable=SC2046
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        $(deb libcps-pkcs11 cps cps-virtual-card) >out 2>&1 || { cat out; return 1; }
    ldd "$installed" /usr/bin/cps /usr/bin/cps-virtual-card >needed
    lacks needed "not found"
}

signs() { # CARD
    virtual_card=/usr/bin/cps-virtual-card
    insert "$1"
    echo text >document
    pkcs11-tool --module "$installed" --login --pin "$pin" --sign --label CPS_PRIV_SIG --mechanism SHA256-RSA-PKCS \
        --input-file document --output-file signature >log 2>&1 || { cat log; return 1; }
    openssl x509 -in "$hierarchy/cards/$serial/signature.cert.pem" -noout -pubkey >key.pem
    openssl dgst -sha256 -verify key.pem -signature signature document
    /usr/bin/cps status >status
    contains status "Virtual reader"
}

leaves_nothing() {
    purge_all
    changed_files | { grep -F cps || true; } >left
    equal "" "$(cat left)"
}

if [ -z "$packages" ]; then
    skip "no packages were handed over" "run by scripts/test --system"
    finish
fi
throwaway_system
start_pcscd
it "apt installs them, and every library that they need is here" install
for card in cps3 cps4; do it "$card: signs, and cps shows it" signs "$card"; done
it "purged: nothing of ours is left" leaves_nothing
finish
