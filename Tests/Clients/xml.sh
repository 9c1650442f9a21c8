#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SAML assertions of the DMP (VIHF), signed by the card: programs in Python, Java and C, and a strict
# service that takes them (docs/clients/dmp.md, docs/clients/xml.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

environment=$project/.build/clients-python
programs=$project/Tests/Clients/programs
patient=279035121518989

# begin ACTIVITY: the card's report in report.json, the fields of this activity in the file fields, and a
# service at $address that knows the holder.
begin() {
    activity=$1
    printf '%s\n' "$pin" | within 30 "$cps" info --pin-stdin --json >report.json
    python3 - "$1" >fields <<'END'
import json, sys
fields = next(one["vihf"] for one in json.load(open("report.json"))["activities"] if one["number"] == int(sys.argv[1]))
for name, value in fields.items():
    for part in [value] if isinstance(value, str) else ["|".join(role.values()) for role in value]:
        print(f"{name}={part}")
END
    # Debian's, which Debian's lxml and cryptography are for.
    setpriv --pdeathsig TERM /usr/bin/python3 "$project/Tests/Clients/vihf-service.py" "$profile" \
        "$hierarchy/intermediates.pem" >service.log 2>&1 &
    wait_for test -e port
    address=http://127.0.0.1:$(cat port)/
    forget_trace
}

with_python() { within 30 "$environment/bin/python3" "$programs/$1.py" "$full" "${@:2}" <<<"$pin" >out 2>errors; }

with_java() { # [ALIAS]
    printf 'name = CPS\nlibrary = %s\nslotListIndex = %s\n' "$full" "$card_slot" >cps.cfg
    within 60 java -Xshare:auto -XX:TieredStopAtLevel=1 -cp "$work/java" Vihf cps.cfg fields "$patient" "$@" \
        <<<"$pin" >out 2>errors
}

with_c() { within 30 "$work/vihf" "$full" fields "$patient" <<<"$pin" >out 2>errors; }

# made_by COMMAND...: a request in the file out; its end after one PIN and one signature.
made_by() {
    "$@" || { cat errors; return 1; }
    pins_presented 1
    tries_spent 0
}

post() { curl --silent --max-time 20 --data-binary @out "$address" >answer; }

# Each activity's structure goes with its own sector.
is_accepted() { # COMMAND...
    local expected activity
    for expected in "3 10B0307377 SA01" "1 499700735741008 SA07"; do
        activity=${expected%% *}
        rm -f port
        begin "$activity"
        made_by "$@"
        post
        contains answer "<accepted>899700735741 ${expected#* }</accepted>"
        card_did signature pkcs1
        # Another judge of the signature.
        xmlsec1 --verify --enabled-key-data x509 --id-attr:ID urn:oasis:names:tc:SAML:2.0:assertion:Assertion \
            --trusted-pem "$hierarchy/roots.pem" --untrusted-pem "$hierarchy/intermediates.pem" out >xmlsec.log 2>&1 ||
            { cat xmlsec.log; return 1; }
    done
}

python_is_accepted() { is_accepted with_activity; }
# The activity is that of is_accepted.
with_activity() { with_python vihf report.json "$activity" "$patient"; }

variants_are_refused() {
    begin 3
    with_python vihf-variants report.json 3 "$address" || { cat out errors; return 1; }
    equal 25 "$(wc -l <out)"
    # The page has the same table.
    local line
    while IFS= read -r line; do contains "$project/docs/clients/dmp.md" "$line"; done <out
    pins_presented 1
    tries_spent 0
}

authentication_key_is_refused() {
    begin 3
    made_by with_java "Certificat d'Authentification CPS"
    post
    contains answer "certificate-use:" "Not a valid signature certificate"
}

wrong_pin() { # COMMAND...
    begin 3
    local activity=3
    pin=9999 fails "$@"
    grep -Eq 'CKR_PIN_INCORRECT|PinIncorrect|C_Login \(0xA0\)' errors || { cat errors; return 1; }
    pins_presented 1
    tries_spent 1
}

# install_python: from PyPI.
install_python() {
    [ -x "$environment/bin/python3" ] || in_group python3 -m venv "$environment"
    within 120 "$environment/bin/python3" -m pip install --quiet --disable-pip-version-check lxml python-pkcs11 \
        >"$work/pip.log" 2>&1
}

client xml gcc libp11-kit-dev default-jdk-headless python3-venv python3-lxml python3-cryptography xmlsec1 curl
# shellcheck disable=SC2046
in_group gcc -Wall -Wextra -Werror -O1 -o "$work/vihf" "$programs/vihf.c" $(pkg-config --cflags p11-kit-1) -ldl
in_group javac -d "$work/java" "$programs/Vihf.java"
python=yes
install_python || {
    python=
    tail -n 3 "$work/pip.log"
    echo "  left out: the program in Python, because lxml and python-pkcs11 cannot be had from PyPI"
}
for card in cps3 cps4; do
    if [ -n "$python" ]; then
        scenario $card "Python: the service takes it, for two activities; xmlsec1 verifies" python_is_accepted
        scenario $card "Python: a wrong PIN spends one try" wrong_pin with_activity
        scenario $card "25 mistakes are refused, each for its reason" variants_are_refused
    fi
    scenario $card "Java: the service takes it, for two activities; xmlsec1 verifies" is_accepted with_java
    scenario $card "Java: the authentication key is refused" authentication_key_is_refused
    scenario $card "Java: a wrong PIN spends one try" wrong_pin with_java
    scenario $card "C: the service takes it, for two activities; xmlsec1 verifies" is_accepted with_c
    scenario $card "C: a wrong PIN spends one try" wrong_pin with_c
done
page_is_read clients/dmp.md
page_is_read clients/xml.md
finish
