# SPDX-License-Identifier: Apache-2.0
# The module in an NSS database, by modutil: Chromium's, or a profile of Mozilla's.

# nss_has DIR [LIBRARY]: by our name, and with this file.
nss_has() {
    local library=${2:-}
    [ -f "$1/pkcs11.txt" ] && [ -r "$1/pkcs11.txt" ] && awk -v name="name=$module_name" -v library="library=$library" '
        /^library=/ { last = $0 }
        $0 == name && (library == "library=" || last == library) { found = 1 }
        END { exit !found }' "$1/pkcs11.txt"
}

# nss_add DIR LIBRARY
nss_add() {
    needs_library "$2"
    if nss_has "$1" "$2"; then nothing_to_do && return; fi
    needs_program modutil libnss3-tools
    if nss_has "$1"; then nss_delete "$1"; fi
    step "module \"$module_name\" into the NSS database $1" "module « $module_name » dans la base NSS $1" \
        quiet_modutil "$1" -add "$module_name" -libfile "$2"
}

nss_delete() {
    if ! nss_has "$1"; then nothing_to_do && return; fi
    needs_program modutil libnss3-tools
    step "module \"$module_name\" out of the NSS database $1" "module « $module_name » hors de la base NSS $1" \
        quiet_modutil "$1" -delete "$module_name"
}

quiet_modutil() {
    local folder=$1
    shift
    modutil -dbdir "sql:$folder" -force "$@" >"$work/modutil.log" 2>&1 && return
    cat "$work/modutil.log" >&2
    give_up "modutil could not change $folder." "modutil n'a pas pu modifier $folder."
}
