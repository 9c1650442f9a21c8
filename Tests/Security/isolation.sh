#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs whose surroundings lack something: no /proc, no pcscd any more, no rights, no
# files, no environ; or have too much.
# (No descriptors, no standard descriptors, and signals all the time are among the
# promises of Tests/Conformance/boundary.sh; OpenSSH's helper and the browsers' sandboxes
# among the clients.)
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/support/stage.sh"

asked() { # CALL: answered with CKR_OK
    ask "$1"
    equal CKR_OK "${answer%% *}"
}

# bare_root: a root folder with a program, the libraries that it takes, and pcscd's
# socket: neither /proc nor /dev, neither /etc nor /tmp.
bare_root() {
    local file
    mkdir -p root/run/pcscd
    mount --bind /run/pcscd root/run/pcscd
    cp "$work/p11-calls" "$library" root
    {
        ldd "$work/p11-calls"
        ldd "$library"
        # The C library loads it when a thread ends.
        ls /lib/*/libgcc_s.so.1
        # libpcsclite.so.1 of Debian 13 loads it.
        ls /lib/*/libpcsclite_real.so.1 2>/dev/null || true
    } | grep -o '/[^ ]*' | sort -u >files
    while read -r file; do
        mkdir -p "root/${file%/*}"
        cp "$file" "root/$file"
    done <files
}

without_proc() {
    insert "$1"
    bare_root
    [ ! -e root/proc ] && [ ! -e root/dev ]
    printf '%s\n' "token-info 0" "open 0" "login user $pin" "value CPS_ACTIVITY_03_PS" "sign CPS_PRIV_SIG $(printf 'a%.0s' {1..64})" \
        "sign CPS_PRIV_AUT 00112233" logout close >input
    CPS_PKCS11_CACHE=on timeout 60 chroot root /p11-calls /libcps-pkcs11.so <input >out 2>errors || {
        cat out errors
        return 1
    }
    umount root/run/pcscd
    cat out errors
    equal 8 "$(grep -c '^CKR_OK' out)"
    equal "" "$(cat errors)"
}

# Somebody who may talk to pcscd and nothing else.
without_rights() {
    insert "$1"
    install -m 755 "$library" "$work/for-all.so"
    printf '%s\n' "open 0" "login user $pin" "sign CPS_PRIV_AUT 00112233" logout >input
    setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs --bounding-set -all \
        env -i HOME=/nonexistent "$work/p11-calls" "$work/for-all.so" <input >out 2>errors
    cat out errors
    equal 4 "$(grep -c '^CKR_OK' out)"
    equal "" "$(cat errors)"
}

signs_with() { # PROGRAM: opens, logs in and signs
    printf '%s\n' "open 0" "login user $pin" "sign CPS_PRIV_AUT 00112233" logout >input
    timeout 60 "$@" <input >out 2>errors || {
        cat out errors
        return 1
    }
    cat out errors
    equal 4 "$(grep -c '^CKR_OK' out)"
    equal "" "$(cat errors)"
}

# With RTLD_DEEPBIND a library sees the C library's variables, not the program's. One
# that names `environ` and is not position independent has a copy of it, and leaves the C
# library's empty.
deeply_bound() {
    insert "$1"
    echo 'extern char **environ; char *first(void) { return environ[0]; }' >own-environment.c
    # shellcheck disable=SC2046
    gcc -std=gnu17 -D_GNU_SOURCE -O1 -no-pie -fno-pic $(pkg-config --cflags p11-kit-1) -DHOW_ELSE=RTLD_DEEPBIND \
        -o program "$tests/tools/p11-calls.c" own-environment.c -ldl
    readelf --relocs program | grep -q 'R_.*_COPY.*environ'
    signs_with ./program "$library"
}

python_binds_deeply() {
    # Of the distribution: others are position independent.
    /usr/bin/python3 - "$library" <<'END'
import ctypes, os, sys
library = ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
assert library.C_Initialize(None) == 0
assert library.C_Finalize(None) == 0
END
}

# What the Swift runtime listens to is not the host's business: with these it would
# print, and install handlers of signals.
swift_variables() {
    insert "$1"
    export SWIFT_DEBUG_HELP=1 SWIFT_BACKTRACE=enable=yes,swift-backtrace=/bin/true,color=no
    signs_with "$work/p11-calls" "$library"
    start_program
    asked "open 0"
    # shellcheck disable=SC2154
    grep SigCgt "/proc/$program_PID/status" | tee handlers
    equal 0000000000000000 "$(sed 's/.*\t//' handlers)"
    end_program
}

# A program that forbids itself to write files: to write one all the same raises
# SIGXFSZ, which would end it.
no_file_may_be_written() {
    insert "$1"
    export CPS_PKCS11_CACHE=on CPS_PKCS11_TRACE=$PWD/calls.trace
    # shellcheck disable=SC2016
    printf '%s\n' "open 0" "login user $pin" "sign CPS_PRIV_AUT 00112233" logout |
        timeout 60 bash -c 'ulimit -f 0; exec "$@"' - "$work/p11-calls" "$library" 2>&1 | cat >out
    cat out
    equal 4 "$(grep -c '^CKR_OK' out)"
    equal "" "$(cat calls.trace)"
    equal "" "$(find "$XDG_CACHE_HOME" -type f)"
    # Where some may be written, lines are added until there is no more room.
    # shellcheck disable=SC2016
    printf '%s\n' "open 0" "login user $pin" "sign CPS_PRIV_AUT 00112233" logout |
        timeout 60 bash -c 'ulimit -f 68; exec "$@"' - "$work/p11-calls" "$library" 2>&1 | cat >out
    equal 4 "$(grep -c '^CKR_OK' out)"
    [ -s calls.trace ] && [ "$(stat --format=%s calls.trace)" -le 4096 ]
}

# kill_pcscd: a child of this shell, or of the one that runs all tests.
kill_pcscd() {
    kill -KILL "$pcscd_process"
    wait "$pcscd_process" || true
    wait_for pcscd_is_gone
}

pcscd_is_gone() { ! kill -0 "$pcscd_process" 2>/dev/null; }

# A pcscd that dies leaves sockets that nobody reads from: to write to one of them raises
# SIGPIPE, which ends a program that has not asked for anything else.
pcscd_dies() { # CARD
    insert "$1"
    start_program
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    kill_pcscd
    local call
    for call in "sign CPS_PRIV_AUT 00112233" "value CPS_ACTIVITY_03_PS" "slot-info 0" "token-info 0" logout "open 0"; do
        ask "$call"
        [ "${answer:0:4}" = CKR_ ] && [ "${answer%% *}" != CKR_OK ] || [ "$call" = "slot-info 0" ]
    done
    # With a new one the program goes on, without a new C_Initialize.
    umount /run/pcscd
    start_pcscd
    insert "$1"
    asked "slot-info 0"
    asked "token-info 0"
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    end_program
}

replace_pcscd() {
    kill_pcscd
    umount /run/pcscd
    start_pcscd
}

# Nobody looked while there was none: the new one tells the same of the same card.
pcscd_is_replaced() { # CARD
    insert "$1"
    start_program
    asked "slot-info 0"
    asked "open 0"
    asked "login user $pin"
    replace_pcscd
    insert "$1"
    # The login went with the old one.
    ask "sign CPS_PRIV_AUT 00112233"
    [ "${answer:0:4}" = CKR_ ] && [ "${answer%% *}" != CKR_OK ]
    asked "token-info 0"
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    end_program
}

# A new pcscd counts insertions from the beginning: to a program that did not look
# meanwhile another card in the reader is the same insertion. It is to get no code that
# was typed for the first one.
pcscd_dies_and_the_card_changes() { # CARD OTHER: a profile with the same answer to reset
    insert "$1"
    start_program
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    replace_pcscd
    trace=$PWD/other.trace
    insert_card 0 --profile "${profile%/*}/$2.json" --protocol "$protocol" --trace "$trace"
    ask "sign CPS_PRIV_AUT 00112233"
    [ "${answer%% *}" != CKR_OK ]
    for _ in 1 2; do
        ask "login user $pin"
        equal CKR_SESSION_HANDLE_INVALID "$(sed s/CKR_DEVICE_REMOVED/CKR_SESSION_HANDLE_INVALID/ <<<"${answer%% *}")"
    done
    equal "" "$(commands '[0-9A-F]{2} 20 [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} ')"
    asked "token-info 0"
    [ "$answer" = "${answer/$label/}" ]
    asked "open 0"
    asked "login user $pin"
    asked "sign CPS_PRIV_AUT 00112233"
    end_program
}

pcscd_dies_in_the_middle() { # CARD
    insert "$1" --latency 5,0,2000
    start_program
    asked "open 0"
    asked "login user $pin"
    echo "sign CPS_PRIV_AUT 00112233" >&"${program[1]}"
    wait_for card_got "$private_key_operation"
    kill_pcscd
    read -r -t 60 answer <&"${program[0]}"
    equal CKR_DEVICE_ERROR "$answer"
    end_program
    umount /run/pcscd
}

tool p11-calls
start_pcscd
it "python3 loads it with RTLD_DEEPBIND" python_binds_deeply
for card in cps3 cps4; do
    it "$card: works in a chroot without /proc and /dev" without_proc "$card"
    it "$card: signs in a program that loads it with RTLD_DEEPBIND and has an environ of its own" deeply_bound "$card"
    it "$card: the Swift runtime heeds no variable of the host" swift_variables "$card"
    it "$card: lives with RLIMIT_FSIZE = 0, cache and trace switched on" no_file_may_be_written "$card"
    it "$card: works for a user without any right, without an environment" without_rights "$card"
done
it "cps4: lives on when pcscd dies, and goes on with the next one" pcscd_dies cps4
start_pcscd
it "cps3: goes on when pcscd is replaced between two calls" pcscd_is_replaced cps3
start_pcscd
it "cps4: another card in the reader of the next pcscd gets no code of the first one" \
    pcscd_dies_and_the_card_changes cps4 employee
start_pcscd
it "cps3: lives on when pcscd dies during a signature" pcscd_dies_in_the_middle cps3
finish
