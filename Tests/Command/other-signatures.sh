#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps verify`: signatures that `cps sign` does not make: with the document inside, by several,
# countersigned; and what is said of those that cannot be judged.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
sample cps4
# The card's other key is the second person.
second=$issued/authentication
with_second=(-certfile "$second.cert.pem")

verify() { timeout 60 "$cps" verify "${known[@]}" "$@"; }

# MARK: Attached

# attached FORM: letter.p7m, by OpenSSL.
attached() {
    openssl_signs -nodetach -outform "$1"
    mv document.p7s letter.p7m
}

every_form() {
    for form in DER PEM; do
        attached "$form"
        ends_with 0 verify letter.p7m
        contains out "letter.p7m: valid signature" "TEST DOC0073574"
    done
    # With lengths that are not told before (BER), in pieces.
    openssl_signs -nodetach -stream
    ends_with 0 verify document.p7s
    # As gpgsm writes it.
    attached PEM
    sed -i 's/ CMS-/ SIGNED MESSAGE-/' letter.p7m
    ends_with 0 verify letter.p7m
    # A document without a byte.
    : >document
    openssl cms -sign -binary -nodetach -in document -signer "$issued/signature.cert.pem" \
        -inkey "$issued/signature.key.pem" -outform DER -out letter.p7m
    ends_with 0 verify --output empty letter.p7m
    [ -e empty ] && [ ! -s empty ]
}

writes_the_document() {
    attached DER
    ends_with 0 verify --output letter letter.p7m
    contains out "The document is in letter."
    cmp letter document
    # Nothing is replaced, least of all the signature.
    ends_with 8 verify --output letter letter.p7m
    contains err "letter already exists."
    ends_with 0 verify --force -o letter letter.p7m
    ends_with 8 verify --force --output letter.p7m letter.p7m
    contains err "it is not replaced"
    ends_with 8 verify --output nowhere/letter letter.p7m
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify --force --output letter letter.p7m
    contains out "Le document est dans letter."
    # To standard output it goes alone.
    ends_with 0 verify --output - letter.p7m
    cmp out document
    contains err "letter.p7m: valid signature"
    # The signer of an exact signature may be known to the person.
    rm letter
    ends_with 10 timeout 60 "$cps" verify --authorities "$hierarchy/ca/racine-standard/cert.pem" --output letter letter.p7m
    cmp letter document
}

writes_nothing_wrong() {
    attached DER
    sed -i 's/two glasses/ten glasses/' letter.p7m
    ends_with 1 verify --output letter letter.p7m
    contains out "NO valid signature"
    contains err "The document was not written."
    LC_ALL=fr_FR.UTF-8 ends_with 1 verify --output letter letter.p7m
    contains err "Le document n'a pas été écrit."
    ends_with 1 verify --output - letter.p7m
    equal "" "$(cat out)"
    [ ! -e letter ]
    # A detached one holds none.
    openssl_signs
    ends_with 64 verify --output letter document
    contains err "document.p7s contains no document"
    LC_ALL=fr_FR.UTF-8 ends_with 64 verify --output letter document
    contains err "document.p7s ne contient pas de document"
    [ ! -e letter ]
}

attached_report() {
    attached DER
    ends_with 0 verify --json --output letter letter.p7m
    follows_schema cps-verify-1
    json '(r["file"], r["signature"], r["attached"], r["output"])' "('letter.p7m', 'letter.p7m', True, 'letter')"
    ends_with 64 verify --json --output - letter.p7m
    openssl_signs
    ends_with 0 verify --json document
    json '(r["signature"], r["attached"], "output" in r)' "('document.p7s', False, False)"
}

# The signature beside a file is about that file, also if the file holds one itself.
signature_of_a_signature() {
    attached DER
    cp letter.p7m document
    openssl cms -sign -binary -in document -signer "$issued/signature.cert.pem" -inkey "$issued/signature.key.pem" \
        -outform DER -out document.p7s
    ends_with 0 verify --json document
    json '(r["signature"], r["attached"])' "('document.p7s', False)"
    echo more >>document
    ends_with 1 verify document
}

# A scan or a film: as long as the document, and no longer.
long_document() {
    head -c 50M /dev/zero >document
    openssl cms -sign -binary -nodetach -in document -signer "$issued/signature.cert.pem" \
        -inkey "$issued/signature.key.pem" -outform DER -out letter.p7m
    ends_with 0 verify --output letter letter.p7m
    cmp letter document
    truncate --size 65M letter.p7m
    ends_with 8 verify letter.p7m
    contains err "letter.p7m has more than 67108864 bytes."
}

# MARK: Several

several_verdicts() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out unknown.pem -days 2 -subj "/CN=unknown" 2>/dev/null
    openssl_signs -signer "$second.cert.pem" -inkey "$second.key.pem" -signer unknown.pem -inkey key.pem
    ends_with 10 verify document
    equal 2 "$(grep -c '^document: valid signature ([1-3] of 3)$' out)"
    equal 1 "$(grep -c '^document: exact signature, signer not established ([1-3] of 3)$' out)"
    LC_ALL=fr_FR.UTF-8 ends_with 10 verify document
    contains out "signature valable (" " sur 3)"
    ends_with 10 verify --json document
    follows_schema cps-verify-1
    json '(r["verdict"], r["valid"], sorted(s["verdict"] for s in r["signers"]))' \
        "('notEstablished', False, ['notEstablished', 'valid', 'valid'])"
    echo more >>document
    ends_with 1 verify --json document
    json '{s["verdict"] for s in r["signers"]}' "{'notValid'}"
}

# MARK: Countersigned

# countersign OPTION...: the second person signs the signature in document.p7s; the options are those
# of openssl cms -sign. What is signed then is in the file counter.
countersign() {
    cms value document.p7s >value
    openssl cms -sign -binary -noattr -in value -signer "$second.cert.pem" -inkey "$second.key.pem" -outform DER \
        -out counter.p7s "$@"
    cms signer counter.p7s >counter
}

countersigned() { # VERDICT, as Python has it
    follows_schema cps-verify-1
    json '[(c["verdict"], c["reason"], c.get("time")) for c in r["signers"][0]["counterSignatures"]]' "$1"
}

# Without signed attributes, and with them.
right_ones() {
    openssl_signs "${with_second[@]}"
    countersign
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify document
    contains out "Countersigned  by TEST DOC0073574" ": valid"
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify document
    contains out "Contresignée  par TEST DOC0073574" " : valable"
    ends_with 0 verify --json document
    countersigned "[('valid', 'trusted', None)]"
    openssl_signs "${with_second[@]}"
    countersign
    cms signer-with-attributes counter.p7s value "$second.key.pem" >counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify --json document
    # Whether the certificate was valid at that time depends on when it was made.
    json '[(c["integrity"], c["time"]) for c in r["signers"][0]["counterSignatures"]]' "[('intact', '2026-01-02T03:04:05Z')]"
    # Nested, several, and beside a time stamp.
    cp document.p7s once.p7s
    countersign
    cms add document.p7s "$name_of_counter_signatures" counter
    time_stamp_maker
    stamped_at "1 hour ago"
    ends_with 0 verify --json --timestamp-authorities time-root.pem document
    json '(len(r["signers"][0]["counterSignatures"]), r["signers"][0]["timeStamp"]["standing"])' "(2, 'trusted')"
}

# Anybody can write one to a signature: it says nothing of the signature itself.
wrong_ones() {
    openssl_signs "${with_second[@]}"
    countersign
    in_one_byte counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify document
    contains out "document: valid signature" "NOT valid, it does not count"
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify document
    contains out "NON valable, elle ne compte pas"
    ends_with 0 verify --json document
    countersigned "[('notValid', 'wrongSignature', None)]"
    # Of another signature.
    openssl_signs "${with_second[@]}"
    countersign
    openssl_signs "${with_second[@]}"
    claims_time "1 hour ago"
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify --json document
    countersigned "[('notValid', 'wrongSignature', None)]"
    # The same with signed attributes, whose hash differs.
    cms signer-with-attributes counter.p7s document "$second.key.pem" >counter
    openssl_signs "${with_second[@]}"
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify --json document
    json '[c["reason"] for c in r["signers"][0]["counterSignatures"]]' "['otherDocument']"
    # Attributes that speak of a document (RFC 5652 §11.4): what was signed was none.
    openssl_signs "${with_second[@]}"
    countersign
    cms signer-with-attributes counter.p7s value "$second.key.pem" 2a864886f70d010903=06092a864886f70d010701 >counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify --json document
    json '[c["reason"] for c in r["signers"][0]["counterSignatures"]]' "['wrongSignature']"
    # A right one does not mend what is wrong.
    openssl_signs "${with_second[@]}"
    countersign
    cms add document.p7s "$name_of_counter_signatures" counter
    echo more >>document
    ends_with 1 verify --json document
    countersigned "[('valid', 'trusted', None)]"
}

unjudged_ones() {
    # The counter-signer's certificate is not there.
    openssl_signs
    countersign
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify document
    contains out "Countersigned  by somebody unknown: cannot be judged"
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify document
    contains out "Contresignée  par un inconnu : impossible à juger"
    # Nobody known vouches for the counter-signer.
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out unknown.pem -days 2 -subj "/CN=unknown" 2>/dev/null
    openssl_signs -certfile unknown.pem
    cms value document.p7s >value
    openssl cms -sign -binary -noattr -in value -signer unknown.pem -inkey key.pem -outform DER -out counter.p7s
    cms signer counter.p7s >counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify document
    contains out "by unknown: exact, signer not established"
    # What is none at all.
    openssl_signs
    printf '\x04\x01\x00' >counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify document
    contains out "Countersigned  by one that cannot be judged"
    cms add document.p7s "$name_of_counter_signatures" counter
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify document
    contains out "Contresignée  par 2 contre-signatures impossibles à juger"
    ends_with 0 verify --json document
    follows_schema cps-verify-1
    json 'r["signers"][0]["unreadCounterSignatures"]' 2
}

# A counter-signature of a counter-signature.
nested() {
    openssl_signs "${with_second[@]}"
    countersign
    # The second person signs the second signature, too.
    mv counter.p7s inner.p7s
    cms value inner.p7s >value
    openssl cms -sign -binary -noattr -in value -signer "$second.cert.pem" -inkey "$second.key.pem" -outform DER -out outer.p7s
    cms signer outer.p7s >outer
    cms add inner.p7s "$name_of_counter_signatures" outer
    cms signer inner.p7s >counter
    cms add document.p7s "$name_of_counter_signatures" counter
    ends_with 0 verify --json document
    follows_schema cps-verify-1
    json '[c["verdict"] for c in r["signers"][0]["counterSignatures"][0]["counterSignatures"]]' "['valid']"
}

# MARK: Nothing to judge

# says TEXT FRENCH OPTION...: and ends with 8.
says() {
    local english=$1 french=$2
    shift 2
    ends_with 8 verify "$@"
    contains err "$english"
    LC_ALL=fr_FR.UTF-8 ends_with 8 verify "$@"
    contains err "$french"
}

no_signature() {
    openssl_signs
    mv document.p7s alone.p7s
    says "alone.p7s is a signature without its document." "est une signature sans son document" alone.p7s
    says "document.p7s does not exist, and document is not one." "document.p7s n'existe pas" document
    contains err "cps verify document SIGNATURE"
    openssl cms -encrypt -binary -in document -outform DER -out secret.p7m "$issued/authentication.cert.pem"
    says "secret.p7m is encrypted" "secret.p7m est chiffré" secret.p7m
    openssl crl2pkcs7 -nocrl -certfile "$hierarchy/roots.pem" -outform DER -out chain.p7b
    says "chain.p7b contains certificates, but no signature." "mais pas de signature" chain.p7b
    says "is not a CMS signature." "n'est pas une signature CMS." "$issued/signature.cert.pem"
    # Signatures of other kinds, and whose they are.
    printf '%%PDF-1.7\n...' >form.pdf
    says "pdfsig form.pdf" "pdfsig form.pdf" form.pdf
    printf '<?xml version="1.0"?><Signature/>' >form.xml
    says "xmlsec1 --verify form.xml" "xmlsec1 --verify form.xml" form.xml
    openssl cms -sign -in document -signer "$issued/signature.cert.pem" -inkey "$issued/signature.key.pem" -out mail.eml
    says "openssl cms -verify -in mail.eml" "openssl cms -verify -in mail.eml" mail.eml
    : >empty
    says "and empty is not one." "et empty n'en est pas une." empty
}

cd "$work" || exit 1
it "attached: in DER, BER, PEM" every_form
it "attached: the document is written if somebody wants it" writes_the_document
it "attached: not if the signature is wrong, or holds none" writes_nothing_wrong
it "attached: the report" attached_report
it "a signature beside a signature" signature_of_a_signature
it "attached: a long document" long_document
it "several: each one has a verdict, the worst one counts" several_verdicts
it "countersigned: right" right_ones
it "countersigned: wrong" wrong_ones
it "countersigned: what cannot be judged" unjudged_ones
it "countersigned: a counter-signature of a counter-signature" nested
it "no signature: what the file is" no_signature
finish
