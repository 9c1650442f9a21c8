# SPDX-License-Identifier: Apache-2.0
# The path of the official library, for software that looks there and nowhere else.

official_path=/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so

register_official-path() {
    needs_root
    needs_library "$full_library"
    if is_our_link; then nothing_to_do && return; fi
    refuse_official
    step "link $official_path to $full_library" "lier $official_path à $full_library" link_official_path
}

undo_official-path() {
    needs_root
    if [ ! -e "$official_path" ] && [ ! -L "$official_path" ]; then nothing_to_do && return; fi
    refuse_official
    step "remove the link $official_path" "supprimer le lien $official_path" unlink_official_path
}

is_our_link() { [ -L "$official_path" ] && [ "$(readlink -- "$official_path")" = "$full_library" ]; }

refuse_official() {
    if is_our_link; then return; fi
    [ ! -e "$official_path" ] && [ ! -L "$official_path" ] ||
        give_up "$official_path is not our link: the official library stays as it is." \
            "$official_path n'est pas notre lien : la bibliothèque officielle reste telle quelle."
}

link_official_path() {
    mkdir -p -m 755 "${official_path%/*}"
    ln -s "$full_library" "$official_path"
}

# The folders go as well, those that nothing else is in; /opt stays.
unlink_official_path() {
    local folder=${official_path%/*}
    rm "$official_path"
    while [ "$folder" != /opt ]; do
        rmdir --ignore-fail-on-non-empty "$folder"
        folder=${folder%/*}
    done
}
