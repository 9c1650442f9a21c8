# SPDX-License-Identifier: Apache-2.0
# The paths of the official library (its package 5.2.2, and older ones), for software that
# looks there and nowhere else: links to this library, and the file by which Firefox lets
# the extension of the ANS install it. What is there already is never touched.

official_path=/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so
official_links=(
    "$official_path"
    /usr/lib64/libcps3_pkcs11_lux.so /usr/lib64/libcps3_pkcs11_lux.so.0 /usr/lib64/libcps3_pkcs11_lux.so.3.1.0
    /usr/lib/libcps3_pkcs11.so /usr/local/lib/libcps3_pkcs11.so
    /usr/local/galss/libcps3_pkcs11_lux.so /usr/local/galss/libcps_pkcs11_lux.so
)
official_manifests=(/usr/lib/mozilla/pkcs11-modules/cps3.json /usr/lib64/mozilla/pkcs11-modules/cps3.json)
# Those of the system, and Firefox's: where one is missing, nothing is set up below it.
system_folders=(/opt /usr/lib /usr/lib64 /usr/local /usr/local/lib /usr/lib/mozilla)

# A file that says that we made a folder: undoing removes no folder of others.
folder_mark=.cps-pkcs11

register_official-path() {
    local file changed=
    needs_root
    needs_library "$full_library"
    needs_library "$browser_library"
    if is_there "$official_path" && ! is_our_link "$official_path"; then refuse_official; fi
    for file in "${official_links[@]}"; do
        if can_be_ours "$file"; then
            changed=1
            step "link $file to $full_library" "lier $file à $full_library" link_official "$file"
        fi
    done
    for file in "${official_manifests[@]}"; do
        if can_be_ours "$file"; then
            changed=1
            step "write $file" "écrire $file" write_manifest "$file"
        fi
    done
    [ -n "$changed" ] || nothing_to_do
}

undo_official-path() {
    local file changed=
    needs_root
    for file in "${official_links[@]}" "${official_manifests[@]}"; do
        if is_ours "$file"; then
            changed=1
            step "remove $file" "supprimer $file" rm "$file"
        fi
    done
    [ -n "$dry_run" ] || remove_folders
    if is_there "$official_path" && ! is_our_link "$official_path"; then refuse_official; fi
    [ -n "$changed" ] || nothing_to_do
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

is_our_link() { [ -L "$1" ] && [ "$(readlink -- "$1")" = "$full_library" ]; }

is_our_manifest() { [ ! -L "$1" ] && [ -f "$1" ] && grep -qF "\"path\": \"$browser_library\"" "$1"; }

is_ours() { is_our_link "$1" || is_our_manifest "$1"; }

# can_be_ours FILE: nothing is there, and the folder is not one that this system has not.
can_be_ours() {
    local folder
    if is_there "$1"; then
        is_ours "$1" || say "$1 is not ours, and stays as it is." "$1 n'est pas de nous, et reste tel quel."
        return 1
    fi
    for folder in "${system_folders[@]}"; do
        case $1 in "$folder"/*) [ -d "$folder" ] || return 1 ;; esac
    done
}

refuse_official() {
    give_up "$official_path is not our link: the official library stays as it is." \
        "$official_path n'est pas notre lien : la bibliothèque officielle reste telle quelle."
}

link_official() {
    make_folder "${1%/*}"
    ln -s "$full_library" "$1"
}

# The extension is that of the official package. Firefox gets the authentication
# certificate alone, as everywhere.
write_manifest() {
    cat >"$work/manifest" <<END
{
  "name": "cps3",
  "description": "Module de sécurité CPS",
  "path": "$browser_library",
  "type": "pkcs11",
  "allowed_extensions": [ "CPS2ter-2020_Firefox@asipsante.fr" ]
}
END
    make_folder "${1%/*}"
    put "$work/manifest" "$1" 644
}

# make_folder FOLDER: and those that lead to it, each with our mark.
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "${1%/*}"
    mkdir -m 755 "$1"
    echo "$own_mark" >"$1/$folder_mark"
    chmod 644 "$1/$folder_mark"
}

# remove_folders: those that we made and in which nothing else is. No mark stays.
remove_folders() {
    local file folder
    for file in "${official_links[@]}" "${official_manifests[@]}"; do
        folder=${file%/*}
        while [ -n "$folder" ]; do
            if [ -f "$folder/$folder_mark" ] && [ ! -L "$folder/$folder_mark" ]; then
                rm "$folder/$folder_mark"
                rmdir --ignore-fail-on-non-empty "$folder"
            fi
            folder=${folder%/*}
        done
    done
}
