#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/with-virtual-cards, which other makers start in their pipelines (docs/virtual-cards.md).
# shellcheck source=SCRIPTDIR/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

export CPS_VIRTUAL_CARD=$virtual_card
profiles=$project/Sources/cps-virtual-card/Profiles
module=(pkcs11-tool --module "$library")

with_cards() { timeout 60 "$project/scripts/with-virtual-cards" --hierarchy "$hierarchy" "$@"; }

both_cards_are_there() {
    with_cards --card "$profiles/doctor-cps3.json" --card "$profiles/doctor-cps4.json,--protocol,t1" \
        "${module[@]}" --list-slots >out
    contains out CPS3v3-2600000001 CPS4v1-2600000004
}

signs_and_hands_the_status_on() {
    local result=0
    # shellcheck disable=SC2016
    with_cards --card "$profiles/doctor-cps3.json" sh -c \
        '"$@" && grep -q "2A 9E 9A" "$CPS_CARD_0_TRACE" && exit 7' sh \
        "${module[@]}" --login --pin 1234 --sign --label CPS_PRIV_SIG -m SHA256-RSA-PKCS -i /etc/hostname -o signature \
        >out 2>&1 || result=$?
    equal 7 "$result"
    openssl x509 -in "$hierarchy/cards/99213845/signature.cert.pem" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature /etc/hostname
}

takes_a_fault() {
    # shellcheck disable=SC2016
    with_cards --card "$profiles/doctor-cps3.json" sh -c 'echo drop@1 >"$CPS_CARD_0_FAULTS"; "$@"; "$@"' sh \
        "${module[@]}" --list-slots >out 2>&1
    contains out "(empty)"
}

ends_with_the_command() {
    # shellcheck disable=SC2016
    with_cards --card "$profiles/doctor-cps3.json" sh -c 'echo "${CPS_CARD_0_TRACE%/*}"' >folder
    [ -s folder ] && [ ! -e "$(cat folder)" ]
}

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# make_public: programs and keys where another user may read them.
make_public() {
    mkdir -m 755 public
    cp -rL "$hierarchy" public/hierarchy
    cp "$virtual_card" "$library" "$profiles/doctor-cps4.json" "$project/scripts/with-virtual-cards" public/
    chmod -R a+rX public
    find public/hierarchy -name '*.key.pem' -exec chmod 644 {} +
    chmod 755 "$work"
}

# lists_as_nobody FOLDER [COMMAND...]: the command runs what follows it, and sees `public` as FOLDER.
lists_as_nobody() {
    local folder=$1
    shift
    as_nobody timeout 60 "$@" env HOME=/ CPS_VIRTUAL_CARD="$folder/cps-virtual-card" \
        "$folder/with-virtual-cards" --hierarchy "$folder/hierarchy" --card "$folder/doctor-cps4.json" \
        pkcs11-tool --module "$folder/libcps-pkcs11.so" --list-slots >out
    contains out CPS4v1-2600000004
}

works_without_root() {
    as_nobody unshare --user --map-root-user --mount true 2>/dev/null || {
        echo "this machine allows no user namespaces to users"
        return 0
    }
    make_public
    lists_as_nobody "$PWD/public"
}

# A container of a user: a root with nothing but the system's programs, no network, no systemd.
works_in_a_bubblewrap_root() { # OPTION...
    local root
    make_public
    root=(bwrap --die-with-parent --unshare-all "$@" --ro-bind /usr /usr --ro-bind /etc /etc --symlink usr/bin /bin
        --ro-bind-try /opt /opt --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp
        --tmpfs /run
        --ro-bind "$PWD/public" /cards)
    as_nobody "${root[@]}" true 2>/dev/null || {
        echo "this machine allows no user namespaces to users"
        return 0
    }
    lists_as_nobody /cards "${root[@]}"
}

says_what_is_wrong() {
    ends_with 125 with_cards
    ends_with 125 with_cards --card "$PWD/missing.json" true
    contains err "missing.json"
}

it "two cards in one reader" both_cards_are_there
it "a program logs in and signs; its exit status is handed on" signs_and_hands_the_status_on
it "a fault while a program runs" takes_a_fault
it "everything ends with the command" ends_with_the_command
it "without root" works_without_root
it "in a bubblewrap root of a user" works_in_a_bubblewrap_root
it "in one that allows no further namespaces" works_in_a_bubblewrap_root --unshare-user --disable-userns
it "in one, as its root" works_in_a_bubblewrap_root --unshare-user --uid 0 --gid 0 --disable-userns
it "what is wrong is said" says_what_is_wrong
finish
