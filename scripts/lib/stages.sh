# SPDX-License-Identifier: Apache-2.0
# A run in stages: each says its name, its result and its time; a table follows.
#
# A stage that counts tests writes "PASSED FAILED SKIPPED" to the file
# $stage_counts. A stage that fails without counting counts as one failure.

stage_rows=()
tests_passed=0
tests_failed=0
tests_skipped=0

# milliseconds: a clock; the decimal sign depends on the locale.
milliseconds() {
    local now=${EPOCHREALTIME/[.,]/}
    echo $((now / 1000))
}

# seconds MILLISECONDS: with one decimal.
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# stage ENGLISH FRENCH COMMAND...: runs one stage; the result is the command's.
stage() {
    local name result=0 start duration counts=(0 0 0) word
    name=$(text "$1" "$2")
    shift 2
    start=$(milliseconds)
    stage_counts=$work/counts
    rm -f "$stage_counts"
    printf '\n== %s\n' "$name"
    "$@" || result=$?
    duration=$(seconds $(($(milliseconds) - start)))
    if [ -s "$stage_counts" ]; then read -ra counts <"$stage_counts"; fi
    if [ "$result" -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then counts[1]=1; fi
    if [ "${counts[1]}" -gt 0 ]; then
        word=$(text failed échec)
        result=1
    else
        word=ok
    fi
    tests_passed=$((tests_passed + counts[0]))
    tests_failed=$((tests_failed + counts[1]))
    tests_skipped=$((tests_skipped + counts[2]))
    printf '== %s: %s (%s s)\n' "$name" "$word" "$duration"
    stage_rows+=("$(printf '%-44s %6s %9s s %6d %6d' "$name" "$word" "$duration" "${counts[0]}" "${counts[1]}")")
    return "$result"
}

# show_stages: the table, and the last line. A run within a stage of another run
# hands its count on.
show_stages() {
    [ -z "${CPS_TEST_COUNTS:-}" ] || echo "$tests_passed $tests_failed $tests_skipped" >"$CPS_TEST_COUNTS"
    printf '\n'
    [ ${#stage_rows[@]} -eq 0 ] || printf '%s\n' "${stage_rows[@]}"
    printf '%d passed, %d failed' "$tests_passed" "$tests_failed"
    [ "$tests_skipped" -eq 0 ] || printf ', %d skipped' "$tests_skipped"
    printf '\n'
    [ "$tests_failed" -eq 0 ]
}
