#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/demo, as a person runs it: beside another one, and interrupted.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# demo LANGUAGE: in a namespace and process group of its own.
demo() { env -u CPS_OWN_NAMESPACE LC_ALL="$1" setsid --wait "$project/scripts/demo" </dev/null; }

ends_well() {
    # All that it does: scripts/test has built what it needs, and it would know that.
    CPS_BUILT='' demo "$1" >out 2>&1
    tail -n 1 out >last
    contains last "$2"
    equal 2 "$(grep -c 'Verified OK' out)"
    equal 2 "$(grep -c 'certificate.pem: OK' out)"
}

two_at_a_time() {
    local first second
    demo C >first 2>&1 &
    first=$!
    demo C >second 2>&1 &
    second=$!
    wait "$first"
    wait "$second"
    tail -qn 1 first second >last
    equal 2 "$(grep -c Success last)"
}

nothing_runs_in() { ! pgrep -f "$1"; }

stops_what_it_started() { # SIGNAL
    local demo folder
    mkdir temporary
    TMPDIR=$PWD/temporary env --default-signal=INT -u CPS_OWN_NAMESPACE LC_ALL=C setsid "$project/scripts/demo" >out 2>&1 </dev/null &
    demo=$!
    wait_for grep -q list-slots out
    folder=$(echo temporary/cps-pkcs11.*)
    [ -d "$folder" ]
    pgrep -f "$PWD/$folder" || { cat out && return 1; }
    kill "-$1" "$demo"
    if wait "$demo"; then return 1; fi
    wait_for nothing_runs_in "$PWD/$folder"
    [ "$1" = KILL ] || [ ! -d "$folder" ]
}

fails_when_a_signature_is_wrong() {
    if CPS_LIBRARY=$(dpkg --listfiles opensc-pkcs11 | grep '/opensc-pkcs11\.so$' | tail -n 1) demo C >out 2>&1; then return 1; fi
    tail -n 1 out >last
    contains last Failure
}

it "the demo ends well, in English" ends_well C Success
it "the demo ends well, in French" ends_well fr_FR.UTF-8 Succès
it "two demos work side by side" two_at_a_time
it "a terminated demo leaves nothing behind" stops_what_it_started TERM
it "an interrupted demo leaves nothing behind" stops_what_it_started INT
it "a killed demo leaves no process behind" stops_what_it_started KILL
it "the demo fails with a library that cannot do the job" fails_when_a_signature_is_wrong
finish
