#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The packages of the machine that this system was made on, an older release, in an apt archive: they are
# installed here, work, are upgraded, downgraded and purged (scripts/test --system).
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
for part in packages archive; do
    # shellcheck source=/dev/null
    . "$project/Tests/Packages/support/$part.sh"
done

archive=${CPS_HANDED_OVER:-}
installed=/usr/lib/$(gcc -print-multiarch)/pkcs11/libcps-pkcs11.so

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

if [ -z "$archive" ]; then
    skip "no packages were handed over" "run by scripts/test --system"
    finish
fi
throwaway_system
use_archive
start_pcscd
it "apt installs them, and every library that they need is here" installs_from_archive
for card in cps3 cps4; do it "$card: signs, and cps shows it" signs "$card"; done
it "apt upgrades them" upgrades
it "cps4: signs with the next version" signs cps4
it "downgraded" downgrades
it "purged: nothing is left" leaves_nothing
finish
