#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Drives real browsers and a mail program with virtual cards through real pcscd.
#
#   Tests/Browsers/run.sh                      all of them
#   Tests/Browsers/run.sh firefox chromium     these
#
# Screenshots and the programs' output stay in .build/browsers (CPS_BROWSERS_OUTPUT).
# The last line is "N passed, N failed".
set -uo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tests=$project/Tests/Browsers
for part in language cleanup install build private-pcscd private-layer stages; do
    # shellcheck source=/dev/null
    . "$project/scripts/lib/$part.sh"
done
# shellcheck source=/dev/null
. "$project/Tests/Clients/server.sh"
# shellcheck source=/dev/null
. "$tests/support/drive.sh"

main() {
    enter_own_namespace "$tests/run.sh" "$@"
    make_work_folder
    [ $# -gt 0 ] || set -- firefox chromium thunderbird sandbox
    local client packages=("${packages_to_build[@]}" "${packages_to_run[@]}" python3 nginx-light openssl libnss3-tools)
    for client in "$@"; do
        [ -r "$tests/$client.py" ] || give_up "Unknown: $client" "Inconnu : $client"
        local -n its_packages=packages_of_$client
        packages+=("${its_packages[@]}")
    done
    output=${CPS_BROWSERS_OUTPUT:-$project/.build/browsers}
    mkdir -p "$output"

    stage "Packages" "Paquets" install_packages "${packages[@]}" || finish
    if [ -z "${CPS_LIBRARY:-}" ]; then stage "Build" "Compilation" build_products "$@" || finish; fi
    stage "Test hierarchy" "Hiérarchie de test" make_hierarchy || finish
    install_library
    if [[ " $* " = *" sandbox "* ]]; then make_base_system; fi
    start_pcscd
    start_server
    for client in "$@"; do
        rm -f "$output/$client"-*
        stage "${client^}" "${client^}" drive "$tests/$client.py" || true
    done
    cp "$server/access.log" "$output/server.log" 2>/dev/null
    finish
}

build_products() { # CLIENT...
    build_library_and_card || return
    [[ " $* " != *" sandbox "* ]] || build_product cps-register
}

finish() {
    local result=0
    show_stages || result=1
    exit "$result"
}

main "$@"
