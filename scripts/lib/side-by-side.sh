# SPDX-License-Identifier: Apache-2.0
# Stages that run side by side, several at a time: most of them wait for readers and
# cards most of the time.
#
#   plan ENGLISH FRENCH COMMAND...
#   plan_computing ENGLISH FRENCH COMMAND...  two at a time beside the others, which go
#                                           first: for stages that do nothing but compute
#   plan_late ENGLISH FRENCH COMMAND...     after those, three at a time: for stages that
#                                           load the machine, or mind what loads it
#   plan_alone ENGLISH FRENCH COMMAND...    last, and nothing else runs meanwhile: for
#                                           stages that measure time
#   start_planned           starts the computing stages that are planned so far, beside those that
#                           `stage` runs
#   run_planned
#
# The output of a stage is printed when it ends. Each stage is a shell in a process group
# of its own, with ports that no other stage of the run has ($CPS_TEST_LANE).

# How many stages at a time: of those that talk to cards and readers, and of those that
# compute.
lanes=${CPS_TEST_LANES:-4}
computing_lanes=2

planned_names=()
planned_commands=()
side_by_side=()
computing=()
late=()
alone=()

plan() {
    side_by_side+=("${#planned_names[@]}")
    remember_stage "$@"
}

plan_computing() {
    computing+=("${#planned_names[@]}")
    remember_stage "$1" "$2" at_leisure "${@:3}"
}

# at_leisure COMMAND...: whoever talks to cards and readers goes first.
at_leisure() {
    renice --priority 10 --pid "$BASHPID" >/dev/null
    "$@"
}

plan_late() {
    late+=("${#planned_names[@]}")
    remember_stage "$@"
}

plan_alone() {
    alone+=("${#planned_names[@]}")
    remember_stage "$@"
}

remember_stage() {
    planned_names+=("$(text "$1" "$2")")
    planned_commands+=("$(printf '%q ' "${@:3}")")
}

run_planned() {
    # The output of a single stage is printed at once.
    if [ ${#planned_names[@]} -eq 1 ]; then
        stage "${planned_names[0]}" "${planned_names[0]}" eval "${planned_commands[0]}" || true
        return 0
    fi
    open_lanes
    run_both_kinds
    run_at_a_time 3 "${late[@]}"
    run_at_a_time 1 "${alone[@]}"
}

start_planned() {
    local index
    open_lanes
    for index in "${computing[@]}"; do start_stage "$index"; done
}

open_lanes() {
    [ -z "${ends:-}" ] || return 0
    lane_of=() process_of=() start_of=()
    # A stage that ends writes its index there. (`wait -n` misses those that ended before
    # the call.)
    mkfifo "$work/ends"
    exec {ends}<>"$work/ends"
    at_exit stop_stages
}

# run_both_kinds: those that talk to cards, and those that compute beside them.
run_both_kinds() {
    local talking=("${side_by_side[@]}") calculating=() index calculate
    for index in "${computing[@]}"; do [ -n "${start_of[index]:-}" ] || calculating+=("$index"); done
    while :; do
        calculate=0
        for index in "${computing[@]}"; do [ -z "${process_of[index]:-}" ] || calculate=$((calculate + 1)); done
        if [ ${#talking[@]} -gt 0 ] && [ $((${#process_of[@]} - calculate)) -lt "$lanes" ]; then
            start_stage "${talking[0]}"
            talking=("${talking[@]:1}")
        elif [ ${#calculating[@]} -gt 0 ] && [ "$calculate" -lt "$computing_lanes" ]; then
            start_stage "${calculating[0]}"
            calculating=("${calculating[@]:1}")
        elif [ ${#process_of[@]} -gt 0 ]; then
            end_one_stage
        else
            return 0
        fi
    done
}

run_at_a_time() { # NUMBER INDEX...
    local index
    for index in "${@:2}"; do
        while [ ${#process_of[@]} -ge "$1" ]; do end_one_stage; done
        start_stage "$index"
    done
    end_all_stages
}

# free_lane: the lowest number that no running stage has.
free_lane() {
    local lane=0
    while [[ " ${lane_of[*]} " == *" $lane "* ]]; do lane=$((lane + 1)); done
    echo "$lane"
}

start_stage() { # INDEX
    mkdir "$work/stage-$1"
    start_of[$1]=$(milliseconds)
    lane_of[$1]=$(free_lane)
    set -m
    in_stage "$1" "${lane_of[$1]}" >"$work/stage-$1/output" 2>&1 </dev/null &
    process_of[$1]=$!
    set +m
}

# in_stage INDEX LANE: the shell of one stage.
in_stage() {
    local result=0
    clean_up_alone
    # A run within a stage has lanes of its own, beside those of the outer one.
    export CPS_TEST_LANE=$((${CPS_TEST_LANE:+lanes + computing_lanes} + $2))
    stage_counts=$work/stage-$1/counts
    eval "${planned_commands[$1]}" || result=$?
    times >"$work/stage-$1/times"
    echo "$1" >&"$ends"
    exit "$result"
}

end_all_stages() {
    while [ ${#process_of[@]} -gt 0 ]; do end_one_stage; done
}

# end_one_stage: waits until a stage ends, and shows it.
end_one_stage() {
    local index other result=0 folder processor=0
    until read -r -t 1 index <&"$ends"; do
        # One that was killed writes nothing.
        for other in "${!process_of[@]}"; do
            kill -0 "${process_of[other]}" 2>/dev/null || echo "$other" >&"$ends"
        done
    done
    # Both has happened, at worst: then it has been shown.
    [ -n "${process_of[index]:-}" ] || return 0
    wait "${process_of[index]}" || result=$?
    folder=$work/stage-$index
    unset "process_of[$index]" "lane_of[$index]"
    printf '\n== %s\n' "${planned_names[index]}"
    cat "$folder/output"
    [ ! -s "$folder/times" ] || processor=$(processor_milliseconds "$folder/times")
    stage_ended "${planned_names[index]}" "$result" "$folder/counts" $(($(milliseconds) - ${start_of[index]})) "$processor" || true
    rm -rf "$folder"
}

# stop_stages: stops the running stages, and prints their output so far.
stop_stages() {
    local index
    for index in "${!process_of[@]}"; do kill -TERM -- "-${process_of[index]}" 2>/dev/null || true; done
    for index in "${!process_of[@]}"; do
        wait "${process_of[index]}" 2>/dev/null || true
        printf '\n== %s: %s\n' "${planned_names[index]}" "$(text "stopped" "arrêtée")"
        tail -n 20 "$work/stage-$index/output"
    done
    process_of=()
}
