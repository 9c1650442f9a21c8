#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# stunnel as the tunnel from practice software to the DMP: the software speaks HTTP to
# localhost, the tunnel TLS with the card (docs/clients/stunnel.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# open_tunnel PORT PIN-PART [LINE...]: stunnel in the background, as process
# $tunnel; its entrance is $entrance.
open_tunnel() {
    entrance=$spare_port
    cat >stunnel.conf <<END
foreground = yes
pid =
debug = info
engine = pkcs11
engineCtrl = MODULE_PATH:$full
[dmp]
client = yes
engineNum = 1
sessionResume = no
accept = 127.0.0.1:$entrance
connect = 127.0.0.1:$1
checkHost = localhost
verifyChain = yes
CAfile = $hierarchy/roots.pem
cert = $(certificate_url authentication)
key = $(key_url authentication)$2
$(printf '%s\n' "${@:3}")
END
    # What an earlier tunnel wrote says nothing of this one.
    rm -f stunnel.log
    setsid setpriv --pdeathsig TERM timeout --kill-after=2 60 stunnel4 "$PWD/stunnel.conf" </dev/null >stunnel.log 2>&1 &
    tunnel=$!
    wait_for tunnel_is_open_or_gone
}

tunnel_is_open_or_gone() { grep -qs 'Configuration successful' stunnel.log || ! kill -0 "$tunnel" 2>/dev/null; }

# request: what the practice software asks for, into page.
request() {
    rm -f page
    within 20 curl --silent --show-error --max-time 15 --output page "http://127.0.0.1:$entrance/" >curl.log 2>&1
}

# close_tunnel: it must end in order, when told or because it could not work.
close_tunnel() {
    local ended=0
    kill -TERM "$tunnel" 2>/dev/null || true
    wait "$tunnel" || ended=$?
    [ "$ended" -le 1 ] || { cat stunnel.log; echo "stunnel ended with $ended"; return 99; }
}

# tunnel PORT PIN-PART [LINE...]: one request through a tunnel to this port.
tunnel() {
    local result=0
    open_tunnel "$@"
    request || result=$?
    close_tunnel || result=$?
    return "$result"
}

logs_in() { # PORT VERSION SCHEME [LINE...]
    tunnel "$1" ";pin-value=$pin" "${@:4}" || { cat stunnel.log; return 1; }
    logged_in_on page "$2"
    card_did authentication "$3"
    tries_spent 0
}
# What the person sees: curl an empty answer or no tunnel, the tunnel's log the reason.
is_refused() { # PORT [LINE...]
    fails tunnel "$1" ";pin-value=$pin" "${@:2}"
    contains stunnel.log error:
    nobody_logged_in
    tries_spent 0
}

wrong_pin() {
    fails tunnel "$tls_any" ";pin-value=9999"
    nobody_logged_in
    tries_spent 1
}

no_pin() {
    fails tunnel "$tls_any" ""
    nobody_logged_in
    no_pin_presented
}

# A tunnel lives all day: connections one after the other and at once, one PIN.
keeps_working() {
    local number
    open_tunnel "$tls_any" ";pin-value=$pin"
    for number in 1 2 3; do
        request || { cat curl.log stunnel.log; return 1; }
        logged_in_on page TLSv1.3
    done
    for number in 1 2 3 4; do
        within 30 curl --silent --max-time 25 --output "page$number" "http://127.0.0.1:$entrance/" &
        eval "request$number=$!"
    done
    for number in 1 2 3 4; do
        eval "wait \$request$number" || { cat stunnel.log; return 1; }
        logged_in_on "page$number" TLSv1.3
    done
    close_tunnel
    tries_spent 0
}

# hangs_without_card: the engine of libp11 0.4.13 (Debian 13), where it cannot open a
# session again. Requests get no answer then, and TERM does not end stunnel.
hangs_without_card() {
    case $(dpkg-query --show --showformat '${Version}' libengine-pkcs11-openssl) in
    0.4.13*) true ;;
    *) false ;;
    esac
}

# Without the card the tunnel refuses, and goes on living. Not even with the card
# back does it connect: libp11 keeps its session. The person starts it again.
card_pulled() {
    open_tunnel "$tls_any" ";pin-value=$pin"
    request
    logged_in_on page TLSv1.3
    remove_card "$card_slot"
    forget_requests
    fails request
    insert_card "$card_slot" --profile "$profile" --protocol "$protocol" --state "$state"
    fails request
    nobody_logged_in
    kill -0 "$tunnel"
    if hangs_without_card; then
        # `timeout` would hand on no KILL.
        pkill -KILL --session "$(ps -o sid= -p "$tunnel" | tr -d ' ')" || true
        wait "$tunnel" || true
    else
        grep -qE '(Session|Key) handle invalid' stunnel.log
        close_tunnel
    fi
    tunnel "$tls_any" ";pin-value=$pin"
    logged_in_on page TLSv1.3
    tries_spent 0
}

# After another program ended the login, the tunnel refuses and presents no PIN, although it
# knows it. The person starts it again.
another_programs_events() { # VERSION [LINE...]
    local event
    for event in "${events[@]}"; do
        open_tunnel "$tls_any" ";pin-value=$pin" "${@:2}"
        request || { cat curl.log stunnel.log; return 1; }
        another_program "$event"
        fails request
        fails request
        contains stunnel.log "User not logged in"
        nobody_logged_in
        kill -0 "$tunnel"
        close_tunnel
        pins_presented 0
        tries_spent "$(spent_by_another "$event")"
        tunnel "$tls_any" ";pin-value=$pin" "${@:2}"
        logged_in_on page "$1"
        pins_presented 1
        tries_spent 0
    done
}

# signs_beside VERSION [LINE...]: another program of the same user signs twenty times and
# logs out, while five requests go through the tunnel: one PIN for each, and the tunnel goes
# on afterwards.
signs_beside() {
    local number signer hash=3031300d060960864801650304020105000420
    hash+=$(printf message | sha256sum | cut -c 1-64)
    forget_trace
    open_tunnel "$tls_any" ";pin-value=$pin" "${@:2}"
    request || { cat stunnel.log; return 1; }
    {
        printf '%s\n' "open $card_slot" "login user $pin"
        for number in {1..20}; do echo "sign CPS_PRIV_SIG $hash"; done
        printf '%s\n' logout close
    } | within 60 "$work/p11-calls" "$full" >signatures &
    signer=$!
    for number in 1 2 3 4 5; do
        request || { cat curl.log stunnel.log; return 1; }
        logged_in_on page "$1"
    done
    wait "$signer"
    cut -c 1-40 signatures
    equal 24 "$(grep -c '^CKR_OK' signatures)"
    request || { cat curl.log stunnel.log; return 1; }
    logged_in_on page "$1"
    close_tunnel
    pins_presented 2
    tries_spent 0
}

# The page, as its reader types it, in two terminals.
follows_the_page() {
    local version=TLSv1.3
    opens_page clients/stunnel.md
    puts 127.0.0.1:8080 "127.0.0.1:$spare_port"
    puts server:443 "localhost:$tls_any"
    puts "checkHost = server" "checkHost = localhost"
    types "sudo apt install"
    writes "foreground = yes" dmp.conf
    writes "config = " for-cps3
    if [ "$sample" = cps3 ]; then
        version=TLSv1.2
        cat for-cps3 >>dmp.conf
    fi
    begins "stunnel4 dmp.conf" "Configuration successful" "$pin"
    at_terminal_number 2
    types "curl http"
    logged_in_on out "$version"
    at_terminal_number 1
    stops
    pins_presented 1
    tries_spent 0
}

cure=config=SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512
client stunnel stunnel4 libengine-pkcs11-openssl curl
with_pages
tool p11-calls
scenario cps4 "TLS 1.3 by RSA-PSS" logs_in "$tls13" TLSv1.3 pss
scenario cps4 "TLS 1.2 by RSA-PSS" logs_in "$tls12" TLSv1.2 pss
scenario cps4 "both offered: TLS 1.3" logs_in "$tls_any" TLSv1.3 pss
scenario cps3 "TLS 1.2 as it comes: an error" is_refused "$tls12"
scenario cps3 "both offered, as it comes: an error" is_refused "$tls_any"
scenario cps3 "TLS 1.2 with the cure in stunnel.conf" logs_in "$tls12" TLSv1.2 pkcs1 "$cure"
scenario cps3 "both offered, the cure and TLS 1.2 at most" \
    logs_in "$tls_any" TLSv1.2 pkcs1 "$cure" sslVersionMax=TLSv1.2
scenario cps3 "TLS 1.3: an error" is_refused "$tls13"
scenario cps3 "TLS 1.3 with the cure: an error" is_refused "$tls13" "$cure"
scenario cps4 "connections one after the other, and four at once" keeps_working
scenario cps4 "card pulled: the tunnel refuses, and logs in once started again" card_pulled
words="another program logs out, is refused a PIN, resets the card: the tunnel refuses, and logs in once started again"
scenario cps3 "$words" another_programs_events TLSv1.2 "$cure" sslVersionMax=TLSv1.2
scenario cps4 "$words" another_programs_events TLSv1.3
words="twenty signatures by another program of the user, five requests meanwhile: one PIN each"
scenario cps3 "$words" signs_beside TLSv1.2 "$cure" sslVersionMax=TLSv1.2
scenario cps4 "$words" signs_beside TLSv1.3
for card in cps3 cps4; do
    scenario $card "the page: a tunnel, and a request through it" follows_the_page
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "no PIN spends none" no_pin
done
page_is_read clients/stunnel.md
finish
