# SPDX-License-Identifier: Apache-2.0
# Any NSS database, for instance a Firefox profile (about:profiles shows its folder).

register_nss() {
    needs_database "$1"
    nss_add "$1" "$browser_library"
}

undo_nss() {
    needs_database "$1"
    nss_delete "$1"
}

needs_database() {
    [ -e "$1/cert9.db" ] || give_up "$1 holds no NSS database." "$1 ne contient pas de base NSS."
}
