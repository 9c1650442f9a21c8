#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps doctor`: how programs are set up with the library, on constructed computers (--root).
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/Tests/Command/support/doctor.sh"

library_missing() {
    healthy_tree
    rm "tree$browser" "tree$full"
    doctor 1
    has "problem library.missing" "problem p11-kit.file-missing" "problem firefox.file-missing"
    echo "no library" >"tree$full"
    cp "$library" "tree$browser"
    doctor 1
    has "problem library.not-loadable"
}

nothing_registered() {
    healthy_tree
    rm tree/usr/share/p11-kit/modules/* tree/etc/firefox/policies/* tree/etc/thunderbird/policies/* "tree$HOME/.pki/nssdb/pkcs11.txt"
    doctor 0
    has "warning p11-kit.not-registered" "warning firefox.not-registered" "warning thunderbird.not-registered" \
        "warning chromium.not-registered"
    contains out "cps register firefox" "cps register chromium"
}

broken_policies() {
    healthy_tree
    echo '{"policies": ' >tree/etc/firefox/policies/policies.json
    echo '{"policies": {"SecurityDevices": {"Carte CPS": "'"$full"'"}}}' >tree/etc/thunderbird/policies/policies.json
    doctor 1
    has "problem firefox.policies-unreadable" "ok thunderbird.registered"
    echo '[1]' >tree/etc/firefox/policies/policies.json
    doctor 1
    has "problem firefox.policies-unreadable"
    echo '{"policies": {"SecurityDevices": {"Add": 1}}}' >tree/etc/firefox/policies/policies.json
    doctor 1
}

# Thunderbird 140 has no policy for modules: only its profiles count.
policy_without_effect() {
    healthy_tree
    doctor 0
    has "ok thunderbird.registered"
    mkdir -p tree/usr/lib/thunderbird
    echo 'Certificates: {' >tree/usr/lib/thunderbird/omni.ja
    doctor 0
    has "warning thunderbird.not-registered"
    echo 'SecurityDevices: {' >tree/usr/lib/thunderbird/omni.ja
    doctor 0
    has "ok thunderbird.registered"
}

registered_twice() {
    healthy_tree
    rm tree/etc/firefox/policies/policies.json
    own_profile "$full"
    doctor 0
    has "ok firefox.registered"
    own_profile "$full" "$browser"
    doctor 0
    has "warning firefox.twice"
    own_profile "$full" "$modules/p11-kit-proxy.so"
    doctor 0
    has "warning firefox.twice"
    own_profile "$modules/p11-kit-proxy.so"
    doctor 0
    has "ok firefox.by-p11-kit"
    own_profile "$full" onepin-opensc-pkcs11.so /opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so
    doctor 0
    has "warning firefox.opensc" "warning firefox.official"
}

# Fedora and RHEL: other folders, and p11-kit's proxy in every program that is built on NSS.
where_nss_loads_p11_kit() {
    healthy_tree
    mv tree/usr/lib/firefox-esr tree/usr/lib64-firefox
    mkdir -p tree/usr/lib64 tree/etc/crypto-policies/back-ends
    mv tree/usr/lib64-firefox tree/usr/lib64/firefox
    printf 'name=p11-kit-proxy\nlibrary=p11-kit-proxy.so\n' >tree/etc/crypto-policies/back-ends/nss.config
    doctor 0
    has "warning firefox.twice" "warning thunderbird.twice"
    echo "disable-in: firefox, firefox-esr, chromium" >>tree/usr/share/p11-kit/modules/cps-pkcs11.module
    rm tree/etc/thunderbird/policies/policies.json
    doctor 0
    has "ok firefox.registered" "ok thunderbird.by-p11-kit"
    if grep -q twice names; then return 1; fi
    rm tree/usr/sbin/pcscd
    touch tree/usr/bin/dnf
    "$cps" doctor --root "$PWD/tree" >out || true
    lacks out "apt install"
}

# What `cps unregister` leaves where a profile could not be changed; or an administrator's.
deleted_by_policy() {
    healthy_tree
    own_profile "$browser"
    echo '{"policies": {"SecurityDevices": {"Delete": ["Carte CPS"]}}}' >tree/etc/firefox/policies/policies.json
    doctor 1
    has "problem firefox.deleted-by-policy" "ok firefox.registered"
}

opensc_beside_ours() {
    healthy_tree
    touch "tree$modules/opensc-pkcs11.so"
    echo "module: opensc-pkcs11.so" >tree/usr/share/p11-kit/modules/opensc.module
    doctor 0
    has "warning p11-kit.opensc"
    contains out "apt remove opensc-pkcs11"
    mkdir -p "tree$HOME/.config/pkcs11/modules"
    echo "module: $full" >"tree$HOME/.config/pkcs11/modules/mine.module"
    doctor 0
    has "warning p11-kit.twice"
    # shellcheck disable=SC2088
    contains out "~/.config/pkcs11/modules/mine.module"
    lacks out /home/somebody
}

official_library() {
    healthy_tree
    mkdir -p tree/opt/santesocial/CPS/lib
    touch tree/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so
    doctor 0
    has "ok library.official-too"
    ln -sf "$library" tree/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so
    doctor 0
    has "ok library.official-path"
}

snap_and_flatpak() {
    local flatpak=tree/var/lib/flatpak/app/org.mozilla.Thunderbird/current/active
    healthy_tree
    mkdir -p tree/snap/firefox/current "$flatpak" "tree$HOME/.local/share/flatpak/app/org.chromium.Chromium"
    printf '[Context]\nsockets=x11;wayland;pcsc;\n' >"$flatpak/metadata"
    doctor 1
    has "problem sandbox.snap" "problem sandbox.flatpak" "problem sandbox.flatpak-library"
    contains out "cps register firefox" "cp -a ~/snap/firefox/common/.mozilla ~/" "snap remove firefox" "p11-kit server" "Chromium is installed as a Flatpak"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "Firefox est installé en Snap"
}

java() {
    healthy_tree
    touch tree/usr/bin/java
    doctor 0
    has "ok java.not-registered"
    mkdir -p "tree$HOME/.config/cps-pkcs11"
    printf 'name = CPS\nlibrary = %s\nslotListIndex = 0\n' "$full" >"tree$HOME/.config/cps-pkcs11/java.cfg"
    doctor 0
    has "ok java.registered"
    sed -i 's/libcps/nolibcps/' "tree$HOME/.config/cps-pkcs11/java.cfg"
    doctor 1
    has "problem java.file-missing"
}

start_pcscd
cd "$work" || exit 1
insert cps3 || give_up "no card" "pas de carte"
it "the library is missing, or cannot be loaded" library_missing
it "no program knows the library" nothing_registered
it "policies that are no JSON, or of the old form" broken_policies
it "a policy that Thunderbird does not know" policy_without_effect
it "registered twice, or beside others" registered_twice
it "NSS that loads p11-kit into every program" where_nss_loads_p11_kit
it "a policy that deletes the module" deleted_by_policy
it "OpenSC beside this library in p11-kit" opensc_beside_ours
it "the official library's path" official_library
it "Snap and Flatpak" snap_and_flatpak
it "Java" java
finish
