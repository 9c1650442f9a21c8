#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Browsers as Snap or Flatpak: `cps register` makes a folder of copies for them, keeps it current
# and takes it away again; `cps doctor` says what is missing (docs/clients/sandboxes.md). The
# commands snap and flatpak are stand-ins, which write down what they are told.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"

person=65534
installed=/usr/lib/$(gcc -print-multiarch)/pkcs11
browser=$installed/libcps-pkcs11-browser.so
profiles_of_snaps=/var/lib/snapd/apparmor/profiles
libraries=(libgmp.so.10 libnettle.so.8 libpcsclite.so.1)

# stand_ins: on PATH, for the person and for root. They write down what they are asked, and do what can
# be seen of it.
stand_ins() {
    mkdir -p "$work/bin"
    cat >"$work/bin/snap" <<END
#!/bin/sh
echo "snap \$*" >>"$work/asked"
mkdir -p $profiles_of_snaps
echo "/{var/,}run/pcscd/pcscd.comm rw," >$profiles_of_snaps/snap.firefox.firefox
END
    cat >"$work/bin/flatpak" <<END
#!/bin/sh
echo "flatpak \$*" >>"$work/asked"
mkdir -p ~/.local/share/flatpak/overrides
printf '[Context]\nsockets=pcsc;\n' >~/.local/share/flatpak/overrides/\$4
END
    chmod 755 "$work"/bin/*
    install --mode=755 "$register" "$cps" "$work/bin/"
    : >"$work/asked"
    chmod 666 "$work/asked"
    export PATH=$work/bin:$PATH
}

# with_home COMMAND...: in a home of the person's own.
with_home() {
    export HOME=$PWD
    : >"$work/asked"
    rm -rf /var/lib/snapd /var/lib/flatpak
    "$@"
}

as_person() { setpriv --reuid=$person --regid=$person --clear-groups "$@"; }
registers() { as_person cps-register "$@" >out 2>&1 || { cat out; return 1; }; }

# has_snap NAME [DATABASE]: installed, and used once by the person.
has_snap() {
    mkdir -p "/var/lib/snapd/snap/$1/current"
    [ -z "${2:-}" ] || new_database "$2"
}

has_flatpak() {
    mkdir -p "/var/lib/flatpak/app/$1/current/active"
    printf '[Context]\nsockets=x11;wayland;\n' >"/var/lib/flatpak/app/$1/current/active/metadata"
    [ -z "${2:-}" ] || new_database "$2"
}

new_database() {
    mkdir -p "$1"
    certutil -N --empty-password -d "sql:$1"
    chown -R $person:$person "$HOME"
}

# are_copies FOLDER: all that is needed, and nothing else.
are_copies() {
    local name
    cmp "$browser" "$1/libcps-pkcs11-browser.so"
    ls "$1/cps-pkcs11-libraries" >names
    grep -v _real names | cmp - <(printf '%s\n' "${libraries[@]}")
    while IFS= read -r name; do
        cmp "$1/cps-pkcs11-libraries/$name" "/usr/lib/$(gcc -print-multiarch)/$name"
    done <names
}

# sees_card DATABASE FOLDER: NSS loads the library from there.
sees_card() {
    grep -qx "library=$2/libcps-pkcs11-browser.so" "$1/pkcs11.txt"
    as_person modutil -dbdir "sql:$1" -list >listing
    contains listing "token: $label"
}

firefox_snap=snap/firefox/common
firefox_flatpak=.var/app/org.mozilla.firefox

a_snap() {
    local database=$PWD/$firefox_snap/.mozilla/firefox/card.default folder=$PWD/$firefox_snap/cps-pkcs11
    has_snap firefox "$database"
    registers firefox
    are_copies "$folder"
    contains out "sudo snap connect firefox:pcscd"
    equal "" "$(cat "$work/asked")"
    insert cps4
    sees_card "$database" "$folder"
    registers firefox
    contains out "nothing to do"
    registers --undo firefox
    [ ! -e "$folder" ]
    lacks "$database/pkcs11.txt" "Carte CPS"
    registers --undo firefox
}

a_flatpak() {
    local database=$PWD/$firefox_flatpak/.mozilla/firefox/card.default folder=$PWD/$firefox_flatpak/cps-pkcs11
    has_flatpak org.mozilla.firefox "$database"
    registers firefox
    are_copies "$folder"
    equal "flatpak override --user --socket=pcsc org.mozilla.firefox" "$(cat "$work/asked")"
    insert cps3
    sees_card "$database" "$folder"
    registers firefox
    contains out "nothing to do"
    equal 1 "$(wc -l <"$work/asked")"
    registers --undo firefox
    [ ! -e "$folder" ]
}

# Chromium's Snap has its database with the Snap's revision, its Flatpak in the home folder.
chromium() {
    has_snap chromium "$PWD/snap/chromium/7/.pki/nssdb"
    ln -s 7 snap/chromium/current
    mkdir -p snap/chromium/common
    has_flatpak org.chromium.Chromium "$PWD/.pki/nssdb"
    mkdir -p .var/app/org.chromium.Chromium
    chown -R $person:$person .
    registers chromium
    are_copies "$PWD/snap/chromium/common/cps-pkcs11"
    are_copies "$PWD/.var/app/org.chromium.Chromium/cps-pkcs11"
    grep -q "library=$PWD/snap/chromium/common/" snap/chromium/7/.pki/nssdb/pkcs11.txt
    grep -q "library=$PWD/.var/app/org.chromium.Chromium/" .pki/nssdb/pkcs11.txt
    registers --undo chromium
    lacks .pki/nssdb/pkcs11.txt "Carte CPS"
}

# What a program leaves behind that was removed before `cps unregister`.
is_gone() {
    has_snap firefox "$PWD/$firefox_snap/.mozilla/firefox/card.default"
    registers firefox
    rm -r /var/lib/snapd
    registers --undo firefox
    [ ! -e "$firefox_snap/cps-pkcs11" ]
    lacks "$firefox_snap/.mozilla/firefox/card.default/pkcs11.txt" "Carte CPS"
}

never_started() {
    has_snap firefox
    registers firefox
    contains out "start and end it once"
    [ ! -e snap ]
}

# What a package does after an upgrade of the library or of what it needs: for all users.
is_kept_current() {
    local folder=$PWD/$firefox_snap/cps-pkcs11 loaded
    has_snap firefox "$PWD/$firefox_snap/.mozilla/firefox/card.default"
    cps-register --unasked sandboxes
    [ ! -e "$folder" ]
    registers firefox
    exec {loaded}<"$folder/cps-pkcs11-libraries/libgmp.so.10"
    echo old >>"$folder/libcps-pkcs11-browser.so"
    echo old >"$folder/cps-pkcs11-libraries/libgmp.so.9"
    cps-register --unasked sandboxes >out
    are_copies "$folder"
    equal "$person" "$(stat --format=%u "$folder/libcps-pkcs11-browser.so")"
    # Who has a file loaded keeps what it was.
    cmp - "/usr/lib/$(gcc -print-multiarch)/libgmp.so.10" <&"$loaded"
}

root_connects() {
    has_snap firefox "$PWD/$firefox_snap/.mozilla/firefox/card.default"
    cps-register firefox >out 2>&1 || { cat out; return 1; }
    are_copies "$PWD/$firefox_snap/cps-pkcs11"
    equal "$person" "$(stat --format=%u "$firefox_snap/cps-pkcs11")"
    equal "snap connect firefox:pcscd" "$(cat "$work/asked")"
    lacks out "sudo snap"
    cps-register --json firefox >out
    contains out '"changed" : false'
    equal 1 "$(wc -l <"$work/asked")"
}

doctor_says() { # NAME
    "$cps" doctor --json >report.json || true
    grep -q "\"$1\"" report.json || { grep sandbox report.json; return 1; }
}

doctor() {
    local profile=$PWD/$firefox_snap/.mozilla/firefox/card.default
    has_snap firefox "$profile"
    doctor_says sandbox.snap
    registers firefox
    doctor_says sandbox.not-connected
    snap connect firefox:pcscd
    doctor_says sandbox.registered
    echo old >>"$firefox_snap/cps-pkcs11/libcps-pkcs11-browser.so"
    doctor_says sandbox.outdated
    registers firefox
    as_person modutil -dbdir "sql:$profile" -force -delete "Carte CPS" >/dev/null
    doctor_says sandbox.not-registered
}

# As root it writes the policies of the system's own Firefox too.
for folder in /etc /var/lib "$installed"; do
    private_layer "$folder" || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
done
install --mode=644 "$library" "$installed/libcps-pkcs11.so"
install --mode=644 "$library" "$browser"
chmod 755 "$work"
stand_ins
start_pcscd
it "a Snap of Firefox: copies, module, what to connect; undone" with_home a_snap
it "a Flatpak of Firefox: copies, module, connected; undone" with_home a_flatpak
it "Chromium as both" with_home chromium
it "a browser that was removed before it was undone" with_home is_gone
it "a browser that was never started" with_home never_started
it "copies are kept current for all users, beside a program that has them loaded" with_home is_kept_current
it "as root: for those who have used it, and connected" with_home root_connects
it "cps doctor" with_home doctor
finish
