# SPDX-License-Identifier: Apache-2.0
# What each stage of the conformance tests begins with: the harness of the
# integration tests, and C programs that count their own expectations.
#
# A stage is a bash file in Tests/Conformance or Tests/Security. It can be run alone,
# once the products are built:
#
#   Tests/Conformance/official.sh
#
# CPS_LIBRARY points it at another PKCS#11 module.
conformance=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
stage_folder=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
# shellcheck source=/dev/null
. "$conformance/../Integration/support/harness.sh"

# compile NAME [SOURCE...]: NAME.c, of the stage's folder or of the conformance tests,
# and what all programs share, to $work/NAME. $compiler and $compiler_options are for
# sanitizers.
compiler=gcc
compiler_options=()
compile() {
    local name=$1 source=$stage_folder/$1.c headers
    shift
    [ -e "$source" ] || source=$conformance/$name.c
    headers=$(pkg-config --cflags p11-kit-1 libpcsclite)
    # shellcheck disable=SC2086
    "$compiler" -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g "${compiler_options[@]}" $headers \
        -I"$project/Include/CPKCS11" -I"$conformance" -o "$work/$name" "$source" \
        "$conformance/support/conformance.c" "$@" -lpcsclite -lhogweed -lnettle -lgmp -ldl -pthread ||
        give_up "$source does not compile." "$source ne se compile pas."
}

# counted TITLE COMMAND...: runs a program whose last line is "N passed, N failed",
# and adds that to the stage's count. What failed is shown.
counted() {
    local title=$1 start result=0 line numbers
    shift
    start=$(milliseconds)
    in_group "$@" >"$work/counted.log" 2>&1 || result=$?
    line=$(tail -n 1 "$work/counted.log")
    read -ra numbers <<<"$(sed -n 's/^ *\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' <<<"$line") "
    if [ ${#numbers[@]} -ne 2 ]; then numbers=(0 1); fi
    # A program that died after its last line has failed too.
    if [ "$result" -ne 0 ] && [ "${numbers[1]}" -eq 0 ]; then numbers[1]=1; fi
    tests_passed=$((tests_passed + numbers[0]))
    tests_failed=$((tests_failed + numbers[1]))
    printf '  %-5s %s: %d passed, %d failed (%s s)\n' "$([ "${numbers[1]}" -eq 0 ] && echo ok || echo FAIL)" "$title" \
        "${numbers[@]}" "$(seconds $(($(milliseconds) - start)))"
    if [ "${numbers[1]}" -gt 0 ]; then
        grep -E '^  (FAIL|note)' "$work/counted.log" | head -n 40 | sed 's/^/        /'
        [ "$result" -eq 0 ] || [ "$result" -eq 1 ] || {
            echo "        ended with $result; its last lines:"
            tail -n 15 "$work/counted.log" | sed 's/^/          /'
        }
    fi
}

# describe_cards: for C programs that put cards in by themselves (support/cards.h).
describe_cards() {
    export CPS_READER_PORT=$reader_port CPS_NEIGHBOUR=$work/neighbour CPS_CARD_CPS3 CPS_CARD_CPS4
    local insert="setpriv --pdeathsig TERM '$virtual_card' insert --hierarchy '$hierarchy'"
    CPS_CARD_CPS3="$insert --profile '$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json' --protocol t0"
    CPS_CARD_CPS4="$insert --profile '$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json' --protocol t1"
}
