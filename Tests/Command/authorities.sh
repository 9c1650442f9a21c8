#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps authorities`: the official authorities of IGC-Santé are recognised by their
# fingerprints, and nothing else is taken.
#
#   Tests/Command/authorities.sh [FILE]
#
# FILE is the chain that the agency publishes (.p7b, eight certificates), which is not part
# of this project. What needs it is tested by hand, and with other roots by the unit tests.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"

official=${1:+$(realpath "$1")}
store=/etc/cps-pkcs11/authorities/igc-sante.pem
sample cps4

authorities() { timeout 60 "$cps" authorities "$@"; }

forget() { rm -rf /etc/cps-pkcs11; }

imports() { # FILE...
    forget
    ends_with 0 authorities import "$@"
    contains out "AC RACINE IGC-SANTE FORT" "AC IGC-SANTE FORT PERSONNES" "$store"
    equal 8 "$(grep -c 'taken' out)"
    equal 8 "$(grep -c BEGIN "$store")"
    equal 644 "$(stat --format %a "$store")"
    ends_with 0 authorities list
    equal 3 "$(grep -c 'by its fingerprint: a root of IGC-Santé' out)"
    equal 5 "$(grep -c 'by a root of IGC-Santé' out)"
    contains out 53D30A19570826BDE0C0762501F1F1C7A659F976C6C023123DF5239DF34A4EEA "2033-06-2"
    # A second time is no harm.
    ends_with 0 authorities import "$@"
    equal 8 "$(grep -c 'known already' out)"
    equal 8 "$(grep -c BEGIN "$store")"
    ends_with 0 authorities remove
    [ ! -e "$store" ]
    ends_with 0 authorities remove
    contains out "Nothing was imported."
    ends_with 0 authorities list
    contains out "No authority is known here." "igc-sante.esante.gouv.fr"
}

# One certificate a file, .cer, in a folder.
split() {
    openssl pkcs7 -in "$official" -print_certs -out all.pem
    mkdir -p folder
    csplit -s -z -f folder/ -b %d.pem all.pem '/^subject/' '{*}'
    local file
    for file in folder/*.pem; do
        openssl x509 -in "$file" -outform DER -out "${file%.pem}.cer"
        rm "$file"
    done
    echo "something else" >folder/readme.txt
}

all_forms() {
    imports "$official"
    openssl pkcs7 -in "$official" -outform DER -out chain.p7b
    imports chain.p7b
    split
    imports folder
    imports folder/*.cer
}

refused() { # FILE TEXT...
    local file=$1
    shift
    forget
    ends_with 1 authorities import "$file"
    contains err "Nothing was imported." "$@"
    [ ! -e "$store" ]
}

# The root FORT with a byte of its signature, of its key and of its number changed.
one_byte() {
    split
    local root size at
    for root in folder/*.cer; do
        if openssl x509 -inform DER -in "$root" -noout -subject | grep -q 'RACINE IGC-SANTE FORT'; then break; fi
    done
    size=$(stat --format %s "$root")
    for at in $((size - 1)) $((size / 2)) 20; do
        python3 - "$root" "$at" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
open("changed.cer", "wb").write(data)
END
        refused changed.cer "its fingerprint is not that of an official root" "igc-sante.esante.gouv.fr"
    done
}

test_authorities() {
    refused "$hierarchy/roots.pem" "a test authority" "--authorities FILE"
    refused "$hierarchy/intermediates.pem" "a test authority"
    refused "$issued/signature.cert.pem" "a certificate of a person"
    LC_ALL=fr_FR.UTF-8 ends_with 1 authorities import "$hierarchy/roots.pem"
    contains err "Rien n'est importé." "autorité de test" "--authorities FICHIER"
    # A forger's root with the official name.
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out forged.pem -days 2 -utf8 \
        -subj "/C=FR/O=ASIP-SANTE/OU=0002 187512751/OU=IGC-SANTE/CN=AC RACINE IGC-SANTE FORT" 2>/dev/null
    refused forged.pem "its fingerprint is not that of an official root"
}

# Beside the official ones test authorities are left out.
both() {
    cat "$official" "$hierarchy/roots.pem" >both.pem
    forget
    ends_with 0 authorities import both.pem
    equal 8 "$(grep -c BEGIN "$store")"
    contains out "refused: a test authority"
}

no_file() {
    ends_with 8 authorities import nowhere
    echo text >text
    ends_with 8 authorities import text
    contains err "There is no certificate in text."
    ends_with 64 authorities import
}

# A test card beside the official authorities, and what a real one would be told.
test_card() {
    forget
    openssl_signs
    ends_with 0 authorities import "$official"
    ends_with 10 "$cps" verify document
    contains out "stands for no real person"
    LC_ALL=fr_FR.UTF-8 ends_with 10 "$cps" verify document
    contains out "carte de test, qui ne représente aucune personne réelle"
    ends_with 10 "$cps" verify --json document
    json 'r["signers"][0]["branch"]' test
    ends_with 0 "$cps" verify --authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem" document
    contains out "stands for no real person"
}

# A certificate that says it is a real card's, where only test authorities are known.
real_card() {
    forget
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 \
        -subj "/C=FR/O=ASIP-SANTE/OU=0002 187512751/OU=IGC-SANTE/CN=AC IGC-SANTE FORT PERSONNES" 2>/dev/null
    issue real -days 2 -cert ca.pem -keyfile key.pem
    signs_with real
    ends_with 10 "$cps" verify document
    contains out "cps authorities import FILE" "igc-sante.esante.gouv.fr"
    ends_with 10 "$cps" verify --authorities "$hierarchy/roots.pem" document
    contains out "Only test authorities are known here"
    LC_ALL=fr_FR.UTF-8 ends_with 10 "$cps" verify --authorities "$hierarchy/roots.pem" document
    contains out "Seules des autorités de test sont connues ici"
}

# For programs: what an administrator has put here, and what was never imported.
report() {
    forget
    mkdir -p /etc/cps-pkcs11/authorities
    ends_with 0 authorities list --json
    follows_schema cps-authorities-1
    json 'r["authorities"]' "[]"
    cp "$hierarchy/roots.pem" /etc/cps-pkcs11/authorities
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out /etc/cps-pkcs11/authorities/other.pem -days 2 \
        -subj /CN=OTHER 2>/dev/null
    ends_with 0 authorities list --json
    follows_schema cps-authorities-1
    json 'sorted({(a["standing"], a["path"]) for a in r["authorities"]})' \
        "[('placedHere', '/etc/cps-pkcs11/authorities'), ('placedHereForTests', '/etc/cps-pkcs11/authorities')]"
    json '[a["certificate"]["subject"] for a in r["authorities"] if a["standing"] == "placedHere"]' "['CN=OTHER']"
    ends_with 0 authorities remove --json
    follows_schema cps-authorities-remove-1
    json '(r["path"], r["wasThere"])' "('$store', False)"
}

report_of_the_official_ones() {
    forget
    cat "$official" "$hierarchy/roots.pem" >both.pem
    ends_with 0 authorities import --json both.pem
    follows_schema cps-authorities-import-1
    json '(r["path"], len(r["accepted"]), {a["isNew"] for a in r["accepted"]}, {a["reason"] for a in r["refused"]})' \
        "('$store', 8, {True}, {'unknownRoot'})"
    ends_with 0 authorities import --json "$official"
    json '{a["isNew"] for a in r["accepted"]}' "{False}"
    ends_with 0 authorities list --json
    follows_schema cps-authorities-1
    json '[sum(a["standing"] == s for a in r["authorities"]) for s in ("pinned", "issuedByPinned")]' "[3, 5]"
    ends_with 0 authorities remove --json
    json 'r["wasThere"]' True
}

speaks_french() {
    forget
    LC_ALL=fr_FR.UTF-8 ends_with 0 authorities import "$official"
    contains out "importée" "Elles sont dans $store"
    LC_ALL=fr_FR.UTF-8 ends_with 0 authorities list
    contains out "par son empreinte : racine de l'IGC-Santé" "Valable jusqu'au"
    LC_ALL=fr_FR.UTF-8 ends_with 0 authorities remove
    contains out "est supprimé"
    LC_ALL=fr_FR.UTF-8 ends_with 0 authorities list
    contains out "Aucune autorité n'est connue ici."
}

read_only() {
    forget
    mkdir -p /etc/cps-pkcs11/authorities/igc-sante.pem
    ends_with 8 authorities import "$official"
    forget
    # A file where the folder would be.
    : >/etc/cps-pkcs11
    ends_with 8 authorities import "$official"
    rm /etc/cps-pkcs11
}

cd "$work" || exit 1
private_layer /etc
# The official software's authorities are those of this machine.
hidden /etc/opt/santesocial
it "test authorities, a person, a forger's root" test_authorities
it "no file, and a file without certificates" no_file
it "a real card beside test authorities" real_card
it "the reports" report
if [ -n "$official" ]; then
    it "the official authorities, as .p7b, .cer and folder" all_forms
    it "official and test authorities in one file" both
    it "an official root in which one byte is another" one_byte
    it "a test card beside the official authorities" test_card
    it "a place that cannot be written" read_only
    it "in French" speaks_french
    it "the report of the official authorities" report_of_the_official_ones
fi
finish
