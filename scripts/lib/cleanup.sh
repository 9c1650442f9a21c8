# SPDX-License-Identifier: Apache-2.0
# Stops everything that the script started: at its end, on failure, on Ctrl-C, on TERM.
#
# Long commands run in the background, because bash handles a signal only when no
# foreground command is running.

cleanup_actions=()
running_group=
exec {original_output}>&1

# at_exit COMMAND...: runs the command at the end; the last one runs first.
at_exit() { cleanup_actions+=("$(printf '%q ' "$@")"); }

clean_up() {
    trap '' INT TERM HUP
    # A function whose output was redirected may have been left half way.
    exec >&"$original_output"
    stop_group
    local index
    for ((index = ${#cleanup_actions[@]} - 1; index >= 0; index--)); do
        eval "${cleanup_actions[index]}" || true
    done
    cleanup_actions=()
}

set_traps() {
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
set_traps

# clean_up_alone: for a subshell, which then cleans up what it starts, and nothing of its
# parent shell.
clean_up_alone() {
    cleanup_actions=()
    running_group=
    exec {original_output}>&1
    set_traps
}

# in_group COMMAND...: runs the command in a process group of its own. A signal to this
# script stops the whole group.
in_group() {
    local result=0
    set -m
    "$@" </dev/null &
    running_group=$!
    set +m
    wait "$running_group" || result=$?
    running_group=
    return "$result"
}

stop_group() {
    [ -n "$running_group" ] || return 0
    kill -TERM -- "-$running_group" 2>/dev/null || true
    wait "$running_group" 2>/dev/null || true
    running_group=
}

# pause SECONDS: sleeps without a process of its own.
pause() { read -r -t "$1" <&"$silence" || true; }
exec {silence}<> <(:)

# stop_process PID: ends a child of this shell, with TERM first.
stop_process() {
    local delay
    kill -TERM "$1" 2>/dev/null || true
    for delay in 0.01 0.02 0.02 0.05 {,,,,}{,,,,}{,}0.1; do
        kill -0 "$1" 2>/dev/null || break
        pause "$delay"
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# make_work_folder: makes $work, a folder that is removed at the end. Other users can
# read it, which the unprivileged test does. The library's cache is in it, too: a new
# hierarchy gives the same cards other certificates.
make_work_folder() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/cps-pkcs11.XXXXXX")
    chmod 755 "$work"
    export CPS_USERS_CACHE=${CPS_USERS_CACHE-${XDG_CACHE_HOME-}}
    export XDG_CACHE_HOME=$work/cache
    at_exit rm -rf "$work"
}
