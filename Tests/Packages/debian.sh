#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages: what is in them, whom they need, and that they come and go
# without a trace.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/support/packages.sh"

policies=/etc/firefox/policies/policies.json
system_libraries=/usr/lib/$(dpkg-architecture --query DEB_HOST_MULTIARCH)
installed=$system_libraries/pkcs11

# With all that it has to say, hardening included. It takes French, and Swift's packed tables of words, for
# misspelt English.
lintian_is_content() {
    lintian --allow-root --pedantic --display-info --suppress-tags spelling-error-in-binary \
        --fail-on error,warning,info,pedantic "$packages"/*.deb >out 2>&1 || { cat out; return 1; }
    equal "" "$(cat out)"
}

# The same products, somewhere else, in another time zone. What a .deb compresses is compared: its
# compression alone takes longer than all the rest.
same_bytes_again() {
    local file part
    mkdir again
    CPS_LIBRARY=$library CPS_COMMAND=$cps CPS_VIRTUAL_CARD=$virtual_card TZ=Pacific/Auckland LC_ALL=fr_FR.UTF-8 \
        DPKG_DEB_COMPRESSOR_TYPE=none "$project/scripts/package" "$PWD/again" >log 2>&1 || { cat log; return 1; }
    for file in "$packages"/*.deb; do
        for part in --ctrl-tarfile --fsys-tarfile; do
            cmp <(dpkg-deb $part "$file") <(dpkg-deb $part "again/${file##*/}")
        done
    done
    for file in "$packages"/*.rpm; do
        [ ! -e "$file" ] || cmp "$file" "again/${file##*/}"
    done
}

unpacked() {
    local file
    for file in "$packages"/*.deb; do dpkg-deb --extract "$file" unpacked; done
}

# What the pages refer to, and the manual page of cps.
documents_itself() {
    local file
    unpacked
    for file in docs/cps.md docs/clients/p11-kit.md $(cd "$project" && ls docs/schema/*.json); do
        cmp "$project/$file" "unpacked/usr/share/doc/cps-pkcs11-doc/$file"
    done
}

# elf_files: into the file elves.
elf_files() {
    unpacked
    find unpacked -type f -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print >elves
    equal 5 "$(wc -l <elves)"
}

# no_newer_than NAME VERSION: of all symbol versions that the files need.
no_newer_than() {
    local file newest
    while IFS= read -r file; do
        newest=$(readelf --version-info "$file" | grep -oE "\\b$1_[0-9.]+" | sed "s/$1_//" | sort -V | tail -n 1)
        echo "$file: $1 $newest"
        [ -n "$newest" ]
        equal "$2" "$(printf '%s\n' "$2" "$newest" | sort -V | tail -n 1)"
    done <elves
}

runs_on_ubuntu_22_04() {
    elf_files
    no_newer_than GLIBC 2.35
    no_newer_than GLIBCXX 3.4.30
}

needs_no_swift() {
    local file
    elf_files
    while IFS= read -r file; do
        ldd "$file" >needed
        lacks needed libswift Foundation "not found"
        readelf --dynamic "$file" >dynamic
        lacks dynamic RUNPATH
        # One folder, for copies in sandboxes (Integration/binary.sh).
        [ "$(grep -c RPATH dynamic)" = "$(grep -cF '[$ORIGIN/cps-pkcs11-libraries]' dynamic)" ]
        strings --all "$file" | { grep -F "$project" || true; } >paths
        equal "" "$(head -n 3 paths)"
    done <elves
}

# builds_for_old_systems: with the C library of Debian 12 or an older one.
builds_for_old_systems() {
    local version
    version=$(getconf GNU_LIBC_VERSION)
    [ "$(printf '%s\n' 2.36 "${version##* }" | sort -V | tail -n 1)" = 2.36 ]
}

# The versions that Ubuntu 22.04 was published with: nothing newer may be asked for.
ubuntu_has_what_is_needed() {
    local name dependency package version
    declare -A there=(
        [libc6]=2.35-0ubuntu3 [libgcc-s1]=12-20220319-1ubuntu1 [libstdc++6]=12-20220319-1ubuntu1
        [libgmp10]=2:6.2.1+dfsg-3ubuntu1 [libnettle8]=3.7.3-1build2 [libpcsclite1]=1.9.5-3ubuntu1
        [libssl3]=3.0.2-0ubuntu1 [openssl]=3.0.2-0ubuntu1
        [libcps-pkcs11]=$(dpkg-deb --field "$(deb libcps-pkcs11)" Version)
    )
    for name in "${names[@]}"; do
        while IFS= read -r dependency; do
            [ -n "$dependency" ] || continue
            package=${dependency%% *}
            package=${package%:any}
            [ -n "${there[$package]:-}" ] || { echo "$name: $dependency"; return 1; }
            case $dependency in *"("*) ;; *) continue ;; esac
            version=${dependency#*(}
            # shellcheck disable=SC2086
            dpkg --compare-versions "${there[$package]}" ${version%)} || { echo "$name: $dependency"; return 1; }
        done < <(dpkg-deb --field "$(deb "$name")" Depends | sed 's/, */\n/g')
    done
}

install_all() {
    # shellcheck disable=SC2046
    DEBIAN_FRONTEND=noninteractive dpkg --install $(deb "${names[@]}") >out 2>&1 || { cat out; return 1; }
}

leaves_nothing() {
    purge_all
    changed_files >now
    diff "$work/untouched" now
}

comes_and_goes() {
    install_all
    changed_files >now
    contains now /usr/bin/cps "$installed/libcps-pkcs11.so" "$policies"
    leaves_nothing
}

policy_library() {
    /usr/bin/python3 -c 'import json; print(json.load(open("/etc/firefox/policies/policies.json"))["policies"]["SecurityDevices"]["Add"]["Carte CPS"])'
}

programs_see_the_card() {
    install_all
    equal "$installed/libcps-pkcs11-browser.so" "$(policy_library)"
    insert cps4
    pkcs11-tool --module "$installed/libcps-pkcs11.so" --list-objects >out 2>&1
    contains out "Certificat de Signature CPS" "Certificat d'Authentification CPS"
    pkcs11-tool --module "$installed/libcps-pkcs11-browser.so" --list-objects >out 2>&1
    lacks out "Certificat de Signature CPS"
    timeout 60 p11-kit list-modules >out
    contains out "$installed/libcps-pkcs11.so" "token: $label"
    /usr/bin/cps status >out
    contains out "Virtual reader"
}

the_command_is_all_there() {
    equal "$(/usr/bin/cps --version)" "$(dpkg-query --show --showformat '${Version}' cps)"
    man --where cps cps-virtual-card >out
    man --where --locale fr_FR.UTF-8 cps >out
    contains out /fr/man1/cps.1.gz
    # Completion, as an interactive bash does it.
    bash -c '. /usr/share/bash-completion/completions/cps; COMP_WORDS=(cps regi) COMP_CWORD=1; _cps cps regi cps; printf "%s\n" "${COMPREPLY[@]}"' >out
    contains out register
}

registers_by_the_package() {
    /usr/bin/cps register p11-kit library firefox >out
    contains out "p11-kit: nothing to do." "library: nothing to do." "firefox: nothing to do."
    local what
    for what in library p11-kit; do
        if /usr/bin/cps unregister $what >out 2>&1; then return 1; fi
        contains out "belongs to a package"
    done
    /usr/bin/cps register official-path
    cmp /opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so "$installed/libcps-pkcs11.so"
    HOME=$PWD /usr/bin/cps register chromium >out
    contains out "Done: module"
}

# Whoever took the policy away is not given it again by an update.
an_update_asks_nobody_again() {
    /usr/bin/cps unregister firefox
    [ ! -e "$policies" ]
    install_all
    [ ! -e "$policies" ]
    /usr/bin/cps register firefox
    install_all
    equal "$installed/libcps-pkcs11-browser.so" "$(policy_library)"
}

keeps_policies_of_others() {
    mkdir -p "${policies%/*}"
    printf '{ "policies": { "DisableTelemetry": true } }' >"$policies"
    cp "$policies" before
    install_all
    contains out "sudo cps register firefox"
    cmp before "$policies"
    /usr/bin/cps register firefox
    equal "$installed/libcps-pkcs11-browser.so" "$(policy_library)"
    purge_all
    cmp before "$policies"
    rm -r /etc/firefox
}

# A purge of 0.1.0 left Delete where a profile could not be changed, and Firefox obeyed it for ever.
ends_a_deletion_of_ours() {
    mkdir -p "${policies%/*}"
    printf '{ "policies": { "SecurityDevices": { "Delete": ["Carte CPS"] } } }' >"$policies"
    install_all
    equal "$installed/libcps-pkcs11-browser.so" "$(policy_library)"
    leaves_nothing
}

# Firefox's own policies, in whatever folder: one in /etc would hide them.
hides_no_policies() {
    mkdir -p /opt/firefox/distribution
    printf '{ "policies": { "DisableTelemetry": true } }' >/opt/firefox/distribution/policies.json
    install_all
    [ ! -e "$policies" ]
    contains out "sudo cps register firefox"
    rm -r /opt/firefox
    purge_all
}

makes_test_cards() {
    install_all
    copy_hierarchy hierarchy
    /usr/share/cps-virtual-card/make-test-hierarchy hierarchy >out
    contains out "22 card(s) ready"
    virtual_card=/usr/bin/cps-virtual-card
    insert cps3 --profile /usr/share/cps-virtual-card/profiles/doctor-cps3.json --hierarchy "$PWD/hierarchy"
    purge_all
}

# What autopkgtest runs (`autopkgtest DEBS CHECKOUT -- null` installs the packages first, and takes its time).
signs_as_autopkgtest_does() {
    install_all
    AUTOPKGTEST_TMP=$PWD "$project/debian/tests/sign" >out 2>&1 || { cat out; return 1; }
    contains out "Verified OK" "Virtual reader"
    purge_all
}

# firefox_as_snap HOME: which its owner, a person, has used; without the command snap.
firefox_as_snap() {
    local profile=$1/snap/firefox/common/.mozilla/firefox/card.default
    mkdir -p /var/lib/snapd/snap/firefox/current "$profile"
    certutil -N --empty-password -d "sql:$profile"
    chown -R 4711:4711 "$1"
}

as_owner() { # HOME COMMAND...
    env HOME="$1" setpriv --reuid=4711 --regid=4711 --clear-groups "${@:2}"
}

# upgrade_gmp: GMP in a package of another build, whose library is one byte longer.
upgrade_gmp() {
    mkdir -p gmp/DEBIAN "gmp$system_libraries"
    dpkg-query --show --showformat 'Package: ${Package}\nVersion: ${Version}\nArchitecture: ${Architecture}\nMulti-Arch: ${Multi-Arch}\nMaintainer: ${Maintainer}\nDescription: another build\n' \
        libgmp10 >gmp/DEBIAN/control
    cp -a "$system_libraries"/libgmp.so.10* "gmp$system_libraries"
    printf '\0' >>"$(readlink -f "gmp$system_libraries/libgmp.so.10")"
    dpkg-deb --build --root-owner-group gmp gmp.deb >/dev/null
    dpkg --install gmp.deb >out 2>&1 || { cat out; return 1; }
}

# Copies for a program in a sandbox: of the library, and of what it needs.
copies_follow_upgrades() {
    local folder=/home/person/snap/firefox/common/cps-pkcs11 name
    firefox_as_snap /home/person
    firefox_as_snap /home/other
    install_all
    as_owner /home/person /usr/bin/cps register firefox >out 2>&1 || { cat out; return 1; }
    for name in "$folder"/cps-pkcs11-libraries/*; do
        name=$system_libraries/${name##*/}
        # A trigger has the name by which a package brings the file.
        grep -qx "interest-noawait $name" /var/lib/dpkg/info/libcps-pkcs11.triggers
        dpkg-query --search "$name" >/dev/null
    done
    upgrade_gmp
    contains out "Processing triggers for libcps-pkcs11" "copies for Firefox in $folder"
    cmp "$system_libraries/libgmp.so.10" "$folder/cps-pkcs11-libraries/libgmp.so.10"
    echo old >>"$folder/libcps-pkcs11-browser.so"
    install_all
    cmp "$installed/libcps-pkcs11-browser.so" "$folder/libcps-pkcs11-browser.so"
    equal 4711 "$(stat --format=%u "$folder/libcps-pkcs11-browser.so" "$folder"/*/libgmp.so.10 | sort -u)"
    # Who has asked for none is given none.
    [ ! -e /home/other/snap/firefox/common/cps-pkcs11 ]
    purge_all
    [ ! -e "$folder" ]
    lacks /home/person/snap/firefox/common/.mozilla/firefox/card.default/pkcs11.txt "Carte CPS"
}

rpm_packages() {
    local name
    for name in "${names[@]}"; do
        rpm --dbpath "$PWD/db" --query --package --list "$packages/$name"-[0-9]*.rpm >"$name.list" 2>/dev/null
    done
    contains libcps-pkcs11.list /usr/lib64/pkcs11/libcps-pkcs11.so /usr/share/p11-kit/modules/cps-pkcs11.module
    contains cps.list /usr/bin/cps /usr/share/man/fr/man1/cps.1.gz
    contains cps-virtual-card.list /usr/bin/cps-virtual-card
    # Not by a pipe: cpio may end before it has read all of it.
    rpm2cpio "$packages"/libcps-pkcs11-*.rpm >files
    cpio --extract --quiet --make-directories <files
    contains usr/share/p11-kit/modules/cps-pkcs11.module "module: /usr/lib64/pkcs11/libcps-pkcs11.so"
    rpm --dbpath "$PWD/db" --query --package --requires "$packages"/libcps-pkcs11-*.rpm >out 2>/dev/null
    contains out "libpcsclite.so.1" "libc.so.6(GLIBC_2."
    lacks out GLIBC_2.36
}

install_packages "${packages_of_packages[@]}" libnss3-tools >/dev/null || exit 1
build_packages
# In the system itself: the throwaway one may be without Swift, whose version the packages tell.
it "the same products give the same packages, byte for byte" same_bytes_again
throwaway_system
start_pcscd
it "lintian has nothing to say" lintian_is_content
if builds_for_old_systems; then
    it "no symbol newer than GLIBC_2.35 and GLIBCXX_3.4.30 is needed" runs_on_ubuntu_22_04
    it "Ubuntu 22.04 has all packages that are needed, new enough" ubuntu_has_what_is_needed
else
    skip "packages for Ubuntu 22.04 and Debian 12" "those that are built here need a C library like this system's"
fi
it "no Swift toolchain is needed, and no path of the build is told" needs_no_swift
it "the documentation has its schemas" documents_itself
it "installed and purged: nothing is left" comes_and_goes
it "programs see the card: p11-kit, pkcs11-tool, Firefox's policy, cps" programs_see_the_card
it "cps is there with manual pages in both languages and completion" the_command_is_all_there
it "cps register goes with what the package brought" registers_by_the_package
it "an update does not set up again what was undone" an_update_asks_nobody_again
it "purged after all that: nothing is left" leaves_nothing
it "Firefox policies of others are kept, byte for byte" keeps_policies_of_others
it "a Delete that an earlier version left ends with the installation" ends_a_deletion_of_ours
it "policies that come with Firefox are not hidden" hides_no_policies
it "the virtual card is inserted from its package" makes_test_cards
it "the packages' own test signs with a virtual card" signs_as_autopkgtest_does
it "copies for a program in a sandbox follow upgrades, and go with the package" copies_follow_upgrades
it "RPM packages hold the same, where such systems look" rpm_packages
finish
