# SPDX-License-Identifier: Apache-2.0
# The .deb files, by dpkg-buildpackage. `dpkg-buildpackage -us -uc -b` in the checkout makes the same;
# here debhelper writes beside a copy of debian, so that builds run side by side.

packages_to_package=(build-essential debhelper dpkg-dev python3)

# copy_source: $source, and $version and SOURCE_DATE_EPOCH of the first entry of its changelog.
copy_source() {
    local released file
    released=$(dpkg-parsechangelog --file "$project/debian/changelog" --show-field Version)
    version=${version:-$released}
    source=$work/cps-pkcs11-$version
    mkdir "$source"
    for file in "$project"/*; do
        [ "${file##*/}" = debian ] || ln -s "$file" "$source"
    done
    cp -r "$project/debian" "$source"
    [ "$version" = "$released" ] || add_entry
    SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --file "$source/debian/changelog" --show-field Timestamp)
    export SOURCE_DATE_EPOCH
}

# add_entry: at the head of the copy's changelog, by the maintainer and the time of the entry that was first.
add_entry() {
    local changelog=$source/debian/changelog
    {
        printf 'cps-pkcs11 (%s) UNRELEASED; urgency=medium\n\n  * Build of scripts/package --version.\n\n' "$version"
        grep -m 1 '^ -- ' "$changelog"
        echo
        cat "$changelog"
    } >"$work/changelog"
    mv "$work/changelog" "$changelog"
}

# build_debs: of $source, into $packages.
build_debs() {
    quietly env --chdir="$source" CPS_LIBRARY="$library" CPS_COMMAND="$cps" CPS_VIRTUAL_CARD="$virtual_card" \
        dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo
    install -m 644 "$work"/*.deb "$packages"
}
