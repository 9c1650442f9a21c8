# SPDX-License-Identifier: Apache-2.0
# Chromium reads the NSS database of the user who runs it.

chromium_database=$HOME/.pki/nssdb

register_chromium() {
    if [ ! -e "$chromium_database/cert9.db" ]; then
        needs_program certutil libnss3-tools
        needs_library "$browser_library"
        step "make the NSS database $chromium_database" "créer la base NSS $chromium_database" new_database
    fi
    nss_add "$chromium_database" "$browser_library"
}

new_database() {
    mkdir -p -m 700 "$chromium_database"
    certutil -N -d "sql:$chromium_database" --empty-password
}

# The database stays: Chromium would make the same one, and may have filled it.
undo_chromium() { nss_delete "$chromium_database"; }
