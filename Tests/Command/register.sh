#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps register` and `cps unregister`: the command hands on to the program register, whose
# work Tests/Integration/register.sh and Tests/RegistrationTests test.
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

# Only the place of the command itself says where the program is.
cannot_be_led_elsewhere() {
    mkdir -p bin lib/cps-pkcs11 a/b/c
    printf '#!/bin/sh\necho planted\n' | tee lib/cps-pkcs11/register cps-register >/dev/null
    chmod 755 lib/cps-pkcs11/register cps-register
    ln -s "$cps" bin/cps
    ends_with 0 env PATH="$PWD/bin:$PATH" cps register --dry-run p11-kit
    lacks out planted
    (cd a/b/c && ends_with 0 "$cps" register --dry-run p11-kit && lacks out planted)
    cp "$cps" a/b/c/cps
    ends_with 8 a/b/c/cps register --dry-run p11-kit
    contains out "The program register was not found"
    cp "$cps" bin/own
    ends_with 0 bin/own register --dry-run p11-kit
    contains out planted
}

# json EXPRESSION EXPECTED: of the report in the file out, in Python's words.
json() {
    equal "$2" "$(/usr/bin/python3 - "$project/docs/schema/cps-register-1.json" "$1" <<'PROGRAM'
import json, sys
import jsonschema
report = json.load(open("out"))
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(report)
print(eval(sys.argv[2], {"report": report, "steps": report["steps"]}))
PROGRAM
    )"
}

reports_in_json() {
    local file=/usr/share/p11-kit/modules/cps-pkcs11.module
    ends_with 0 "$cps" register --dry-run --json library p11-kit
    json 'report["changed"], report["dryRun"], report["failed"]' "(False, True, False)"
    json '[(step["program"], step["state"]) for step in steps][-1]' "('p11-kit', 'planned')"
    json 'steps[-1]["diff"].splitlines()[1]' "+++ $file"
    ends_with 0 "$cps" register --json library p11-kit
    json 'report["changed"], steps[-1]["path"]' "(True, '$file')"
    ends_with 0 "$cps" register --json library p11-kit
    json 'report["changed"], {step["state"] for step in steps}' "(False, {'unchanged'})"
    mkdir -p /etc/firefox/policies
    echo '[]' >/etc/firefox/policies/policies.json
    ends_with 8 "$cps" register --json firefox p11-kit
    json 'report["failed"], [step["state"] for step in steps]' "(True, ['failed', 'unchanged'])"
    rm -r /etc/firefox
    ends_with 0 "$cps" unregister --json p11-kit library
    json 'report["changed"], report["failed"]' "(True, False)"
}

# new_person NAME NUMBER: with a home, and in the list of users or not.
new_person() {
    mkdir -p "/home/$1"
    chown "$2:$2" "/home/$1"
}

# What the page for administrators says, line by line; users whom nothing lists are users too.
for_all_users() {
    local line person
    mkdir -p /opt/google/chrome
    echo "listed:x:4711:4711::/home/listed:/bin/sh" >>/etc/passwd
    new_person listed 4711
    new_person unlisted 4712
    # What is in a home is nobody else's: a trap for root.
    new_person trap 4713
    mkdir /home/trap/.pki
    ln -s /etc /home/trap/.pki/nssdb
    chown -h 4713:4713 /home/trap/.pki /home/trap/.pki/nssdb
    "$cps" register library >/dev/null
    grep -oE 'cps register --all-users( --json)?$' "$project/docs/many-computers.md" | sort -u >lines
    equal 2 "$(wc -l <lines)"
    while IFS= read -r line; do
        (
            PATH=${cps%/*}:$PATH
            set +e
            eval "$line" >out 2>&1
            equal 8 $?
        )
    done <lines
    for person in listed unlisted; do
        contains "/home/$person/.pki/nssdb/pkcs11.txt" "name=Carte CPS" "$installed/libcps-pkcs11-browser.so"
        equal "$(stat -c %u "/home/$person")" "$(stat -c %u "/home/$person/.pki/nssdb/pkcs11.txt")"
    done
    [ ! -e /etc/pkcs11.txt ] && [ ! -e /etc/cert9.db ]
    rm /home/trap/.pki/nssdb
    ends_with 0 "$cps" register --all-users --json
    json 'report["changed"]' True
    ends_with 0 "$cps" register --all-users --json
    json 'report["changed"]' False
    ends_with 0 "$cps" unregister --all-users --json
    lacks /home/listed/.pki/nssdb/pkcs11.txt "Carte CPS"
    ends_with 8 as_another_user "$work/tree/.build/machine/release/cps" register --all-users chromium
    contains out "Please run this as root"
    rm -r /home/listed /home/unlisted /home/trap /opt/google
    sed -i '/^listed:/d' /etc/passwd
}

survives_a_closed_pipe() {
    { "$cps" register --dry-run library p11-kit firefox thunderbird 2>err || true; } | true
    equal "" "$(cat err)"
}

installed=/usr/lib/$(uname -m)-linux-gnu/pkcs11
for folder in /etc /home /root /opt /usr/share/p11-kit /usr/lib/mozilla "$installed"; do
    private_layer "$folder" || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
done
# A source tree that other users may look into.
mkdir -p "$work/tree/.build/machine/release"
cp "$cps" "$register" "$work/tree/.build/machine/release/"
it "a program is set up, twice, and undone; a dry run changes nothing" sets_up_and_undoes
it "no words: what is found" finds_what_is_there
it "unknown words: 64, before anything is done" refuses_words
it "without the right to: a sentence and 8" says_why_not
it "the program lies beside the command; nothing leads elsewhere" cannot_be_led_elsewhere
it "--json: what was done, what failed, and the lines that would change" reports_in_json
it "--all-users: each with his own rights, as docs/many-computers.md says" for_all_users
it "a closed pipe is no error" survives_a_closed_pipe
finish
