#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PDFs signed by the card (docs/clients/pdf.md): pyHanko, and pdfsig of poppler through NSS. The page does
# not tell people to sign with pdfsig, because the PIN is on its command line; it works all the same.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=/dev/null
. "$project/Tests/Command/support/pyhanko.sh"

# database: an NSS database with the module and the test hierarchy.
database() {
    local ca
    mkdir db
    within 20 certutil -N -d sql:db --empty-password
    within 20 modutil -dbdir sql:db -force -add CPS -libfile "$full" >modutil.log 2>&1
    for ca in "$hierarchy"/ca/*/cert.pem; do
        within 20 certutil -A -d sql:db -n "$(basename "$(dirname "$ca")")" -t CT,C,C -a -i "$ca"
    done
}

# document: a PDF of one page.
document() {
    local object offsets=() number=0
    printf '%%PDF-1.4\n' >document.pdf
    for object in '<</Type/Catalog/Pages 2 0 R>>' '<</Type/Pages/Kids[3 0 R]/Count 1>>' \
        '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>' \
        $'<</Length 54>>stream\nBT /F 18 Tf 72 760 Td (Ordonnance du DOC0073574) Tj ET \nendstream' \
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'; do
        number=$((number + 1))
        offsets+=("$(stat --format=%s document.pdf)")
        printf '%d 0 obj\n%s\nendobj\n' "$number" "$object" >>document.pdf
    done
    local start
    start=$(stat --format=%s document.pdf)
    {
        printf 'xref\n0 6\n0000000000 65535 f \n'
        printf '%010d 00000 n \n' "${offsets[@]}"
        printf 'trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' "$start"
    } >>document.pdf
}

sign() { # PIN-OPTION...
    within 60 pdfsig -nssdir sql:db "$@" -nick "$label:Certificat de Signature CPS" \
        -add-signature document.pdf signed.pdf >out 2>&1 </dev/null
}

signs() {
    database
    document
    sign -nss-pwd "$pin" || { cat out; return 1; }
    card_did signature pkcs1
    tries_spent 0
    within 60 pdfsig -nssdir sql:db signed.pdf >verified 2>&1
    contains verified "Signature is Valid." "Certificate is Trusted." "Signing Hash Algorithm: SHA-256"
    pdftotext signed.pdf - | grep -q "Ordonnance du DOC0073574"
}

# OpenSSL says the same of the signature inside the PDF.
openssl_verifies() {
    database
    document
    sign -nss-pwd "$pin" || { cat out; return 1; }
    within 60 pdfsig -nssdir sql:db -dump signed.pdf >dump.log 2>&1
    # All of the file but the signature itself.
    read -r before after last < <(LC_ALL=C sed -n 's/.*ByteRange *\[ *0 *\([0-9]*\) *\([0-9]*\) *\([0-9]*\) *\].*/\1 \2 \3/p' signed.pdf)
    equal "$(stat --format=%s signed.pdf)" $((after + last))
    head --bytes="$before" signed.pdf >content
    tail --bytes="$last" signed.pdf >>content
    openssl cms -verify -inform DER -in signed.pdf.sig0 -content content -binary -CAfile "$hierarchy/roots.pem" \
        -certfile "$hierarchy/intermediates.pem" -purpose any -out /dev/null -signer signer
    cmp signer "$(certificate signature)"
}

changed_document() {
    database
    document
    sign -nss-pwd "$pin" || { cat out; return 1; }
    LC_ALL=C sed -i 's/DOC0073574) Tj/DOC0073575) Tj/' signed.pdf
    within 60 pdfsig -nssdir sql:db signed.pdf >verified 2>&1 || true
    lacks verified "Signature is Valid."
}

wrong_pin() {
    database
    document
    fails sign -nss-pwd 9999
    tries_spent 1
}

# at_terminal_pyhanko PIN: as the page writes it; somebody types the PIN.
at_terminal_pyhanko() {
    within 90 python3 "$project/Tests/Command/support/at-terminal.py" "PIN=>$1" -- "$pyhanko/bin/pyhanko" sign addsig \
        --use-pades --field Signature1 pkcs11 --lib "$full" --token-label "$label" \
        --cert-label "Certificat de Signature CPS" --key-label CPS_PRIV_SIG document.pdf signed.pdf >out 2>&1
}

pyhanko_signs() {
    database
    document
    at_terminal_pyhanko "$pin" || { cat out; return 1; }
    card_did signature pkcs1
    pins_presented 1
    tries_spent 0
    within 60 pdfsig -nssdir sql:db signed.pdf >verified 2>&1
    contains verified "Signature is Valid." "Certificate is Trusted." "ETSI.CAdES.detached"
}

pyhanko_with_wrong_pin() {
    document
    fails at_terminal_pyhanko 9999
    pins_presented 1
    tries_spent 1
    [ ! -s signed.pdf ]
}

no_pin() {
    database
    document
    fails sign
    no_pin_presented
}

client pdf poppler-utils libnss3-tools openssl python3-venv
have_pyhanko=yes
install_pyhanko || {
    have_pyhanko=
    tail -n 3 "$work/pip.log"
    echo "  left out: pyHanko, which cannot be had from PyPI"
}
for card in cps3 cps4; do
    if [ -n "$have_pyhanko" ]; then
        scenario $card "pyHanko signs by the signature key; pdfsig verifies" pyhanko_signs
        scenario $card "pyHanko: a wrong PIN spends one try" pyhanko_with_wrong_pin
    fi
    scenario $card "pdfsig signs by the signature key, and verifies" signs
    scenario $card "OpenSSL verifies the signature inside the PDF" openssl_verifies
    scenario $card "a changed PDF does not verify" changed_document
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "no PIN spends none" no_pin
done
page_is_read clients/pdf.md
finish
