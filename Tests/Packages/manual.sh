#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages say what the commands say: subcommands, exit codes, in both languages.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/install.sh"

pages=$project/packaging/man

# in_section PAGE HEADING: the words that the section explains, one a line.
in_section() {
    awk -v heading=".SH $2" '
        /^\.SH/ { inside = $0 == heading; next }
        inside && explained && /^\.B / { print $2 }
        { explained = /^\.TP/ }' "$pages/$1" | sort
}

# subcommands PROGRAM: as its help lists them.
subcommands() {
    "$1" --help | awk '/^SUBCOMMANDS:/ { inside = 1; next } inside && /^  [a-z]/ { print $1 }' | sort
}

names_the_subcommands() { # PROGRAM PAGE HEADING
    subcommands "$1" >help
    [ -s help ]
    in_section "$2" "$3" >page
    diff help page
}

names_the_exit_codes() { # PAGE HEADING
    sed -n 's/^    case [a-zA-Z]* = \([0-9]*\)$/\1/p' "$project/Sources/cps/Exit/ExitStatus.swift" | sort >codes
    [ -s codes ]
    in_section "$1" "$2" >page
    diff codes page
}

# What doctor leaves to the manual page; no file is named that comes with another package.
advises() { # PAGE
    sed 's/\\-/-/g' "$pages/$1" >page
    contains page 'action.id.indexOf("org.debian.pcsc-lite.")' "p11-kit server" "cps-pkcs11-doc"
    equal "" "$(grep -rn 'docs/' "$project/Sources/cps/Commands/Doctor" | grep -v '///' || true)"
}

# documents_the_exit_codes HEADING: of docs/cps.md.
documents_the_exit_codes() {
    sed -n 's/^    case [a-zA-Z]* = \([0-9]*\)$/\1/p' "$project/Sources/cps/Exit/ExitStatus.swift" >codes
    echo "128 + n" >>codes
    awk -F ' *[|] *' -v heading="## $1" '/^#/ { inside = $0 == heading } inside && $2 ~ /^[0-9]/ { print $2 }' \
        "$project/docs/cps.md" >table
    diff codes table
}

is_well_formed() { # PAGE
    MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 --local-file -Tutf8 -Z "$pages/$1" 2>warnings >/dev/null
    equal "" "$(cat warnings)"
}

names_what_registers() { # PAGE
    local what
    "$cps" help register | tr -s ' \n' ' ' >help
    for what in firefox thunderbird p11-kit library official-path chromium openssh java openssl nss sandboxes; do
        contains help "$what"
        sed 's/\\-/-/g' "$pages/$1" >page
        contains page "$what"
    done
}

# All that the library looks for in the environment.
names_the_environment() { # PAGE
    local name
    grep -rhoE '"CPS_PKCS11_[A-Z]+"' "$project/Sources/CPSPKCS11" "$project/Sources/CardCache" "$project/Sources/CallTrace" |
        tr -d '"' | sort -u >names
    [ -s names ]
    while IFS= read -r name; do contains "$pages/$1" "$name="; done <names
}

install_packages man-db >/dev/null || exit 1
it "cps: subcommands" names_the_subcommands "$cps" cps.1 SUBCOMMANDS
it "cps: subcommands, in French" names_the_subcommands "$cps" cps.fr.1 COMMANDES
it "cps: exit codes" names_the_exit_codes cps.1 "EXIT STATUS"
it "cps: exit codes, in French" names_the_exit_codes cps.fr.1 "CODES DE RETOUR"
it "cps: what doctor advises" advises cps.1
it "cps: what doctor advises, in French" advises cps.fr.1
it "docs/cps.md: exit codes" documents_the_exit_codes "Exit status"
it "docs/cps.md: exit codes, in French" documents_the_exit_codes "Codes de retour"
it "cps: what register knows" names_what_registers cps.1
it "cps: what register knows, in French" names_what_registers cps.fr.1
it "cps: environment" names_the_environment cps.1
it "cps: environment, in French" names_the_environment cps.fr.1
it "cps-virtual-card: subcommands" names_the_subcommands "$virtual_card" cps-virtual-card.1 SUBCOMMANDS
it "cps-virtual-card: subcommands, in French" names_the_subcommands "$virtual_card" cps-virtual-card.fr.1 COMMANDES
for page in cps.1 cps.fr.1 cps-virtual-card.1 cps-virtual-card.fr.1; do
    it "$page is well formed" is_well_formed "$page"
done
finish
