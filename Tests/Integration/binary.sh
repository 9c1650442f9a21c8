#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library file: what it shows, what it needs, how large it is.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

exported() { nm --dynamic --defined-only "$1" | awk '{ print $NF }' | sed 's/@.*//' | sort -u; }

shows_functions_of_the_standard_only() {
    exported "$library" | { grep -v '^C_' || true; } >others
    equal "" "$(head -n 20 others)"
}

# p11-kit's header declares those of 2.40, newer ones also those of 3.0 and 3.2, which
# ours declares in any case.
shows_all_functions() {
    local header
    header=$(pkg-config --variable=includedir p11-kit-1)/p11-kit-1/p11-kit/pkcs11.h
    [ -r "$header" ] || header=/usr/include/p11-kit-1/p11-kit/pkcs11.h
    grep -ohE '(_CK_DECLARE_FUNCTION \(|extern CK_RV )C_[A-Za-z]+' "$header" "$project/Include/CPKCS11/Version3.h" |
        grep -o 'C_.*' | sort -u >standard
    equal 104 "$(grep -c . standard)"
    exported "$library" >ours
    equal "" "$(diff standard ours)"
}

needs_no_swift() {
    ldd "$library" >needed
    lacks needed libswift Foundation "not found"
    grep -q libpcsclite needed
}

needs_no_p11_kit() {
    ldd "$library" >needed
    lacks needed libp11-kit
}

# A folder that is only beside copies in sandboxes (docs/clients/sandboxes.md).
searches_beside_itself_only() {
    readelf --dynamic "$library" >dynamic
    lacks dynamic RUNPATH
    equal '[$ORIGIN/cps-pkcs11-libraries]' "$(sed -n 's/.*(RPATH).*: //p' dynamic)"
    readelf --dynamic "$cps" "$virtual_card" >dynamic
    lacks dynamic RUNPATH RPATH
}

cannot_be_unloaded() {
    readelf --dynamic "$library" >dynamic
    contains dynamic NODELETE
}

is_small() {
    strip -o stripped "$library"
    local size
    size=$(stat --format=%s stripped)
    echo "$size bytes"
    [ "$size" -le $((8 * 1024 * 1024)) ]
}

# Of the library and of both commands.
is_hardened() {
    local file
    for file in "$library" "$cps" "$virtual_card"; do
        echo "$file"
        readelf --wide --segments --dynamic "$file" >headers
        contains headers GNU_RELRO
        grep -qE 'FLAGS_1.*NOW|BIND_NOW' headers
    done
}

# Where it was built is nobody's business.
tells_no_path_of_the_build() {
    strip -o stripped "$library"
    strings -a stripped | { grep -F "$project" || true; } >paths
    equal "" "$(cat paths)"
}

# What stands in the place of functions of the Swift runtime (SwiftRuntime.swift) does so
# by their names, which are the runtime's own: another version may have others.
has_nothing_that_owns_the_process() {
    nm "$library" | awk '{ print $NF }' | sed 's/@.*//' | sort -u >symbols
    grep -qx __wrap__ZN5swift14threading_impl9once_slowERNS0_6once_tEPFvPvES3_ symbols
    # The locks that know threads by number, the search for the program's arguments, and
    # the look into its environment.
    grep -E '^(environ|_swift_stdlib_gettid.*|.*ulock_get_tid.*|_ZN5swift14threading_impl9once_slow.*)$' symbols >found || true
    grep -E '^(_ZN5swift7runtime11environment10initializeEPv|.*argvGrabber.*)$' symbols >>found || true
    equal "" "$(cat found)"
}

it "shows C_* functions only" shows_functions_of_the_standard_only
it "shows all 104 functions of PKCS#11 3.2" shows_all_functions
it "needs no Swift library" needs_no_swift
it "has nothing of the Swift runtime that takes the process for its own" has_nothing_that_owns_the_process
it "needs no p11-kit" needs_no_p11_kit
it "searches libraries in one folder beside itself, the commands in none" searches_beside_itself_only
it "cannot be unloaded" cannot_be_unloaded
it "is at most 8 MB when stripped" is_small
it "binds all symbols at loading, into memory that is read-only then; the commands too" is_hardened
it "tells no path of the machine that built it" tells_no_path_of_the_build
finish
