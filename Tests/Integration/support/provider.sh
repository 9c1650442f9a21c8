# SPDX-License-Identifier: Apache-2.0
# The library under test, through pkcs11-tool, with OpenSSL as the judge.

# p11 OPTION...: never longer than a minute.
p11() { timeout 60 pkcs11-tool --module "$library" "$@"; }

logged_in() { p11 --login --pin "$pin" "$@"; }

# key_id signature|authentication
key_id() { if [ "$1" = signature ]; then echo "$signature_id"; else echo "$authentication_id"; fi; }

# read_public_key KEY: certificate.der and public-key.pem, as the card gives them.
read_public_key() {
    p11 --read-object --type cert --id "$(key_id "$1")" --output-file certificate.der
    openssl x509 -inform DER -in certificate.der -noout -pubkey >public-key.pem
}

# sign KEY MECHANISM MESSAGE OPTION...: into the file signature.
sign() {
    local key=$1 mechanism=$2 message=$3
    shift 3
    rm -f signature
    logged_in --sign --id "$(key_id "$key")" --mechanism "$mechanism" \
        --input-file "$message" --output-file signature "$@"
    equal 256 "$(stat --format=%s signature)"
}

# verify HASH MESSAGE [OPTION...]: of the file signature with public-key.pem.
verify() {
    local hash=$1 message=$2
    shift 2
    openssl dgst "-$hash" -verify public-key.pem -signature signature "$@" "$message"
}

# verify_pss HASH MESSAGE: the salt is as long as the hash.
verify_pss() {
    verify "$1" "$2" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sigopt "rsa_mgf1_md:$1"
}

# calls LINE...: a program of ours makes these calls in one process; it answers
# with a line for each (tools/p11-calls.c).
calls() { printf '%s\n' "$@" | timeout 60 "$work/p11-calls" "$library"; }

# A program that keeps running while cards come and go:
#   start_program [PARAMETERS]; ask CALL; end_program
# $answer is what it says within a minute.
start_program() { coproc program { exec "$work/p11-calls" "$library" "$@"; }; }

ask() {
    echo "$1" >&"${program[1]}"
    read -r -t 60 answer <&"${program[0]}"
    echo "$1: $answer"
}

end_program() {
    local process=$program_PID
    # shellcheck disable=SC1083,SC2093 # closes a descriptor, no command
    exec {program[1]}>&-
    wait "$process"
}
