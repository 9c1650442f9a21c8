#!/usr/bin/env bash
# stunnel as the tunnel of a practice software to the DMP: the software speaks
# HTTP to localhost, the tunnel TLS with the card (docs/clients/stunnel.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# tunnel PORT PIN-PART [LINE...]: a request through a tunnel to this port, into page.
# The tunnel itself must end in order, when told or because it cannot work.
tunnel() {
    local entrance=$((tls_any + 1)) attempt result=0 ended=0
    cat >stunnel.conf <<END
foreground = yes
pid =
debug = info
engine = pkcs11
engineCtrl = MODULE_PATH:$full
[dmp]
client = yes
engineNum = 1
accept = 127.0.0.1:$entrance
connect = 127.0.0.1:$1
checkHost = localhost
verifyChain = yes
CAfile = $hierarchy/roots.pem
cert = $(certificate_url authentication)
key = $(key_url authentication)$2
$(printf '%s\n' "${@:3}")
END
    setsid setpriv --pdeathsig TERM timeout --kill-after=2 30 stunnel4 "$PWD/stunnel.conf" </dev/null >stunnel.log 2>&1 &
    local process=$!
    for attempt in {1..100}; do
        kill -0 "$process" 2>/dev/null || break
        grep -q 'Configuration successful' stunnel.log && break
        sleep 0.1
    done
    within 20 curl --silent --show-error --max-time 15 --output page "http://127.0.0.1:$entrance/" >curl.log 2>&1 || result=$?
    kill -TERM "$process" 2>/dev/null || true
    wait "$process" || ended=$?
    [ "$ended" -le 1 ] || { cat stunnel.log; echo "stunnel ended with $ended"; return 99; }
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

cure=config=SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512
client stunnel stunnel4 libengine-pkcs11-openssl curl
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
for card in cps3 cps4; do
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "no PIN spends none" no_pin
done
finish
