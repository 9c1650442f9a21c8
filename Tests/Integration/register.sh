#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cps-register: each client set up twice, seen by its own program, and undone:
# then every file is as before, byte for byte.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/install.sh"

installed=/usr/lib/$(uname -m)-linux-gnu/pkcs11
full=$installed/libcps-pkcs11.so
browser=$installed/libcps-pkcs11-browser.so
layers=(/etc /usr/share/p11-kit /usr/lib /usr/lib64 /usr/local "$installed" /home /root /opt)

register() { CPS_LIBRARY=$library timeout 180 "$register" "$@"; }

# with_home COMMAND...: a home of the test's own.
with_home() {
    export HOME=$PWD/home
    unset XDG_CONFIG_HOME
    mkdir -p "$HOME/.config"
    "$@"
}

# snapshot: each file that register may touch: its mode, owner and content. Not all of
# /etc: what others write there shines through the private layer.
snapshot() {
    local folders=(/etc/firefox /etc/thunderbird /usr/share/p11-kit "$installed" /opt/santesocial "$HOME")
    { find "${folders[@]}" ! -type d -printf '%p %M %u %g %l\n' 2>/dev/null || true; } | sort
    { find "${folders[@]}" -type f -exec sha256sum {} + 2>/dev/null || true; } | sort -k 2
    # Where official-path writes: also the folders, and of the large ones the first level.
    { find /opt /usr/local/galss /usr/lib64 /usr/lib/mozilla -printf '%p %M %u %g %l\n' 2>/dev/null || true; } | sort
    { find /usr/lib /usr/local /usr/local/lib -maxdepth 1 -printf '%p %l\n' 2>/dev/null || true; } | sort
}

# set_up_and_undone CHECK WHAT...
set_up_and_undone() {
    local check=$1
    shift
    snapshot >before
    register --dry-run "$@" >out
    contains out "Would do"
    snapshot >now
    cmp before now
    register "$@" >out
    contains out "Done"
    snapshot >after
    if cmp -s before after; then echo "nothing has changed"; return 1; fi
    "$check"
    snapshot >now
    cmp after now
    register "$@" >out
    contains out "nothing to do"
    lacks out "Done"
    snapshot >now
    cmp after now
    register --dry-run --undo "$@" >out
    snapshot >now
    cmp after now
    register --undo "$@" >out
    snapshot >now
    diff before now
    register --undo "$@" >out
    lacks out "Done"
    snapshot >now
    diff before now
}

library_is_copied() {
    cmp "$library" "$full"
    cmp "$library" "$browser"
}

library_without_the_others() {
    register --undo library
    set_up_and_undone library_is_copied library
    fails_with 8 register openssh
    contains out "is missing: first register \"library\""
    register library
}

# fails_with CODE COMMAND...: and changes nothing; what it says is in the file out.
fails_with() {
    local code=$1 result=0
    shift
    snapshot >before
    "$@" >out 2>&1 || result=$?
    equal "$code" "$result"
    snapshot >now
    diff before now
}

p11_kit_lists_the_card() {
    insert cps4
    timeout 60 p11-kit list-modules >listing
    contains listing "$full" "token: $label"
    timeout 60 p11tool --list-tokens >listing 2>&1
    contains listing "Label: $label"
}

# As on Fedora, where NSS loads p11-kit's proxy everywhere: a browser that has its copy by policy
# does not see the card once more; other programs do.
p11_kit_spares_the_browsers() {
    local proxy name
    proxy=$(find /usr/lib -name p11-kit-proxy.so | head -n 1)
    register p11-kit
    insert cps4
    new_database "$PWD/database"
    modutil -dbdir "sql:$PWD/database" -force -add proxy -libfile "$proxy" >/dev/null 2>&1
    for name in firefox chromium; do
        (exec -a "$name" modutil -dbdir "sql:$PWD/database" -list) >listing
        contains listing "library name: $proxy"
        lacks listing "token: $label"
    done
    (exec -a thunderbird modutil -dbdir "sql:$PWD/database" -list) >listing
    contains listing "token: $label"
    register --undo p11-kit
}

foreign_module_file() {
    echo "module: /other.so" >/usr/share/p11-kit/modules/cps-pkcs11.module
    fails_with 8 register p11-kit
    fails_with 8 register --undo p11-kit
    contains out "was not written by this program"
    rm /usr/share/p11-kit/modules/cps-pkcs11.module
}

nss_lists_the_card() { # DATABASE
    insert cps4
    timeout 60 modutil -dbdir "sql:$1" -list >listing
    contains listing "Carte CPS" "library name: $browser" "token: $label"
}
chromium_lists_the_card() { nss_lists_the_card "$HOME/.pki/nssdb"; }
profile_lists_the_card() { nss_lists_the_card "$HOME/my profile"; }

new_database() {
    mkdir -p "$1"
    certutil -N -d "sql:$1" --empty-password
}

chromium() {
    new_database "$HOME/.pki/nssdb"
    set_up_and_undone chromium_lists_the_card chromium
}

chromium_without_database() {
    register chromium
    chromium_lists_the_card
    register --undo chromium
    modutil -dbdir "sql:$HOME/.pki/nssdb" -list >listing
    lacks listing "Carte CPS"
}

any_database() {
    new_database "$HOME/my profile"
    set_up_and_undone profile_lists_the_card nss "$HOME/my profile"
    fails_with 8 register nss "$HOME"
    fails_with 64 register nss
}

ssh_takes_the_card() {
    ssh -F "$HOME/.ssh/config" -G somewhere >settings
    contains settings "pkcs11provider $browser"
    ssh -F "$HOME/.ssh/config" -G own >settings
    contains settings "pkcs11provider ${own_provider:-$browser}"
}

openssh() { # CONTENT|none, as printf has it
    mkdir -m 700 "$HOME/.ssh"
    case $1 in
    none) ;;
    *)
        # shellcheck disable=SC2059
        printf "$1" >"$HOME/.ssh/config"
        chmod 640 "$HOME/.ssh/config"
        ;;
    esac
    set_up_and_undone ssh_takes_the_card openssh
}

# A file that lies elsewhere, with others of its kind, stays there.
openssh_by_a_link() {
    is_led_there() { [ -L "$HOME/.ssh/config" ] && ssh_takes_the_card; }
    mkdir -m 700 "$HOME/.ssh" "$HOME/files"
    printf 'Host own\n    PKCS11Provider /other.so\n' >"$HOME/files/ssh"
    ln -s ../files/ssh "$HOME/.ssh/config"
    set_up_and_undone is_led_there openssh
}

keytool_lists_the_card() {
    contains out "keytool -list"
    command -v keytool >/dev/null || return 0
    insert cps4
    timeout 180 keytool -J-Duser.language=en -list -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 \
        -providerArg "$HOME/.config/cps-pkcs11/java.cfg" -storepass "$pin" >listing 2>&1 </dev/null || { cat listing; return 1; }
    contains listing "Certificat d'Authentification CPS, PrivateKeyEntry"
}

openssl_loads_the_engine() {
    contains out "OPENSSL_CONF=" curl stunnel
    is_installed libengine-pkcs11-openssl || return 0
    insert cps3
    echo "a document" >document
    OPENSSL_CONF=$HOME/.config/cps-pkcs11/openssl.cnf timeout 60 openssl dgst -sha256 -engine pkcs11 -keyform engine \
        -sign "pkcs11:id=$(key_id signature | sed 's/../%&/g');type=private;pin-value=$pin" -out signature document
    openssl x509 -in "$issued/signature.cert.pem" -noout -pubkey >public-key.pem
    openssl dgst -sha256 -verify public-key.pem -signature signature document
}

# policy PROGRAM EXPRESSION: what the file says, in Python's words.
policy() {
    /usr/bin/python3 -c 'import json, sys; print(eval(sys.argv[2], {"policies": json.load(open(sys.argv[1]))["policies"]}))' \
        "/etc/$1/policies/policies.json" "$2"
}

policies() { # PROGRAM LIBRARY CONTENT|none
    local program=$1 wanted=$2 content=$3
    adds() { equal "$wanted" "$(policy "$program" 'policies["SecurityDevices"]["Add"]["Carte CPS"]')"; }
    if [ "$content" != none ]; then
        mkdir -p "/etc/$program/policies"
        printf '%s' "$content" >"/etc/$program/policies/policies.json"
    fi
    set_up_and_undone adds "$program"
    rm -f "/etc/$program/policies/policies.json"
}

existing_policies() { # PROGRAM
    others() {
        equal True "$(policy "$program" 'policies["DisableTelemetry"]')"
        equal /other.so "$(policy "$program" 'policies["SecurityDevices"]["Add"]["Other"]')"
    }
    local program=$1 file=/etc/$1/policies/policies.json
    mkdir -p "${file%/*}"
    # The old form of SecurityDevices, and no end of the last line.
    printf '{"policies":{  "DisableTelemetry":true,"SecurityDevices":{"Other":"/other.so"}}}' >"$file"
    set_up_and_undone others "$program"
    # Edited in between: what was added stays.
    register "$program"
    sed -i 's/"DisableTelemetry":true/"DisableTelemetry":true, "DisablePocket": true/' "$file"
    register --undo "$program"
    others
    equal True "$(policy "$program" 'policies["DisablePocket"]')"
    lacks "$file" "Carte CPS"
    rm "$file"
    equal "" "$(ls -A "${file%/*}")"
}

invalid_policies() { # PROGRAM CONTENT
    local file=/etc/$1/policies/policies.json
    mkdir -p "${file%/*}"
    printf '%s' "$2" >"$file"
    fails_with 8 register "$1"
    contains out "$file: no valid policies"
    fails_with 8 register --undo "$1"
    rm "$file"
}

# started PROGRAM: until its new profile has the module by the policy.
started() {
    local attempt process
    setsid timeout --kill-after=2 60 "$1" --headless --no-remote --profile "$profile_folder" >program.log 2>&1 &
    process=$!
    for attempt in {1..300}; do
        if grep -q '^name=Carte CPS' "$profile_folder/pkcs11.txt" 2>/dev/null; then break; fi
        sleep 0.2
    done
    kill -TERM -- "-$process" 2>/dev/null || true
    wait "$process" || true
    grep -A1 '^library=/' "$profile_folder/pkcs11.txt" >modules || { cat program.log; return 1; }
}

program_gets_the_module() { # WHAT PROGRAM FOLDER LIBRARY
    profile_folder=$HOME/$3/cps.default
    mkdir -p "$profile_folder"
    # Thunderbird 140 has no such policy: `register` changes the profiles that there are.
    if [ "$1" = thunderbird ] && ! grep -q 'SecurityDevices: {' /usr/lib/thunderbird/omni.ja; then
        new_database "$profile_folder"
    fi
    register "$1"
    started "$2"
    contains modules "library=$4" "name=Carte CPS"
    register --undo "$1" >out
    contains out "out of the profile $profile_folder"
    lacks "$profile_folder/pkcs11.txt" "Carte CPS"
    [ ! -e "/etc/$1/policies/policies.json" ]
}

# A Thunderbird whose policies cannot add modules: the profiles that there are get it.
thunderbird_without_the_policy() {
    local profile=$HOME/.thunderbird/cps.default
    new_database "$profile"
    mkdir -p /opt/thunderbird
    echo 'Certificates: {' >/opt/thunderbird/omni.ja
    register thunderbird >out
    contains out "no policy for modules" "into the profile $profile"
    contains "$profile/pkcs11.txt" "library=$full" "name=Carte CPS"
    register thunderbird >out
    lacks out "into the profile $profile"
    register --undo thunderbird >out
    contains out "out of the profile $profile"
    lacks "$profile/pkcs11.txt" "Carte CPS"
    [ ! -e /etc/thunderbird/policies/policies.json ]
    rm -r /opt/thunderbird
}

# A profile that modutil cannot change: the policy says Delete, until undone again.
profile_is_left() {
    local profile=$HOME/.mozilla/firefox/cps.default file=/etc/firefox/policies/policies.json
    new_database "$profile"
    register firefox nss "$profile"
    mkdir bin
    printf '#!/bin/sh\nexit 1\n' >bin/modutil
    chmod 755 bin/modutil
    PATH=$PWD/bin:$PATH register --undo firefox >out
    contains out "Some profiles still have the module"
    equal "['Carte CPS']" "$(policy firefox 'policies["SecurityDevices"]["Delete"]')"
    register --undo firefox
    lacks "$profile/pkcs11.txt" "Carte CPS"
    [ ! -e "$file" ]
}

words_are_refused() {
    fails_with 64 register openssh netscape
    contains out "Unknown: netscape" "Usage:"
    LC_ALL=fr_FR.UTF-8 fails_with 64 register netscape
    contains out "Inconnu : netscape" "Usage :"
}

# Nothing is named: what is there, and what this user may change.
what_is_found() {
    register --dry-run >out
    contains out "Found: library p11-kit"
    register --dry-run --undo >out
    contains out "Found:" "p11-kit library"
    mkdir -p "$HOME/.pki/nssdb"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$work/cps-register" --dry-run >out
    contains out "Found: chromium"
    lacks out firefox
}

official=/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so

# All places of the official package, and of older ones; and what Firefox reads for the
# extension of the ANS.
leads_to_the_library() {
    local path
    for path in "$official" /usr/lib64/libcps3_pkcs11_lux.so{,.0,.3.1.0} /usr/lib/libcps3_pkcs11.so \
        /usr/local/lib/libcps3_pkcs11.so /usr/local/galss/libcps{3,}_pkcs11_lux.so; do
        cmp "$path" "$full"
        equal "$full" "$(readlink "$path")"
    done
    insert cps4
    timeout 60 pkcs11-tool --module /usr/lib64/libcps3_pkcs11_lux.so.0 --list-slots >listing
    contains listing "$label"
    for path in /usr/lib{,64}/mozilla/pkcs11-modules/cps3.json; do
        equal "$browser cps3 pkcs11 ['CPS2ter-2020_Firefox@asipsante.fr'] 644" "$(python3 -c '
import json, sys
manifest = json.load(open(sys.argv[1]))
print(*(manifest[name] for name in ["path", "name", "type", "allowed_extensions"]))' "$path") $(stat -c %a "$path")"
    done
}

official_path() {
    set_up_and_undone leads_to_the_library official-path
    [ ! -e /opt/santesocial ]
    mkdir -p "${official%/*}"
    echo theirs >"$official"
    fails_with 8 register official-path
    contains out "the official library stays as it is"
    fails_with 8 register --undo official-path
    rm -r /opt/santesocial
}

# One by one: what somebody else has put at one of the paths stays, and the others are set
# up; when the official package comes over ours, undoing leaves it whole.
official_path_beside_others() {
    local theirs=(/usr/lib64/libcps3_pkcs11_lux.so.0 /usr/local/galss/libcps3_pkcs11_lux.so
        /usr/lib/mozilla/pkcs11-modules/cps3.json) file
    mkdir -p /usr/local/galss /usr/lib/mozilla/pkcs11-modules
    for file in "${theirs[@]}"; do echo theirs >"$file"; done
    ln -s /nowhere /usr/local/lib/libcps3_pkcs11.so
    snapshot >before
    register official-path >out
    contains out "/usr/lib64/libcps3_pkcs11_lux.so.0 is not ours, and stays as it is."
    equal /nowhere "$(readlink /usr/local/lib/libcps3_pkcs11.so)"
    for file in "${theirs[@]}"; do equal theirs "$(cat "$file")"; done
    cmp "$official" "$full"
    register --undo official-path >out
    snapshot >now
    diff before now

    register official-path >out
    rm "$official"
    echo theirs >"$official"
    snapshot_of_theirs >before
    fails_with_status 8 register --undo official-path
    contains out "the official library stays as it is"
    snapshot_of_theirs >now
    diff before now
    [ ! -e /usr/lib64/libcps3_pkcs11_lux.so ] && [ ! -e /usr/lib64/mozilla ]
    rm -r /opt/santesocial /usr/local/galss "${theirs[@]:0:1}" "${theirs[2]}" /usr/local/lib/libcps3_pkcs11.so
}

# Folders that others made stay, also those that were empty.
official_path_in_folders_of_others() {
    mkdir -p "${official%/*}" /usr/local/galss /usr/lib/mozilla/pkcs11-modules
    snapshot >before
    register official-path >out
    register --undo official-path >out
    snapshot >now
    diff before now
    rmdir --parents "${official%/*}" /usr/local/galss /usr/lib/mozilla/pkcs11-modules 2>/dev/null || true
}

snapshot_of_theirs() { sha256sum "$official" /usr/lib64/libcps3_pkcs11_lux.so.0 /usr/local/galss/libcps3_pkcs11_lux.so; }

fails_with_status() { # CODE COMMAND...
    local result=0
    "${@:2}" >out 2>&1 || result=$?
    equal "$1" "$result"
}

root_is_needed() {
    local what
    for what in library p11-kit firefox thunderbird official-path; do
        fails_with 8 setpriv --reuid=65534 --regid=65534 --clear-groups env CPS_LIBRARY="$full" \
            "$work/cps-register" "$what"
        contains out "Please run this as root"
    done
}

for folder in "${layers[@]}"; do
    private_layer "$folder" || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
done
cp "$register" "$work/"
register library >/dev/null || give_up "The library cannot be installed." "La bibliothèque ne s'installe pas."
start_pcscd
it "library: both files; without them clients are refused" with_home library_without_the_others
it "p11-kit: programs see the card" with_home set_up_and_undone p11_kit_lists_the_card p11-kit
it "p11-kit: not for browsers, which have their copy" with_home p11_kit_spares_the_browsers
it "p11-kit: somebody else's module file is left alone" with_home foreign_module_file
it "chromium: the user's NSS database" with_home chromium
it "chromium: a user who has no NSS database yet" with_home chromium_without_database
it "nss: any database" with_home any_database
it "openssh: a new configuration" with_home openssh none
it "openssh: an empty configuration" with_home openssh ""
own_provider=/other.so
it "openssh: an existing one, whose own words count first" with_home openssh 'Host own\n    PKCS11Provider /other.so\n'
it "openssh: an existing one without the end of its last line" with_home openssh 'Host own\n    PKCS11Provider /other.so'
it "openssh: a link to one" with_home openssh_by_a_link
it "java: SunPKCS11's configuration" with_home set_up_and_undone keytool_lists_the_card java
it "openssl: the engine signs by the configuration" with_home set_up_and_undone openssl_loads_the_engine openssl
for program in firefox thunderbird; do
    wanted=$browser
    [ $program = firefox ] || wanted=$full
    it "$program: a new policies.json" with_home policies $program "$wanted" none
    it "$program: an empty set of policies" with_home policies $program "$wanted" '{ "policies": {} }'
    it "$program: existing policies are kept" with_home existing_policies $program
    for content in '{"policies": {' '[]' '{"policies": {"SecurityDevices": []}}' ''; do
        it "$program: '$content' is refused, and untouched" with_home invalid_policies $program "$content"
    done
done
it "firefox: a profile that cannot be changed keeps the policy, with Delete" with_home profile_is_left
it "thunderbird: one whose policies cannot add modules" with_home thunderbird_without_the_policy
for row in "firefox firefox-esr .mozilla/firefox $browser" "thunderbird thunderbird .thunderbird $full"; do
    read -ra words <<<"$row"
    if is_installed "${words[1]}"; then
        it "${words[1]} itself gets the module by the policy, and undoing takes it away" with_home program_gets_the_module "${words[@]}"
    else
        printf '  not installed: %s\n' "${words[1]}"
    fi
done
it "official-path: links and Firefox's file, which never hide the official library" with_home official_path
it "official-path: what others have put there stays" with_home official_path_beside_others
it "official-path: folders of others stay, be they empty" with_home official_path_in_folders_of_others
it "no words: what is found for this user" with_home what_is_found
it "unknown words: a sentence, and nothing is done" with_home words_are_refused
it "what all users share needs root" with_home root_is_needed
finish
