# SPDX-License-Identifier: Apache-2.0
# A run in stages. Each stage prints its name, its result and its times; a table follows.
# `stage` runs one stage at once; side-by-side.sh runs several at a time.
#
# A stage that counts tests writes "PASSED FAILED SKIPPED" to the file
# $stage_counts. A stage that fails without counting counts as one failure.

stage_rows=()
tests_passed=0
tests_failed=0
tests_skipped=0
run_start=${EPOCHREALTIME/[.,]/}

# milliseconds: the time in milliseconds. ($EPOCHREALTIME has the locale's decimal sign.)
milliseconds() {
    local now=${EPOCHREALTIME/[.,]/}
    echo $((now / 1000))
}

# seconds MILLISECONDS: prints them as seconds with one decimal.
seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# processor_milliseconds FILE: the sum of the output of `times` in it: user and system time
# of the shell and of all children that it waited for.
processor_milliseconds() {
    tr -s 'ms\t ' ' ' <"$1" | tr , . | awk '{ sum += ($1 + $3) * 60 + $2 + $4 } END { printf "%d\n", sum * 1000 }'
}

# stage ENGLISH FRENCH COMMAND...: runs one stage; returns the command's exit status.
stage() {
    local name result=0 start before
    name=$(text "$1" "$2")
    shift 2
    stage_counts=$work/counts
    rm -f "$stage_counts"
    times >"$work/times"
    before=$(processor_milliseconds "$work/times")
    start=$(milliseconds)
    printf '\n== %s\n' "$name"
    "$@" || result=$?
    times >"$work/times"
    stage_ended "$name" "$result" "$stage_counts" $(($(milliseconds) - start)) \
        $(($(processor_milliseconds "$work/times") - before))
}

# stage_ended NAME RESULT COUNTS MILLISECONDS PROCESSOR-MILLISECONDS: counts the stage's
# tests, prints its last line and adds its row to the table. Returns 1 if it has failed.
stage_ended() {
    local counts=(0 0 0) word=ok duration processor
    if [ -s "$3" ]; then read -ra counts <"$3"; fi
    if [ "$2" -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then counts[1]=1; fi
    [ "${counts[1]}" -eq 0 ] || word=$(text failed échec)
    tests_passed=$((tests_passed + counts[0]))
    tests_failed=$((tests_failed + counts[1]))
    tests_skipped=$((tests_skipped + counts[2]))
    duration=$(seconds "$4") processor=$(seconds "$5")
    printf '== %s: %s (%s s)\n' "$1" "$word" "$duration"
    stage_rows+=("$(printf '%-44s %6s %8s s %8s s %6d %6d' "$1" "$word" "$duration" "$processor" "${counts[0]}" "${counts[1]}")")
    [ "${counts[1]}" -eq 0 ]
}

# show_stages: prints the table and the last line. A run within a stage of another run
# passes its counts on.
show_stages() {
    [ -z "${CPS_TEST_COUNTS:-}" ] || echo "$tests_passed $tests_failed $tests_skipped" >"$CPS_TEST_COUNTS"
    printf '\n'
    if [ ${#stage_rows[@]} -gt 0 ]; then
        printf '%-44s %6s %10s %10s %6s %6s\n' "" "" "$(text time durée)" "$(text processor processeur)" \
            "$(text passed réussis)" "$(text failed échecs)"
        printf '%s\n' "${stage_rows[@]}"
        times >"$work/times"
        printf '%-51s %8s s %8s s\n' "$(text "whole run" "en tout")" "$(seconds $(($(milliseconds) - run_start / 1000)))" \
            "$(seconds "$(processor_milliseconds "$work/times")")"
    fi
    printf '%d passed, %d failed' "$tests_passed" "$tests_failed"
    [ "$tests_skipped" -eq 0 ] || printf ', %d skipped' "$tests_skipped"
    printf '\n'
    [ "$tests_failed" -eq 0 ]
}
