# SPDX-License-Identifier: Apache-2.0
# The library where programs look for PKCS#11 modules, and its copy for browsers. In
# the source tree it is the one that was built; a package has put it there already.

if [ -r "$project/scripts/lib/build.sh" ]; then
    # shellcheck source=/dev/null
    . "$project/scripts/lib/build.sh"
else
    library=$full_library
fi

register_library() {
    local file
    needs_root
    [ -r "$library" ] ||
        give_up "$library is missing; build it: swift build -c release --disable-local-rpath --product cps-pkcs11" \
            "$library manque ; compilez-la : swift build -c release --disable-local-rpath --product cps-pkcs11"
    for file in "$full_library" "$browser_library"; do
        if cmp -s "$library" "$file"; then nothing_to_do && continue; fi
        refuse_packaged "$file"
        step "copy the library to $file" "copier la bibliothèque vers $file" put "$library" "$file" 644
    done
}

undo_library() {
    local file
    needs_root
    for file in "$full_library" "$browser_library"; do
        if [ ! -e "$file" ]; then nothing_to_do && continue; fi
        refuse_packaged "$file"
        step "remove $file" "supprimer $file" remove "$file"
    done
}
