#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The trace that a user asks for with CPS_PKCS11_TRACE: what it tells, what it never
# tells, and where it is written.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

# traced COMMAND...
traced() { CPS_PKCS11_TRACE=$PWD/library.trace "$@"; }

# A code and a message that stand out.
prepare() { # CARD
    # A PIN long enough to be looked for in a trace.
    insert "$1" --pin-block unpadded
    traced p11 --login --pin 1234 --change-pin --new-pin 73519264 >out 2>&1
    pin=73519264
    head -c 32 /dev/urandom >message
}

# absent FILE IN: the bytes of a file in no spelling.
absent() {
    local hexadecimal
    hexadecimal=$(xxd -p "$1" | tr -d '\n')
    tr -d ' \n' <"$2" >joined
    if grep -qi "$hexadecimal" joined; then
        echo "$1 is in $2"
        return 1
    fi
}

tells_calls_and_commands() { # CARD
    prepare "$1"
    traced sign signature SHA256-RSA-PKCS message
    contains library.trace " call C_Initialize" " done C_Login CKR_OK " " call C_SetPIN session=" "old=** new=**" \
        " call C_SignInit session=" "mechanism=CKM_SHA256_RSA_PKCS" " done C_Sign" \
        " connected ${protocol/t/T=} Virtual reader 00 00" "template=CKA_CLASS:CKO_PRIVATE_KEY"
    grep -Eq '^[0-9]+\.[0-9]{6} [0-9]+/[0-9]+ card [0-9]+ > 0[01] 20 00 [0-9A-F]{2} \*\*$' library.trace
    grep -Eq ' card [0-9]+ > 0[01] 2A 9E 9A ' library.trace
    # Of a code that there is one, and no more: nor how long it is.
    equal "" "$(grep ' call C_Login ' library.trace | grep -vE ' session=[0-9]+ user=CKU_USER pin=\*\*$')"
    equal "" "$(grep ' call C_SetPIN ' library.trace | grep -vE ' session=[0-9]+ old=\*\* new=\*\*$')"
    equal "" "$(grep -E ' > 0[01] (20|24|2C) .. .. ' library.trace | grep -vE ' > .. .. .. .. \*\*$')"
    # As many commands as the card has seen since it was put in.
    equal "$(commands | wc -l)" "$(grep -c ' > ' library.trace)"
}

tells_no_secrets() { # CARD
    prepare "$1"
    traced sign signature SHA256-RSA-PKCS message
    traced logged_in --read-object --type data --label CPS_ACTIVITY_01_PS --output-file activity
    traced p11 --read-object --type data --label CPS_NAME_PS --output-file name
    traced logged_in --generate-random 16 --output-file random
    traced so_sets_pin 84620517
    openssl dgst -sha256 -binary message >digest
    printf 73519264 >pin
    printf 84620517 >new-pin
    printf 12345678 >puk
    lacks library.trace 73519264 84620517 12345678
    for secret in pin new-pin puk message digest signature activity name random; do
        [ -s "$secret" ]
        absent "$secret" library.trace
    done
}

so_sets_pin() { p11 --login --login-type so --so-pin 12345678 --init-pin --new-pin "$1"; }

# On a CPS4 a decryption signs, and the other way round.
tells_no_plaintext() { # CARD
    prepare "$1"
    read_public_key authentication
    openssl pkeyutl -encrypt -pubin -inkey public-key.pem -in message -out cryptogram
    traced logged_in --decrypt --id "$authentication_id" --mechanism RSA-PKCS --input-file cryptogram --output-file plain
    cmp message plain
    traced logged_in --sign --id "$authentication_id" --mechanism RSA-PKCS --input-file message --output-file signature
    # Half of it: chained commands are cut somewhere.
    for secret in message cryptogram; do
        head -c 16 "$secret" >half
        absent half library.trace
    done
}

is_private() {
    insert cps3
    (umask 0 && traced p11 --list-slots >out)
    equal "-rw-------" "$(stat --format=%A library.trace)"
}

# refuses_file: the library works, and writes nothing there.
refuses_file() {
    traced p11 --list-objects >out
    contains out "Certificat"
}

no_links() {
    insert cps3
    : >other
    chmod 600 other
    ln -s other library.trace
    refuses_file
    equal 0 "$(stat --format=%s other)"
    rm library.trace
    ln other library.trace
    refuses_file
    equal 0 "$(stat --format=%s other)"
    rm other
    refuses_file
    [ -s library.trace ]
}

no_foreign_file() {
    insert cps3
    : >library.trace
    chmod 644 library.trace
    refuses_file
    equal 0 "$(stat --format=%s library.trace)"
    chmod 600 library.trace
    chown nobody library.trace
    refuses_file
    equal 0 "$(stat --format=%s library.trace)"
}

no_place() {
    insert cps3
    CPS_PKCS11_TRACE=$PWD/nowhere/trace p11 --list-objects >out
    contains out "Certificat"
    mkfifo library.trace
    refuses_file
    CPS_PKCS11_TRACE="" p11 --list-objects >out
    CPS_PKCS11_TRACE=/dev/full p11 --list-objects >out
    contains out "Certificat"
}

# A set-user-ID program (AT_SECURE).
not_for_privileged_programs() {
    insert cps3
    # On a file system that knows the bit.
    mkdir programs
    mount -t tmpfs -o suid,mode=755 tmpfs programs
    cp "$work/p11-calls" programs/
    chown nobody programs/p11-calls
    chmod 4755 programs/p11-calls
    cp "$library" programs/library.so
    echo "slot-info 0" | CPS_PKCS11_TRACE=$PWD/library.trace timeout 60 programs/p11-calls "$PWD/programs/library.so" >out
    contains out CKR_OK
    [ ! -e library.trace ]
    chmod 755 programs/p11-calls
    chmod 777 .
    echo "slot-info 0" | CPS_PKCS11_TRACE=$PWD/library.trace timeout 60 programs/p11-calls "$PWD/programs/library.so" >out
    [ -s library.trace ]
    umount programs
}

# Many processes: every line is whole.
is_shared() {
    insert cps4
    local processes=() number
    for number in {1..6}; do
        traced p11 --list-objects >"out-$number" 2>&1 &
        processes+=($!)
    done
    for number in "${processes[@]}"; do wait "$number"; done
    equal 6 "$(grep -c 'call C_Initialize' library.trace)"
    equal "" "$(grep -vE '^[0-9]+\.[0-9]{6} [0-9]+/[0-9]+ (call|done|card|readers) ' library.trace | head -n 3)"
    equal "$(grep -c ' call ' library.trace)" "$(grep -c ' done ' library.trace)"
}

# A descriptor of ours would be in the way of a program that closes those which it
# does not know.
keeps_nothing_open() {
    insert cps3
    export CPS_PKCS11_TRACE=$PWD/library.trace
    start_program
    ask "open 0"
    equal CKR_OK "${answer%% *}"
    [ -s library.trace ]
    ls -l "/proc/$program_PID/fd" >descriptors
    end_program
    lacks descriptors library.trace
}

start_pcscd
cd "$work" || exit 1
tool p11-calls
for card in cps3 cps4; do
    it "$card: tells functions, arguments, commands and status words" tells_calls_and_commands "$card"
    it "$card: tells no code, no message, no signature and no data of people" tells_no_secrets "$card"
    it "$card: tells nothing that was decrypted" tells_no_plaintext "$card"
done
it "the file is for its owner alone" is_private
it "no link is followed" no_links
it "another user's file, or one that others can read, is left alone" no_foreign_file
it "where nothing can be written, the library works without" no_place
it "a set-uid program tells nothing" not_for_privileged_programs
it "several processes share a file" is_shared
it "no descriptor is kept" keeps_nothing_open
finish
