#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps register` and `cps unregister`: the command hands on to scripts/register, whose
# work Tests/Integration/register.sh tests.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"

ends_with() { # CODE COMMAND...: what it says is in the file out
    local code=$1 result=0
    shift
    "$@" >out 2>&1 </dev/null || result=$?
    equal "$code" "$result" || { cat out; return 1; }
}

sets_up_and_undoes() {
    local file=/usr/share/p11-kit/modules/cps-pkcs11.module
    ends_with 0 "$cps" register --dry-run library p11-kit
    contains out "Would do: write $file"
    [ ! -e "$file" ]
    ends_with 0 "$cps" register library p11-kit
    contains out "Done: write $file"
    [ -e "$file" ]
    ends_with 0 "$cps" register library p11-kit
    contains out "p11-kit: nothing to do."
    ends_with 0 env LC_ALL=fr_FR.UTF-8 "$cps" unregister --dry-run p11-kit
    contains out "À faire : supprimer $file"
    ends_with 0 env LC_ALL=fr_FR.UTF-8 "$cps" unregister p11-kit library
    contains out "Fait : supprimer $file"
    [ ! -e "$file" ]
}

finds_what_is_there() {
    ends_with 0 "$cps" register --dry-run
    contains out "Found: library p11-kit"
    ends_with 0 env LC_ALL=fr_FR.UTF-8 "$cps" unregister --dry-run
    contains out "Trouvé :" "rien à faire"
}

refuses_words() {
    local subcommand
    for subcommand in register unregister; do
        ends_with 64 "$cps" "$subcommand" netscape
        contains out "Unknown: netscape" "Usage: cps $subcommand"
        ends_with 64 env LC_ALL=fr_FR.UTF-8 "$cps" "$subcommand" p11-kit nss
        contains out "Erreur : nss demande le dossier" "Emploi : cps $subcommand"
        ends_with 64 "$cps" "$subcommand" -- --undo
    done
}

as_another_user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

says_why_not() {
    ends_with 8 as_another_user "$work/tree/.build/machine/release/cps" register p11-kit
    contains out "Please run this as root"
    ends_with 8 as_another_user env LC_ALL=fr_FR.UTF-8 "$work/tree/.build/machine/release/cps" register p11-kit
    contains out "À lancer en tant que root"
}

# Only the place of the program itself says where the script is.
cannot_be_led_elsewhere() {
    mkdir -p bin share/cps-pkcs11/scripts scripts a/b/c
    printf '#!/bin/sh\necho planted\n' | tee share/cps-pkcs11/scripts/register scripts/register >/dev/null
    chmod 755 share/cps-pkcs11/scripts/register scripts/register
    ln -s "$cps" bin/cps
    ends_with 0 env PATH="$PWD/bin:$PATH" cps register --dry-run p11-kit
    lacks out planted
    (cd a/b/c && ends_with 0 "$cps" register --dry-run p11-kit && lacks out planted)
    cp "$cps" a/b/c/cps
    rm -r scripts
    ends_with 8 a/b/c/cps register --dry-run p11-kit
    contains out "scripts/register was not found"
    cp "$cps" bin/own
    ends_with 0 bin/own register --dry-run p11-kit
    contains out planted
}

survives_a_closed_pipe() {
    { "$cps" register --dry-run library p11-kit firefox thunderbird 2>err || true; } | true
    equal "" "$(cat err)"
}

for folder in /etc /usr/share/p11-kit "/usr/lib/$(uname -m)-linux-gnu/pkcs11"; do
    private_layer "$folder" || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
done
# A source tree that other users may look into.
mkdir -p "$work/tree/.build/machine/release"
cp -r "$project/scripts" "$work/tree/"
cp "$cps" "$work/tree/.build/machine/release/"
it "a program is set up, twice, and undone; a dry run changes nothing" sets_up_and_undoes
it "no words: what is found" finds_what_is_there
it "unknown words: 64, before anything is done" refuses_words
it "without the right to: a sentence and 8" says_why_not
it "the script lies beside the program; nothing leads elsewhere" cannot_be_led_elsewhere
it "a closed pipe is no error" survives_a_closed_pipe
finish
