# SPDX-License-Identifier: Apache-2.0
# What each topic of the integration tests begins with.
#
# A topic is a bash file in Tests/Integration. It starts what it needs, then names
# its tests:
#
#   it "a behaviour, in words" FUNCTION ARGUMENT...
#
# and ends with `finish`. A test is a function that fails by any command that
# fails (set -e), in a subshell and an empty folder of its own; what it printed is
# shown then. A topic can be run alone, once the products are built:
#
#   Tests/Integration/pin.sh
set -uo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
tests=$project/Tests/Integration
for part in language cleanup build private-pcscd cards stages; do
    # shellcheck source=/dev/null
    . "$project/scripts/lib/$part.sh"
done
enter_own_namespace "$0" "$@"
# The tests read what programs say; only the lines for people are translated.
export LC_ALL=C.UTF-8
make_work_folder
for part in assertions sample-cards provider tools; do
    # shellcheck source=/dev/null
    . "$tests/support/$part.sh"
done
[ -r "$library" ] && [ -x "$virtual_card" ] && [ -d "$hierarchy" ] ||
    give_up "Not built yet: run scripts/test or scripts/demo first." \
        "Pas encore compilé : lancez d'abord scripts/test ou scripts/demo."

tests_run=0

it() {
    local name=$1 start result=0
    shift
    tests_run=$((tests_run + 1))
    start=$(milliseconds)
    in_group run_test "$work/test-$tests_run" "$@" >"$work/test.log" 2>&1
    result=$?
    if [ "$result" -eq 0 ]; then
        tests_passed=$((tests_passed + 1))
        printf '  ok    %s (%s s)\n' "$name" "$(seconds $(($(milliseconds) - start)))"
    else
        tests_failed=$((tests_failed + 1))
        printf '  FAIL  %s (%s s)\n' "$name" "$(seconds $(($(milliseconds) - start)))"
        tail -n 30 "$work/test.log" | sed 's/^/          /'
    fi
    rm -rf "$work/test-$tests_run"
}

run_test() {
    set -Eeuo pipefail
    trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND" >&2' ERR
    mkdir -m 777 "$1"
    cd "$1"
    # What one test's programs keep of a card, the next test's do not see.
    export XDG_CACHE_HOME=$1/cache
    shift
    "$@"
}

# skip NAME REASON: a test that this system cannot pass.
skip() {
    tests_skipped=$((tests_skipped + 1))
    printf '  skip  %s: %s\n' "$1" "$2"
}

finish() {
    [ -z "${CPS_TEST_COUNTS:-}" ] || echo "$tests_passed $tests_failed $tests_skipped" >"$CPS_TEST_COUNTS"
    printf '  %d passed, %d failed' "$tests_passed" "$tests_failed"
    [ "$tests_skipped" -eq 0 ] || printf ', %d skipped' "$tests_skipped"
    printf '\n'
    [ "$tests_failed" -eq 0 ]
    exit
}
