#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A malformed profile of a virtual card: one sentence that names the field.
. "$(dirname "${BASH_SOURCE[0]}")/support/harness.sh"

refuses() { # FIELD SED-EXPRESSION
    sed -E "$2" "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" >profile.json
    if cmp -s profile.json "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json"; then
        echo "the expression changes nothing"
        return 1
    fi
    refuses_file profile.json "$1"
}

refuses_file() { # FILE WORD
    if timeout 5 "$virtual_card" insert --profile "$1" --hierarchy "$hierarchy" --port 1 >out 2>&1; then return 1; fi
    cat out
    equal 1 "$(grep -c . out)"
    contains out "$2"
    lacks out "waiting for vpcd"
}

refuses_text() { # WORD TEXT
    printf '%s' "$2" >profile.json
    refuses_file profile.json "$1"
}

says_so_in_french() {
    sed -E 's/"CPS3"/"CPS5"/' "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" >profile.json
    if LC_ALL=fr_FR.UTF-8 "$virtual_card" openssl-config --profile profile.json >out 2>&1; then return 1; fi
    contains out "generation" "doit être"
}

# schema_takes FILE...: those that docs/schema/virtual-card.json takes, a name a line.
schema_takes() {
    # The one that Debian's package is for.
    /usr/bin/python3 - "$project/docs/schema/virtual-card.json" "$@" <<'END'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for file in sys.argv[2:]:
    if validator.is_valid(json.load(open(file))):
        print(file)
END
}

# Every shipped profile is as the schema says, and the page names every one.
shipped_profiles() {
    local file name
    local files=("$project"/Sources/cps-virtual-card/Profiles/*.json)
    equal "$(printf '%s\n' "${files[@]}")" "$(schema_takes "${files[@]}")"
    for file in "${files[@]}"; do
        "$virtual_card" openssl-config --profile "$file" >out
        name=$(basename "$file" .json)
        grep -qF "\`$name\`" "$project/docs/virtual-cards.md" || { echo "not on the page: $name"; return 1; }
    done
}

# What the program refuses, the schema refuses: all but what no schema can tell.
bad_profiles=()
schema_refuses_all() {
    local index
    for index in "${!bad_profiles[@]}"; do
        sed -E "${bad_profiles[index]}" "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" >"bad-$index.json"
    done
    [ ${#bad_profiles[@]} -gt 20 ]
    equal "" "$(schema_takes bad-*.json)"
}

hierarchy_script_stops() {
    sed -E 's/"CPS3"/"CPS5"/' "$project/Sources/cps-virtual-card/Profiles/doctor-cps3.json" >profile.json
    if CPS_VIRTUAL_CARD=$virtual_card "$project/scripts/make-test-hierarchy" "$PWD/hierarchy" profile.json >out 2>&1; then
        return 1
    fi
    contains out generation
}

it "the shipped profiles follow the schema, and the page names them" shipped_profiles
while IFS='|' read -r name field expression; do
    it "$name" refuses "$field" "$expression"
    case $name in
    *"does not exist" | *"before the beginning" | *"there twice") ;;
    *) bad_profiles+=("$expression") ;;
    esac
done <<'LIST'
an unknown generation|generation|s/"CPS3"/"CPS5"/
a missing generation|generation|/"generation"/d
an unknown family|family|s/("family": )"CPS"/\1"XYZ"/
a card number that is too short|card.number|s/2600000001/26000/
a serial number with a letter|card.serial|s/99213845/9921384A/
a day that does not exist|card.validFrom|s/2024-01-01/2024-02-30/
an end before the beginning|card.validUntil|s/2034-12-31/2014-12-31/
no family name|holder.familyName|/"familyName"/d
a number where a text belongs|holder.givenName|s/"TEST"/7/
an unknown civility|holder.civility|s/"M"/"X"/
an RPPS number that is too short|holder.identifier|s/"99700735741"/"997"/
an unknown profession|holder.profession|s/("profession": )"10"/\1"99"/
no profession for a doctor|holder.profession|/"profession"/d
an unknown speciality|holder.speciality|s/SM26/general/
a language that is none|holder.languages|s/fr en/French/
an activity number beyond 16|activities[2].number|s/"number": 7/"number": 17/
an activity that is there twice|activities[2].number|s/"number": 7/"number": 3/
an unknown sector|activities[1].sector|s/SA01/S!/
a PIN that is too short|pin.value|s/"1234"/"123"/
a padded PIN with five digits|pin.value|s/"1234"/"12345", "block": "padded"/
a PIN in an unknown form|pin.block|s/"1234"/"1234", "block": "bcd"/
a PIN with a letter|pin.value|s/"1234"/"12a4"/
a PUK that is too short|puk.value|s/"12345678"/"1234567"/
an unknown field|colour|s/"pin": /"colour": "blue", &/
an unknown update log|updateLog|s/"none"/"some"/
a certificate that is too small|certificateSize|s/"pin": /"certificateSize": 100, &/
a certificate in an unknown state|certificates.signature|s/"pin": /"certificates": { "signature": "lost" }, &/
no room for CPS_DATA|cpsDataSize|s/256/0/
LIST
it "the schema refuses what the program refuses" schema_refuses_all
it "no JSON" refuses_text profile.json "this is not JSON"
it "an empty file" refuses_text profile.json ""
it "a list" refuses_text profile.json "[]"
it "a JSON that ends too early" refuses_text profile.json '{"generation": "CPS3"'
it "a file that is not there" refuses_file nowhere.json nowhere.json
it "speaks French by locale" says_so_in_french
it "make-test-hierarchy stops as well" hierarchy_script_stops
finish
