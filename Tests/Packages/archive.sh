#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The apt archive that scripts/package --repository makes: signed, with checksums and a list of what is
# linked in; packages are installed from it, upgraded to another version while Firefox runs (archive.py),
# downgraded and purged.
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
for part in Packages/support/packages Packages/support/archive Clients/server Browsers/support/drive; do
    # shellcheck source=/dev/null
    . "$project/Tests/$part.sh"
done
installed=/usr/lib/$(dpkg-architecture --query DEB_HOST_MULTIARCH)/pkcs11/libcps-pkcs11.so

# What a person does who fetched the files by hand.
checksums_are_signed() {
    gpg --dearmor <"$archive/cps-pkcs11.asc" >key
    gpgv --keyring ./key "$archive/SHA256SUMS.asc" "$archive/SHA256SUMS" 2>out || { cat out; return 1; }
    (cd "$archive" && sha256sum --check --strict --quiet SHA256SUMS)
    equal "$(find "$archive/pool" "$archive/sbom" -type f | wc -l)" "$(wc -l <"$archive/SHA256SUMS")"
}

says_what_is_linked_in() {
    python3 "$project/Tests/Packages/support/sbom.py" "$archive/sbom/cps-pkcs11_$older.spdx.json" "$packages" \
        "$project/Package.resolved"
}

# apt takes nothing that was changed after it was signed: neither the lists nor the signed file itself.
refuses_changes() {
    local folder
    for folder in lists signed; do
        mkdir $folder
        cp -r "$archive/dists" "$archive/cps-pkcs11.asc" $folder
    done
    find lists/dists \( -name Packages -o -path '*/SHA256/*' \) -exec sed -i 's/^Package: cps$/Package: spc/' {} +
    find lists/dists -name '*.gz' -delete
    sed -i 's/^Label: .*/Label: another/' signed/dists/stable/InRelease
    for folder in lists signed; do
        if (archive=$PWD/$folder && use_archive); then cat "$work/update.log"; return 1; fi
    done
    contains "$work/update.log" "signature"
    use_archive
}

# What somebody may have fetched already does not change.
refuses_another_file_of_a_version() {
    cp -r "$archive" changed
    mkdir other
    cp "$packages"/*.spdx.json other
    cp "$packages/cps_$older"_*.deb other
    echo >>"$(echo other/cps_*.deb)"
    if "$project/scripts/package" --built --repository "$PWD/changed" --key "$key" "$PWD/other" >out 2>&1; then return 1; fi
    contains out "is another file of the same version"
    (cd changed && sha256sum --check --strict --quiet SHA256SUMS)
}

firefox_goes_on() {
    output=$project/.build/browsers
    mkdir -p "$output"
    ARCHIVE_VERSION=$newer drive "$project/Tests/Packages/archive.py"
    is_newer
}

install_packages "${packages_of_packages[@]}" "${packages_of_firefox[@]}" nginx-light libnss3-tools python3 >/dev/null || exit 1
make_key
make_archive
throwaway_system
use_archive
start_pcscd
start_server
it "the checksums are signed, and those of all files" checksums_are_signed
it "the SBOM names what is linked in" says_what_is_linked_in
it "an archive that was changed is refused by apt" refuses_changes
it "a published file is not replaced by another one" refuses_another_file_of_a_version
it "apt installs from it" installs_from_archive
it "Firefox goes on while the library is upgraded" firefox_goes_on
it "downgraded" downgrades
it "purged: nothing is left" leaves_nothing
finish
