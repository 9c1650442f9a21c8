#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the library costs the program that loads it, beside other libraries in the same
# run (scripts/bench): OpenSC's, and SoftHSM2's, whose tokens are files.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# figure LIBRARY NAME: what scripts/bench says of it; nothing where it could not tell.
figure() { sed -n "s/.*\"library\": \"$1\".*\"$2\": \([0-9.]*\).*/\1/p" "$work/figures.json"; }

# at_most PEER NAME: ours is not more than the peer's.
at_most() {
    local ours theirs
    ours=$(figure "${library##*/}" "$2") theirs=$(figure "$1" "$2")
    echo "$2: ours $ours, $1 $theirs"
    [ "$ours" -le "$theirs" ]
}

is_measured() {
    "$project/scripts/bench" --json --count --card cps3 --only inside "$library" >"$work/figures.json"
    cat "$work/figures.json"
}

it "scripts/bench measures it and its peers" is_measured
it "loads at least as fast as OpenSC's library" at_most opensc-pkcs11.so loadMicroseconds
it "takes less memory than OpenSC's library" at_most opensc-pkcs11.so residentKiB
it "C_FindObjects takes no longer than with SoftHSM2" at_most libsofthsm2.so findObjectsNanoseconds
it "C_GetAttributeValue takes no longer than with SoftHSM2" at_most libsofthsm2.so getAttributeValueNanoseconds
finish
