#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps sign --pdf`: signatures inside PDFs (PAdES), verified by pyHanko, poppler and OpenSSL. pyHanko comes
# from PyPI; without it, that is what is tested.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"
# shellcheck source=SCRIPTDIR/support/pyhanko.sh
. "$project/Tests/Command/support/pyhanko.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")

sign() { printf '%s\n' "${typed-$pin}" | timeout 60 "$cps" sign --pin-stdin --pdf "${known[@]}" "$@"; }

# at_home [WORD...]: pyHanko is where cps says that it goes, and document.pdf is made.
at_home() {
    export HOME=$PWD
    mkdir -p .local/share/cps-pkcs11
    ln -s "$pyhanko" .local/share/cps-pkcs11/pyhanko
    "$pyhanko/bin/python3" "$project/Tests/Command/support/make-pdf.py" "${@:-plain}"
}

# pyhanko_says FILE EXPRESSION EXPECTED: a Python expression over its findings, r.
pyhanko_says() {
    "$pyhanko/bin/python3" "$project/Tests/Command/support/validate-pdf.py" "$hierarchy/roots.pem" \
        "$hierarchy/intermediates.pem" "${time_roots:--}" "$1" >findings
    equal "$3" "$(python3 -c 'import json; r = json.load(open("findings")); print('"$2"')')" || { cat findings; return 1; }
}

# content_and_cms FILE: what the last signature covers, and the signature, as OpenSSL wants them.
content_and_cms() {
    python3 - "$1" <<'END'
import re, sys
pdf = open(sys.argv[1], "rb").read()
*_, (first, start, end, rest) = ([int(n) for n in r] for r in re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf))
assert first == 0 and end + rest == len(pdf), "not the whole file"
open("content", "wb").write(pdf[:start] + pdf[end:])
cms = bytes.fromhex(pdf[start + 1 : end - 1].decode())
# The rest of the place is zeros.
length = 4 + int.from_bytes(cms[2:4], "big")
assert cms[:2] == b"\x30\x82" and not any(cms[length:])
open("cms", "wb").write(cms[:length])
END
}

card_signs() { # CARD
    insert "$1"
    at_home
    ends_with 0 sign document.pdf
    contains out "document-signed.pdf: signed by"
    equal "" "$(cat err)"
    # The document itself has not changed.
    cmp --bytes="$(stat --format=%s document.pdf)" document.pdf document-signed.pdf
    pyhanko_says document-signed.pdf '[(s["field"], s["subfilter"], s["bottom line"], s["trusted"], s["coverage"]) for s in r]' \
        "[('Signature1', '/ETSI.CAdES.detached', True, True, 'ENTIRE_FILE')]"
    # EN 319 142-1 §6.3: the time is in /M, not in the CMS.
    pyhanko_says document-signed.pdf 'r[0]["signed"], r[0]["time"][:10], r[0]["certificates"]' \
        "['content_type', 'message_digest', 'signing_certificate_v2'] D:$(date --utc +%Y%m%d) 3"
    content_and_cms document-signed.pdf
    openssl cms -verify -cades -binary -inform DER -in cms -content content -CAfile "$hierarchy/roots.pem" -out /dev/null \
        -signer signer.pem 2>openssl.log || { cat openssl.log; return 1; }
    equal "$(openssl x509 -in "$issued/signature.cert.pem" -noout -fingerprint)" "$(openssl x509 -in signer.pem -noout -fingerprint)"
    pdftotext document-signed.pdf - | grep -q "Ordonnance du DOC0073574"
    equal 1 "$(presented | wc -l)"
    equal 3 "$(counter pinTriesLeft)"
    equal "document-signed.pdf document.pdf" "$(echo document*)"
}

# The signer of the first one is a colleague with another card.
several_signatures() {
    insert cps3
    at_home
    ends_with 0 sign --output first.pdf document.pdf
    insert cps4
    ends_with 0 sign --output second.pdf first.pdf
    ends_with 0 sign --output third.pdf second.pdf
    cmp --bytes="$(stat --format=%s second.pdf)" second.pdf third.pdf
    pyhanko_says third.pdf '[(s["field"], s["bottom line"]) for s in r]' \
        "[('Signature1', True), ('Signature2', True), ('Signature3', True)]"
    mkdir db
    timeout 20 certutil -N -d sql:db --empty-password
    local ca
    for ca in "$hierarchy"/ca/*/cert.pem; do
        timeout 20 certutil -A -d sql:db -n "$(basename "$(dirname "$ca")")" -t CT,C,C -a -i "$ca"
    done
    timeout 60 pdfsig -nssdir sql:db third.pdf >printed 2>&1
    equal 3 "$(grep -c "Signature is Valid." printed)"
    # Which of the certificates poppler 22.12 trusts depends on the order, and on whether it asks OCSP.
    contains printed "Signature Type: ETSI.CAdES.detached" "Total document signed"
}

time_stamped() {
    time_stamp_maker
    : >index
    local authority=$hierarchy/ca/fort-personnes
    setpriv --pdeathsig TERM python3 "$project/Tests/Command/support/authority-server.py" \
        index "$authority/cert.pem" "$authority/key.pem" >server.log 2>&1 &
    wait_for test -e port
    local server
    server=http://127.0.0.1:$(cat port)
    insert cps4
    at_home
    ends_with 0 sign --timestamp "$server/tsa" --json document.pdf
    follows_schema cps-sign-1
    json 'r["signature"], "timeStamp" in r' "document-signed.pdf True"
    time_roots=time-root.pem pyhanko_says document-signed.pdf '[(s["bottom line"], s["time stamp"]) for s in r]' "[(True, True)]"
    # No time stamp, no document.
    ends_with 8 sign --timestamp "$server/nothing" --output other.pdf document.pdf
    [ ! -e other.pdf ]
}

changed_document() {
    insert cps4
    at_home
    ends_with 0 sign document.pdf
    LC_ALL=C sed -i 's/DOC0073574) Tj/DOC0073575) Tj/' document-signed.pdf
    pyhanko_says document-signed.pdf '[s["bottom line"] for s in r]' "[False]"
}

# A name that is taken, a password that nobody needs to read it, standard output.
other_documents() {
    insert cps4
    at_home field
    ends_with 0 sign --output - document.pdf
    mv out field.pdf
    pyhanko_says field.pdf '[(s["field"], s["bottom line"]) for s in r]' "[('Signature2', True)]"
    at_home_again owner
    ends_with 0 sign document.pdf
    pyhanko_says document-signed.pdf '[s["bottom line"] for s in r]' "[True]"
    ends_with 8 sign document.pdf
    contains err "document-signed.pdf already exists."
}

at_home_again() {
    rm -rf .local document*
    at_home "$@"
}

# Said before the PIN is asked for, and nothing is written.
refused_documents() {
    insert cps4
    at_home password
    ends_with 8 sign document.pdf
    contains err "document.pdf is protected by a password"
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign document.pdf
    contains err "document.pdf est protégé par un mot de passe"
    at_home_again locked "$issued/authentication.cert.pem" "$issued/authentication.key.pem"
    ends_with 8 sign document.pdf
    contains err "document.pdf: its author allows no changes, so it takes no signature."
    at_home_again restricted
    ends_with 8 sign document.pdf
    contains err "its author allows no changes"
    echo "no PDF" >document.pdf
    ends_with 8 sign document.pdf
    contains err "pyHanko cannot read document.pdf as a PDF" "print it to a new PDF"
    : >document.pdf
    ends_with 8 sign document.pdf
    head --bytes=300 "$project/Tests/Command/sign-pdf.sh" | tr a-z ' ' >document.pdf
    printf '%%PDF-1.7\n%s' "$(cat document.pdf)" >document.pdf
    ends_with 8 sign document.pdf
    ends_with 8 sign nothing.pdf
    contains err "nothing.pdf cannot be read"
    ends_with 64 sign --pem document.pdf
    equal "" "$(presented)"
    equal document.pdf "$(echo document*)"
}

wrong_pin() {
    insert cps3
    at_home
    typed=9999 ends_with 4 sign document.pdf
    equal 2 "$(counter pinTriesLeft)"
    equal document.pdf "$(echo document*)"
    # The helper, which does not know the PIN, has nothing left behind.
    equal "" "$(find . -name '.cps*')"
}

at_the_terminal() {
    insert cps4
    at_home
    at_terminal 0 "PIN (3 of 3 tries left): =>$pin" -- sign --pdf "${known[@]}" document.pdf
    pyhanko_says document-signed.pdf '[s["bottom line"] for s in r]' "[True]"
}

# A pyHanko that appends something else than a place for the signature gets no signature.
strange_helper() {
    insert cps4
    at_home
    rm .local/share/cps-pkcs11/pyhanko
    mkdir -p .local/share/cps-pkcs11/pyhanko/bin
    local helper=.local/share/cps-pkcs11/pyhanko/bin/python3 answer
    for answer in "" ready "ready 1 2" "ready 9999 99999" 'ready 0 5\n<000>' 'ready 1000000 1000005\n<000>' "ready -1 5" "ready 9223372036854775807 9223372036854775808"; do
        printf '#!/bin/sh\ncat >/dev/null\nprintf "%s"\n' "$answer" >$helper
        chmod 755 $helper
        ends_with 8 sign document.pdf
        contains err "pyHanko did not prepare the PDF as expected."
    done
    # Its place is where it says, but the ByteRange leaves something out.
    local size
    size=$(stat --format=%s document.pdf)
    printf '#!/bin/sh\ncat >/dev/null\nprintf "ready %s %s\\n<000>/ByteRange [0 %s %s 1]"\n' "$size" $((size + 5)) "$size" $((size + 5)) >$helper
    ends_with 8 sign document.pdf
    contains err "pyHanko did not prepare the PDF as expected."
    printf '#!/bin/sh\nexit 1\n' >$helper
    ends_with 8 sign document.pdf
    equal "" "$(presented)"
}

without_pyhanko() {
    insert cps4
    export HOME=$PWD
    python3 "$project/Tests/Command/support/make-pdf.py" plain
    # Debian's Python, which has none.
    PATH=/usr/bin:/bin ends_with 8 sign document.pdf
    contains err "To sign inside a PDF, cps needs pyHanko, which is not installed." \
        "pip install --upgrade pyhanko"
    PATH=/usr/bin:/bin LC_ALL=fr_FR.UTF-8 ends_with 8 sign document.pdf
    contains err "pyHanko, qui n'est pas installé." "Installez-le"
    mkdir empty
    PATH=$PWD/empty typed=1234 ends_with 8 /usr/bin/timeout 60 "$cps" sign --pdf document.pdf
    contains err "pyHanko, which is not installed."
    equal "" "$(presented)"
    equal document.pdf "$(echo document*)"
}

# Another user's folder, as HOME is with sudo on some systems, runs nothing.
folder_of_another() {
    insert cps4
    at_home
    rm .local/share/cps-pkcs11/pyhanko
    mkdir -p .local/share/cps-pkcs11/pyhanko/bin
    printf '#!/bin/sh\ntouch %s/was-run\n' "$PWD" >.local/share/cps-pkcs11/pyhanko/bin/python3
    chmod 755 .local/share/cps-pkcs11/pyhanko/bin/python3
    chown 65534 .local/share/cps-pkcs11/pyhanko
    PATH=/usr/bin:/bin ends_with 8 sign document.pdf
    contains err "pyHanko, which is not installed."
    [ ! -e was-run ]
}

start_pcscd
it "without pyHanko, one sentence how to install it, and no PIN" without_pyhanko
if ! install_pyhanko; then
    tail -n 3 "$work/pip.log"
    skip "signatures in PDFs" "pyHanko cannot be had from PyPI"
    finish
fi
for card in cps3 cps4; do
    it "$card: PAdES-B-B; pyHanko and OpenSSL verify, and the document stays as it was" card_signs $card
done
it "three signatures of two cards, one after the other; pdfsig verifies" several_signatures
it "with a time stamp: PAdES-B-T" time_stamped
it "a changed document does not verify" changed_document
it "a field's name that is taken, a password for changes, standard output" other_documents
it "what cannot be signed is refused before the PIN" refused_documents
it "a wrong PIN writes nothing" wrong_pin
it "the PIN is typed at the terminal" at_the_terminal
it "an answer of pyHanko that is no prepared document is not signed" strange_helper
it "nothing is run from another user's folder" folder_of_another
finish
