#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Eight threads in each of three processes sign with two cards that are pulled and
# reset at random, while a fourth process is killed again and again in the middle of
# whatever it does: with the library as it is, and with builds of it for
# ThreadSanitizer and AddressSanitizer.
#
#   Tests/Conformance/stress.sh [SECONDS [plain|thread|address...]]
#
# Without SECONDS as many as CPS_STRESS_SECONDS says, or 60.
. "$(dirname "${BASH_SOURCE[0]}")/support/stage.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/install.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/sanitizers.sh"

seconds=${1:-${CPS_STRESS_SECONDS:-60}}
quiet=12
[ "$seconds" -ge 30 ] || give_up "Fewer than 30 seconds say nothing." "Moins de 30 secondes ne disent rien."
shift || true
[ $# -gt 0 ] || set -- plain thread address

# build_for thread|address: the library in a folder of its own.
build_for() {
    sanitizer_options "$1"
    say "Building for the $1 sanitizer..." "Compilation pour le sanitizer $1..."
    swift_build --configuration release --product cps-pkcs11 \
        "${sanitizer_options[@]}" ||
        give_up "The build failed." "La compilation a échoué."
}

# compile_for KIND: the driver; the sanitizer's runtime is in the program, as the
# library is loaded by it.
compile_for() {
    compiler=gcc compiler_options=()
    case $1 in
    thread)
        # Its runtime knows libdispatch, which it wants to find.
        compiler=$toolchain/usr/bin/clang
        compiler_options=(-fsanitize=thread -rdynamic -fuse-ld=lld -L"$toolchain/usr/lib/swift/linux"
            "-Wl,-rpath,$toolchain/usr/lib/swift/linux" -ldispatch -lBlocksRuntime)
        ;;
    address)
        compiler=$toolchain/usr/bin/clang
        compiler_options=(-fsanitize=address -rdynamic -fuse-ld=lld)
        ;;
    esac
    compile stress
    mv "$work/stress" "$work/stress-$1"
}

# A card that is reset while it comes in is not seen: then it comes in anew.
reader_patience=3

# torment SECONDS: pulls cards out and puts them back.
torment() {
    local end=$((SECONDS + $1)) reader
    while [ "$SECONDS" -lt "$end" ]; do
        sleep "$((RANDOM % 3)).$((RANDOM % 10))"
        reader=$((RANDOM % 2))
        remove_card "$reader" || true
        sleep "0.$((RANDOM % 10))"
        put_in "$reader" || true
    done
    # pcscd does not see every card that comes in while others reset the reader.
    local attempt
    for reader in 0 1; do
        for attempt in 1 2 3; do
            wait_for_reader "$reader" Yes && break
            put_in "$reader" || true
        done
    done
}

# kill_processes PROGRAM MODULE SECONDS: starts a process like the others and kills it,
# until the time is over.
kill_processes() {
    local end=$((SECONDS + $3)) process killed=0
    while [ "$SECONDS" -lt "$end" ]; do
        setpriv --pdeathsig KILL "$1" "$2" 1234 600 0 >/dev/null 2>&1 &
        process=$!
        sleep "$((1 + RANDOM % 4)).$((RANDOM % 10))"
        kill -KILL "$process"
        wait "$process" 2>/dev/null || true
        killed=$((killed + 1))
    done
    echo "$killed processes were killed" >"$work/killed"
}

put_in() {
    if [ "$1" -eq 0 ]; then
        insert_card 0 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" --protocol t0 --latency 0,2,10
    else
        insert_card 1 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json" --protocol t1 --latency 0,2,10
    fi
}

run_kind() {
    local kind=$1 module=$library chaos=$((seconds - quiet)) number process processes=() pesters=()
    [ "$kind" = plain ] || module=$project/.build-$kind/release/libcps-pkcs11.so
    put_in 0
    put_in 1
    for number in 1 2 3; do
        "$work/stress-$kind" "$module" 1234 "$seconds" "$quiet" >"$work/stress-$number.log" 2>&1 &
        processes+=($!)
    done
    for number in 0 1; do
        "$work/neighbour" "Virtual reader 00 0$number" pester $((chaos - 6)) >/dev/null 2>&1 &
        pesters+=($!)
    done
    kill_processes "$work/stress-$kind" "$module" $((chaos - 6)) &
    pesters+=($!)
    torment $((chaos - 6))
    wait "${pesters[@]}" || true
    local result=0
    for number in 1 2 3; do
        wait "${processes[number - 1]}" || {
            echo "process $number ended with $?"
            result=1
        }
        grep -E '^  (FAIL|note)|passed,' "$work/stress-$number.log" | sort | uniq -c | sort -rn | head -n 40
        if grep -q Sanitizer "$work/stress-$number.log"; then
            mkdir -p "$project/.build/conformance"
            cp "$work/stress-$number.log" "$project/.build/conformance/stress-$kind-$number.log"
            echo "process $number:"
            grep SUMMARY "$work/stress-$number.log" | sort | uniq -c | sort -rn | head -n 40
            grep -m 1 -A 60 -E 'WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$work/stress-$number.log"
            result=1
        fi
    done
    cat "$work/killed"
    remove_card 0
    remove_card 1
    return "$result"
}

compile neighbour
start_pcscd
for kind in "$@"; do
    [ "$kind" = plain ] || build_for "$kind"
    compile_for "$kind"
    it "$kind: $seconds seconds, no wrong signature, no deadlock, no report" run_kind "$kind"
    grep -E 'signatures,|processes were killed' "$work/test.log" | sed 's/^ *1 *note/       /; s/^\([0-9]\)/        \1/' || true
done
finish
