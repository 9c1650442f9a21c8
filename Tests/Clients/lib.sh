# SPDX-License-Identifier: Apache-2.0
# The common part of each client's scenarios.
#
# A client is a bash file in Tests/Clients. It names itself and its Debian packages,
# defines its scenarios as functions, and runs them on a virtual CPS3 and CPS4
# through a real pcscd:
#
#   client curl curl libengine-pkcs11-openssl
#   scenario cps4 "TLS 1.3 with the card" FUNCTION ARGUMENT...
#   finish
#
# Scenarios are tests as in Tests/Integration (support/harness.sh): each in an empty
# folder of its own, which is its HOME, with a new card. A client runs
# alone too, once everything is built and installed: Tests/Clients/curl.sh
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=/dev/null
. "$project/Tests/Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/install.sh"
# shellcheck source=/dev/null
. "$project/Tests/Clients/server.sh"
# shellcheck source=/dev/null
. "$project/Tests/Clients/support/pages.sh"

# What the holder of both doctors' cards is called.
holder="TEST DOC0073574"

# client NAME PACKAGE...: without one of the packages the client counts as not
# installed, which the table says.
client() {
    client=$1
    shift
    local package missing=()
    for package in nginx "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] || not_installed "${missing[*]}"
    # Installed as docs/clients says: a second file, of which browsers and what is
    # like them see the authentication pair only.
    mkdir -p "$work/pkcs11"
    full=$work/pkcs11/libcps-pkcs11.so
    browser=$work/pkcs11/libcps-pkcs11-browser.so
    cp "$library" "$full"
    cp "$library" "$browser"
    start_pcscd
    start_server
}

# not_installed WHAT: ends the client.
not_installed() {
    row - 0 0 "not installed: $1"
    [ -z "${CPS_TEST_COUNTS:-}" ] || echo "0 0 1" >"$CPS_TEST_COUNTS"
    printf '  not installed: %s\n' "$1"
    exit 0
}

# scenario CARD WORDS FUNCTION ARGUMENT...: a test on a card that is as new.
scenario() {
    local card=$1 words=$2 passed=$tests_passed failed=$tests_failed
    shift 2
    it "$card: $words" with_card "$card" "$@"
    row "$card" $((tests_passed - passed)) $((tests_failed - failed)) "$words"
}

# row CARD PASSED FAILED WORDS: a line for the table of run.sh.
row() {
    [ -z "${CPS_CLIENT_ROWS:-}" ] || printf '%s|%s|%s|%s|%s\n' "$client" "$@" >>"$CPS_CLIENT_ROWS"
}

# In France the other slot of the reader often holds the patient's Vitale card: beside a
# CPS4 there is one, before it. Recipes find the CPS all the same.
with_card() {
    export HOME=$PWD
    card_slot=0
    if [ "$1" = cps4 ]; then
        insert_card 0 --profile "$project/Sources/cps-virtual-card/Profiles/vitale.json"
        card_slot=1
    fi
    insert "$1"
    forget_requests
    shift
    "$@"
}

# within SECONDS COMMAND...: never longer, and not longer than the scenario; without
# a terminal that could be asked.
within() { setpriv --pdeathsig TERM timeout --kill-after=2 "$1" setsid --wait "${@:2}"; }

# fails COMMAND...: it ends by itself and says that it failed (ssh by 255): no crash
# by a signal, no time-out.
fails() {
    local result=0
    "$@" || result=$?
    case $result in 12[4-9] | 1[3-9]? | 2[0-4]? | 25[0-4] | 0) ;; *) return 0 ;; esac
    echo "an orderly failure was expected, but the exit code is $result: $*"
    return 1
}

# tries_spent NUMBER: as the card counts. It writes its state when it changes.
tries_spent() {
    if [ -e "$state" ]; then equal $((3 - $1)) "$(counter pinTriesLeft)"; else equal 0 "$1"; fi
}

# no_pin_presented: not even a good one.
no_pin_presented() {
    pins_presented 0
    tries_spent 0
}

# What another program does to the card of a client that is logged in, one of these:
#   logs-out    another user's program logs in and out: its logout resets the card
#   is-refused  another user's program presents a wrong PIN, which spends one try
#   resets      a program that knows nothing of this library resets the card
events=(logs-out is-refused resets)

# another_program EVENT: does that; PINs that are presented from then on are the client's.
another_program() {
    case $1 in
    logs-out) another_users_p11 --pin "$pin" ;;
    is-refused) refused CKR_PIN_INCORRECT another_users_p11 --pin 9999 ;;
    resets) within 20 opensc-tool --reader "Virtual reader 00 0$card_slot" --reset ;;
    esac >another-program.log 2>&1 || { cat another-program.log; return 1; }
    forget_trace
    forget_requests
}

another_users_p11() {
    within 20 setpriv --reuid=65534 --regid=65534 --clear-groups pkcs11-tool --module "$full" --login \
        --list-objects --type privkey "$@"
}

# spent_by_another EVENT: the tries that this program spent.
spent_by_another() { if [ "$1" = is-refused ]; then echo 1; else echo 0; fi; }

# pins_presented NUMBER: to the card, since its trace was last forgotten.
pins_presented() { equal "$1" "$(pins)"; }
pins() { commands '[0-9A-F]{2} 20 [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} ' | wc -l; }

# card_did KEY WHAT: all that the card was asked to do with its private keys, by
# its own trace (cards.md §4.2): `authentication pss`, `signature pkcs1`,
# `authentication decrypt`. A CPS4 deciphers to sign by PKCS#1 v1.5 with the
# authentication key.
card_did() {
    local operations
    operations=$(private_key_commands | sed -nE '
        s/.* 22 41 A4 06 80 01 02 84 01 82.*/authentication pkcs1/p
        s/.* 22 41 B6 06 80 01 [14]2 84 01 81.*/signature pkcs1/p
        s/.* 22 41 B8 06 80 01 1A 84 01 82.*/authentication decrypt/p
        s/.* 22 41 B8 03 83 01 20.*/authentication decipher/p
        s/.* 22 81 B6 04 91 02 (0A|28) 90.*/signature pkcs1/p
        s/.* 22 81 B6 04 91 02 (15|2C) 90.*/signature pss/p
        s/.* 22 81 B6 04 91 02 (15|2C) A0.*/authentication pss/p' | sort -u)
    local expected="$1 $2"
    if [ "$sample" = cps4 ]; then
        case $expected in "authentication pkcs1" | "authentication decrypt") expected="authentication decipher" ;; esac
    fi
    equal "$expected" "$operations"
}

# certificate signature|authentication: as issued, in PEM.
certificate() { echo "$issued/$1.cert.pem"; }

# key_url signature|authentication: the private key in RFC 7512 words.
key_url() { echo "pkcs11:id=$(key_id "$1" | sed 's/../%&/g');type=private"; }
certificate_url() { echo "pkcs11:id=$(key_id "$1" | sed 's/../%&/g');type=cert"; }

# openssl_cure: what OpenSSL clients need with a CPS3, which cannot do RSA-PSS
# (docs/clients/tls-versions.md): a configuration for this scenario alone.
openssl_cure() {
    cat >openssl.cnf <<'END'
openssl_conf = openssl_init
[openssl_init]
ssl_conf = ssl_configuration
[ssl_configuration]
system_default = all_programs
[all_programs]
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512
MaxProtocol = TLSv1.2
END
    export OPENSSL_CONF=$PWD/openssl.cnf
}

# example COMMENT: the program of docs/virtual-cards.md that begins with this comment, with the tests' library.
example() {
    awk -v head="    $1" -v library="$full" '
        index($0, head) == 1 { found = 1 }
        found && /^[^ ]/ { exit }
        found { sub(/^    /, ""); sub("/usr/lib/x86_64-linux-gnu/pkcs11/libcps-pkcs11.so", library); print }
    ' "$project/docs/virtual-cards.md"
}
