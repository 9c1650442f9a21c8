#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Drives every client program with virtual cards, and prints a table: client by
# client, card by card, what passed, what failed, and what is not installed.
#
#   Tests/Clients/run.sh              all clients
#   Tests/Clients/run.sh curl java    these
#   Tests/Clients/run.sh --part 1     every second one, from the first on; --part 2: the others
#
# Installs the Debian packages that are missing (no service starts), builds what is
# not built. The last line is "N passed, N failed".
set -uo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for part in language cleanup install build private-pcscd stages; do
    # shellcheck source=/dev/null
    . "$project/scripts/lib/$part.sh"
done

clients=(openssl openssl-provider curl stunnel gnutls openssh java nss python pdf xml p11-kit mail servers)
# The longest that a client may take, in seconds: on a machine that does much else.
limit=900

main() {
    local name
    [ $# -gt 0 ] || set -- "${clients[@]}"
    if [ "$1" = --part ]; then
        mapfile -t part_of_clients < <(printf '%s\n' "${clients[@]}" | sed -n "${2:-1}~2p")
        set -- "${part_of_clients[@]}"
    fi
    for name in "$@"; do
        [[ " ${clients[*]} " == *" $name "* ]] || give_up "no such client: $name" "client inconnu : $name"
    done
    enter_own_namespace "$project/Tests/Clients/run.sh" "$@"
    make_work_folder
    rows=$work/rows
    : >"$rows"
    stage "Packages" "Paquets" install_clients || finish
    if [ ! -r "$library" ] || [ ! -x "$virtual_card" ]; then
        stage "Build" "Compilation" build_library_and_card || finish
    fi
    stage "Test hierarchy" "Hiérarchie de test" make_hierarchy || finish
    # Each page is read by the test of its client.
    stage "Pages" "Pages" python3 -B "$project/Tests/Clients/support/pages.py" unclaimed || true
    for name in "$@"; do
        stage "$name" "$name" run_client "$name" || true
    done
    show_table "$@"
    finish
}

# A package that cannot be had costs its client only, which the table then says.
install_clients() { install_packages "${packages_to_run[@]}" && install_what_there_is "${packages_of_clients[@]}"; }

run_client() {
    local result=0 counts
    CPS_CLIENT_ROWS=$rows in_group timeout --kill-after=20 "$limit" "$BASH" "$project/Tests/Clients/$1.sh" || result=$?
    counts=$(awk -F'|' -v client="$1" '$1 == client { passed += $3; failed += $4 } END { print passed + 0, failed + 0 }' "$rows")
    # A client that broke off has failed, whatever it had done until then.
    if [ "$result" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
        printf '%s|-|0|1|broke off (%s)\n' "$1" "$result" >>"$rows"
        counts="${counts% *} 1"
    fi
    echo "$counts 0" >"$stage_counts"
    return "$result"
}

show_table() {
    local name card
    printf '\n%-16s  %-24s  %-24s\n' "$(text client client)" CPS3 CPS4
    for name in "$@"; do
        printf '%-16s' "$name"
        if grep -q "^$name|-|0|0|" "$rows"; then
            printf '  %s' "$(grep "^$name|-|0|0|" "$rows" | cut -d'|' -f5 | sed "s/^not installed/$(text "not installed" "non installé")/")"
        else
            for card in cps3 cps4; do printf '  %-24s' "$(result_of "$name" $card)"; done
            grep "^$name|-|0|1|" "$rows" | cut -d'|' -f5 | tr '\n' ' '
        fi
        printf '\n'
    done
    if awk -F'|' '$4 > 0 { found = 1 } END { exit !found }' "$rows"; then
        say $'\nFailed:' $'\nEn échec :'
        awk -F'|' '$4 > 0 { printf "  %s, %s: %s\n", $1, $2, $5 }' "$rows"
    fi
}

result_of() { # CLIENT CARD
    awk -F'|' -v client="$1" -v card="$2" -v passed_word="$(text passed réussis)" -v failed_word="$(text FAILED "EN ÉCHEC")" '
        $1 == client && $2 == card { passed += $3; failed += $4 }
        END {
            if (passed + failed == 0) { print "-"; exit }
            printf "%d %s", passed, passed_word
            if (failed > 0) printf ", %d %s", failed, failed_word
        }' "$rows"
}

finish() {
    local result=0 missing
    missing=$(grep -c '|-|0|0|' "$rows")
    [ "$missing" -eq 0 ] || say "not installed: $missing client(s)" "non installés : $missing client(s)"
    show_stages || result=1
    exit "$result"
}

main "$@"
