# SPDX-License-Identifier: Apache-2.0
# What the tests of the command cps share. The command's stdout goes to the file out,
# its stderr to the file err.

# ends STATUS OPTION...: cps ends with this, and complains if and only if it fails.
ends() {
    local expected=$1
    shift
    ends_with "$expected" timeout 60 "$cps" "$@" </dev/null
}

# ended EXPECTED ACTUAL
ended() {
    if [ "$1" = "$2" ]; then return; fi
    cat out err
    echo "ended with $2, expected $1"
    return 1
}

# in_french COMMAND...: what people in France see. The shell itself keeps its locale,
# because the French one need not be installed.
in_french() {
    local real=$cps
    cps=$work/cps-in-french
    [ -x "$cps" ] || printf '#!/bin/sh\nLC_ALL=fr_FR.UTF-8 exec "%s" "$@"\n' "$real" >"$cps"
    chmod 755 "$cps"
    "$@"
    cps=$real
}

# with_input TEXT STATUS OPTION...: TEXT is standard input.
with_input() {
    local text=$1 expected=$2
    shift 2
    printf '%s' "$text" | ends_with "$expected" timeout 60 "$cps" "$@"
}

# at_terminal STATUS [QUESTION=>ANSWER]... -- OPTION...: somebody sits there; the file
# screen is what they see. The terminal must show again what is typed.
at_terminal() {
    local expected=$1 result=0
    shift
    local answers=()
    while [ "$1" != -- ]; do
        answers+=("$1")
        shift
    done
    shift
    python3 "$project/Tests/Command/support/at-terminal.py" "${answers[@]}" -- "$cps" "$@" >screen 2>&1 || result=$?
    if [ "$expected" = "$result" ]; then contains screen "[ended, echo on]"; return; fi
    cat screen
    echo "ended with $result, expected $expected"
    return 1
}

# issue_expired REQUEST CERTIFICATE: by an authority that is known; it ended yesterday.
# (`openssl x509 -days -1` is refused since OpenSSL 3.4.)
issue_expired() {
    mkdir -p expired
    : >expired/index
    printf '%s\n' "[ca]" database=expired/index policy=any new_certs_dir=expired default_md=sha256 rand_serial=yes \
        "[any]" CN=optional >expired/ca.conf
    openssl ca -batch -config expired/ca.conf -name ca -notext -in "$1" -out "$2" -preserveDN \
        -startdate "$(date --utc --date '9 days ago' +%Y%m%d000000Z)" \
        -enddate "$(date --utc --date '1 day ago' +%Y%m%d000000Z)" \
        -cert "$hierarchy/ca/fort-personnes/cert.pem" -keyfile "$hierarchy/ca/fort-personnes/key.pem" 2>expired/log ||
        { cat expired/log; return 1; }
}

# json EXPRESSION EXPECTED: a Python expression over the report in out.
json() { equal "$2" "$(python3 -c 'import json, sys; r = json.load(open("out")); print('"$1"')')"; }

# follows_schema NAME: the report in out is what docs/schema promises.
follows_schema() {
    # The one that Debian's package is for.
    /usr/bin/python3 - "$project/docs/schema/$1.json" out <<'END'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))
END
}

# insert_changed NAME EXPRESSION OPTION...: a sample card whose profile a sed expression
# has changed.
insert_changed() {
    local name=$1 expression=$2
    shift 2
    sample "$name"
    sed -E "$expression" "$profile" >profile.json
    insert_profile profile.json "$protocol" "${card_options[@]}" "$@"
}

# insert_profile FILE PROTOCOL OPTION...: any card.
insert_profile() {
    profile=$1 protocol=$2
    shift 2
    trace=$PWD/card.trace
    state=$PWD/card.state
    insert_card 0 --profile "$profile" --protocol "$protocol" --trace "$trace" --state "$state" "$@"
}

profiles=$project/Sources/cps-virtual-card/Profiles

# presented: the commands that carried a code, or asked for one to be set.
presented() { commands '[0-9A-F]{2} (20|24|2C) [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} '; }
