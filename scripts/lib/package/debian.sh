# SPDX-License-Identifier: Apache-2.0
# A tree becomes a .deb: dpkg's tools write what is needed of whom, and check it.

# build_debs: all of them at once, into $packages.
build_debs() {
    local name process processes=()
    for name in "${package_names[@]}"; do
        build_deb "$name" >"$work/$name.log" 2>&1 &
        processes+=($!)
    done
    for process in "${processes[@]}"; do
        wait "$process" || { cat "$work"/*.log >&2; return 1; }
    done
}

build_deb() { # NAME
    local name=$1 tree=$trees/$1 control=$work/source-$1/debian
    mkdir -p "$control" "$tree/DEBIAN"
    sed "s/@maintainer@/$maintainer/" "$project/packaging/debian/control" >"$control/control"
    changelog >"$control/changelog"
    gzip -9n <"$control/changelog" | place - "/usr/share/doc/$name/changelog.gz" 644
    if [ -e "$project/packaging/debian/$name.lintian-overrides" ]; then
        place "$project/packaging/debian/$name.lintian-overrides" "/usr/share/lintian/overrides/$name" 644
    fi
    scripts_of_maintainer "$name"
    (cd "$tree" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
    (
        cd "${control%/debian}" || exit
        needed_libraries "$name" >debian/substvars
        dpkg-gencontrol -p"$name" -P"$tree" -Tdebian/substvars -fdebian/files
    )
    chmod 644 "$tree/DEBIAN/md5sums" "$tree/DEBIAN/control"
    find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$packages"
}

changelog() {
    cat <<END
cps-pkcs11 ($version) unstable; urgency=medium

  * The changes are in CHANGELOG.md, in the package cps-pkcs11-doc.

 -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
}

scripts_of_maintainer() { # NAME
    local script
    for script in "$project/packaging/debian/$1".{preinst,postinst,prerm,postrm}; do
        [ ! -e "$script" ] || install -m 755 "$script" "$tree/DEBIAN/${script##*.}"
    done
}

# needed_libraries NAME: the variable shlibs:Depends.
needed_libraries() {
    local files=()
    mapfile -t files < <(find "$tree/usr/bin" "$tree/usr/lib" -type f 2>/dev/null)
    [ ${#files[@]} -gt 0 ] || return 0
    # GMP 6.2.1 has a lower number in Ubuntu 22.04 than the same in Debian 12.
    dpkg-shlibdeps --warnings=1 -O "${files[@]/#/-e}" | sed 's/\(libgmp10\) ([^)]*)/\1/'
}
