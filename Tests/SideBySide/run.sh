#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs of one user on one card, through real pcscd: how each of them ends, and what the
# others see of it (docs/architecture.md, "The register of logins").
#
#   Tests/SideBySide/run.sh [PROGRAM...]       one life of each program on each card
#   Tests/SideBySide/run.sh full [PROGRAM...]  two tables, in Markdown, on standard output;
#                                              scripts/side-by-side is the same
#
# The programs' output is in .build/side-by-side. The last line is "N passed, N failed".
set -uo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tests=$project/Tests/Integration
for part in language cleanup install build private-pcscd private-layer stages; do
    # shellcheck source=/dev/null
    . "$project/scripts/lib/$part.sh"
done
# shellcheck source=/dev/null
. "$project/Tests/Integration/support/tools.sh"
# shellcheck source=/dev/null
. "$project/Tests/Clients/server.sh"
# shellcheck source=/dev/null
. "$project/Tests/Browsers/support/drive.sh"

main() {
    enter_own_namespace "$project/Tests/SideBySide/run.sh" "$@"
    make_work_folder
    output=$project/.build/side-by-side
    mkdir -p "$output"
    # The tables alone are standard output.
    exec {tables}>&1
    if [ "${1:-}" = full ]; then exec >&2; fi
    stage "Packages" "Paquets" install_packages "${packages_to_build[@]}" "${packages_to_build_cps[@]}" \
        "${packages_to_run[@]}" "${packages_of_clients[@]}" "${packages_of_browsers[@]}" \
        "${packages_of_desktops[@]}" || finish
    if [ -z "${CPS_BUILT:-}${CPS_LIBRARY:-}" ]; then stage "Build" "Compilation" build_all || finish; fi
    stage "Test hierarchy" "Hiérarchie de test" make_hierarchy || finish
    install_library
    start_pcscd
    # The person's programs run without rights.
    install --directory --mode=700 --owner=nobody --group=nogroup "/run/user/$(id -u nobody)"
    start_server
    make_programs
    drive_limit=3000
    if [ "${1:-}" = full ]; then
        stage "Tables" "Tableaux" write_tables "$@"
    else
        stage "Programs" "Programmes" drive "$project/Tests/SideBySide/tables.py" short "$@" || true
        stage "Desktop" "Bureau" desktop || true
    fi
    finish
}

# What the tables are made with, where every user may run it.
make_programs() {
    local headers
    tool p11-calls
    headers=$(pkg-config --cflags libpcsclite)
    # shellcheck disable=SC2086
    gcc -std=gnu17 -Wall -Wextra -O1 $headers -o "$work/neighbour" "$project/Tests/Conformance/neighbour.c" -lpcsclite ||
        give_up "neighbour.c does not compile." "neighbour.c ne se compile pas."
    mkdir -p "$work/java"
    javac -J-XX:TieredStopAtLevel=1 -d "$work/java" "$project/Tests/Clients/programs/CardClient.java" ||
        give_up "CardClient.java does not compile." "CardClient.java ne se compile pas."
    install --mode=755 "$cps" "$work/cps"
}

# desktop: the library where GNOME and p11-kit look for it, and nowhere else. What a system
# does not have is left out.
desktop() {
    local folder=/usr/lib/x86_64-linux-gnu/pkcs11
    if [ ! -x /usr/libexec/gsd-smartcard ]; then
        echo "0 0 1" >"$stage_counts"
        return
    fi
    hidden /usr/share/p11-kit/modules
    echo "module: $folder/libcps-pkcs11.so" >/usr/share/p11-kit/modules/cps-pkcs11.module
    mkdir -p /etc/pki/nssdb
    certutil -N --empty-password -d sql:/etc/pki/nssdb
    modutil -force -dbdir sql:/etc/pki/nssdb -add "Carte CPS" -libfile "$folder/libcps-pkcs11.so" >/dev/null
    chmod -R a+rX /etc/pki/nssdb
    drive "$project/Tests/SideBySide/desktop.py"
}

write_tables() { drive "$project/Tests/SideBySide/tables.py" "$@" >&"$tables"; }

finish() {
    local result=0
    show_stages || result=1
    exit "$result"
}

main "$@"
