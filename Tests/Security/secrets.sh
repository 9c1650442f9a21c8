#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secrets: what is left of a PIN and of private data in the memory of the program that
# loaded the library, and what of its surroundings a program with more rights than
# its user listens to.
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/support/stage.sh"

# A program that runs with the rights of a group which its user is not in.
privileged_program() {
    cp "$work/p11-calls" ./privileged
    chgrp staff privileged
    chmod 2755 privileged
}

# as_user COMMAND...: as somebody without rights.
as_user() { setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$PWD/home" XDG_CACHE_HOME="$PWD/home" "$@"; }

ignores_the_cache_setting() {
    insert "$1"
    privileged_program
    mkdir -m 700 home
    chown nobody home
    export CPS_PKCS11_CACHE=on
    printf '%s\n' "open 0" "value CPS_NAME_PS" >input
    as_user ./privileged "$library" <input >out
    equal CKR_OK,CKR_OK "$(cut -d' ' -f1 out | paste -sd,)"
    equal "" "$(ls home)"
    # The same program without the rights keeps what it has read.
    as_user "$work/p11-calls" "$library" <input >out
    equal cps-pkcs11 "$(ls home)"
}

ignores_the_logout_setting() {
    insert "$1"
    privileged_program
    export CPS_PKCS11_LOGOUT=leave
    printf '%s\n' "open 0" "login user $pin" logout close >input
    forget_trace
    as_user ./privileged "$library" <input >out
    equal "CKR_OK CKR_OK CKR_OK CKR_OK" "$(paste -sd' ' out)"
    grep -q -- '- power off' "$trace"
    forget_trace
    as_user "$work/p11-calls" "$library" <input >out
    lacks "$trace" '- power off'
}

digits() { tr -dc 0-9 </dev/urandom | head -c "$1"; }

# A card whose values nothing else in the memory happens to have; and time enough to
# look at it during a command.
memory() { # TITLE
    puk=$(digits 8)
    sed "s/12345678/$puk/" "$profile" >"$work/profile.json"
    insert_card 0 --profile "$work/profile.json" --protocol "$protocol" --latency 80,0,0 "${card_options[@]}" \
        --corrupt-file "0001/D122=ee82012c$(head -c 300 /dev/urandom | xxd -p | tr -d '\n')"
    head -c 32 /dev/urandom >"$work/message"
    openssl pkeyutl -encrypt -certin -keyform DER -inkey "$issued/authentication.cert.der" \
        -in "$work/message" -out "$work/cryptogram"
    counted "$1" "$work/secrets" "$library" "$pin" "$puk" "$work/cryptogram" "$(xxd -p -c 64 "$work/message")"
    remove_card 0
}

compile secrets
tool p11-calls
# The library must be where anybody can read it.
install -m 755 "$library" "$work/libcps-pkcs11.so"
start_pcscd
# PINs of eight digits, which a CPS3 as issued does not take.
for card in cps3-unpadded cps4; do
    sample "$card"
    memory "$card: PINs and private data in memory"
done
export CPS_PKCS11_TRACE=$work/trace
memory "cps4: the same while calls and commands are traced"
unset CPS_PKCS11_TRACE
library=$work/libcps-pkcs11.so
it "the cache stays off in a set-group-ID program" ignores_the_cache_setting cps3
it "the environment does not keep a set-group-ID program from closing the card" ignores_the_logout_setting cps4
finish
