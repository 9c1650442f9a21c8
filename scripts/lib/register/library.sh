# The library where programs look for PKCS#11 modules, and its copy for browsers.

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

refuse_packaged() {
    ! dpkg-query --search "$1" >/dev/null 2>&1 ||
        give_up "$1 belongs to a Debian package: apt-get installs and removes it." \
            "$1 appartient à un paquet Debian : apt-get l'installe et le supprime."
}
