#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps sign`: OpenSSL verifies what the cards sign; nothing else is ever left behind.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")

# sign OPTION...: with the PIN of the card.
sign() { printf '%s\n' "${typed-$pin}" | timeout 60 "$cps" sign --pin-stdin "$@"; }

# openssl_accepts SIGNATURE DOCUMENT OPTION...: by the roots, or by $trusted.
openssl_accepts() {
    local signature=$1 document=$2
    shift 2
    openssl cms -verify -cades -binary -in "$signature" -content "$document" -CAfile "${trusted:-$hierarchy/roots.pem}" \
        -out /dev/null "$@" 2>openssl.log || { cat openssl.log; return 1; }
}

openssl_refuses() { if openssl_accepts "$@" >/dev/null; then return 1; fi; }

card_signs() { # CARD KEY
    insert "$1"
    echo "two glasses of water a day" >document
    ends_with 0 sign --key "$2" "${known[@]}" document
    contains out "document.p7s: signed by"
    openssl_accepts document.p7s document -inform DER
    openssl cms -cmsout -print -inform DER -in document.p7s >printed
    contains printed "id-smime-aa-signingCertificateV2" "signingTime" "messageDigest" "contentType" "sha256"
    equal 1 "$(grep -c 'eContent: <ABSENT>' printed)"
    # Signer, authority, root.
    equal 3 "$(openssl pkcs7 -inform DER -in document.p7s -print_certs -noout | grep -c subject)"
    openssl cms -verify -binary -inform DER -in document.p7s -content document -noverify -signer signer.pem -out /dev/null 2>/dev/null
    equal "$(openssl x509 -in "$issued/$2.cert.pem" -noout -fingerprint)" "$(openssl x509 -in signer.pem -noout -fingerprint)"
    echo more >>document
    openssl_refuses document.p7s document -inform DER
    equal 3 "$(counter pinTriesLeft)"
    equal "document document.p7s" "$(echo document*)"
}

last_round_is_the_cards() {
    insert cps3
    echo "two glasses of water a day" >document
    ends_with 0 sign document
    equal 1 "$(commands '00 2A 90 A0' | grep -c .)"
}

card_forgets_the_pin() {
    insert "$1"
    echo text >document
    ends_with 0 sign document
    # The last that the card sees, behind the signature.
    equal "power on" "$(grep -oE 'power on|2A' "$trace" | tail -n 1)"
}

signature_without_authorities() {
    insert cps4
    echo text >document
    ends_with 0 sign --authorities "$hierarchy/ca/racine-standard/cert.pem" document
    equal 1 "$(openssl pkcs7 -inform DER -in document.p7s -print_certs -noout | grep -c subject)"
    openssl_refuses document.p7s document -inform DER
    cat "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" >all.pem
    trusted=all.pem openssl_accepts document.p7s document -inform DER
}

signature_in_pem() {
    insert cps4
    echo text >document
    ends_with 0 sign --pem "${known[@]}" --output signature.pem document
    contains signature.pem "-----BEGIN CMS-----"
    openssl_accepts signature.pem document -inform PEM
    ends_with 0 sign --pem "${known[@]}" --output - document
    openssl_accepts out document -inform PEM
    ends_with 0 "$cps" verify "${known[@]}" document signature.pem
}

report() {
    insert cps4
    echo text >document
    ends_with 0 sign --json "${known[@]}" document
    follows_schema cps-sign-1
    json 'r["key"]' signature
    json '"DOC0073574" in r["certificate"]["subject"]' True
}

empty_and_large_documents() {
    insert cps3
    : >empty
    ends_with 0 sign "${known[@]}" empty
    openssl_accepts empty.p7s empty -inform DER
    truncate --size 200M large
    python3 - sh -c 'printf "1234\n" | "$@" large' sh "$cps" sign --pin-stdin "${known[@]}" >peak <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
    cat peak
    [ "$(cat peak)" -lt 65536 ]
    openssl_accepts large.p7s large -inform DER
    python3 - "$cps" verify "${known[@]}" large >peak <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
    [ "$(cat peak)" -lt 65536 ]
}

wrong_pin() { # CARD
    insert "$1"
    echo text >document
    typed=9999 ends_with 4 sign document
    contains err "The PIN is wrong. 2 tries are left."
    equal 2 "$(counter pinTriesLeft)"
    for typed in 12a4 123 ""; do ends_with 6 sign document; done
    equal 2 "$(counter pinTriesLeft)"
    typed=9999 ends_with 4 sign document
    # The last try is not used without a yes.
    unset typed
    ends_with 6 sign document
    equal 1 "$(counter pinTriesLeft)"
    equal "document" "$(echo document*)"
    ends_with 0 sign --use-last-try document
}

blocked_pin() {
    insert cps3
    echo text >document
    for _ in 1 2; do typed=9999 ends_with 4 sign document; done
    typed=9999 ends_with 5 sign --use-last-try document
    ends_with 5 sign document
    contains err "cps pin unblock"
}

nothing_is_replaced() {
    insert cps4
    echo text >document
    echo mine >document.p7s
    ends_with 8 sign document
    contains err "document.p7s already exists." "--force replaces it."
    equal mine "$(cat document.p7s)"
    equal "" "$(commands '01 20')"
    ends_with 0 sign --force "${known[@]}" document
    openssl_accepts document.p7s document -inform DER
    ln -s document link
    for name in document ./document link; do
        ends_with 8 sign --force --output "$name" document
        contains err "not replaced"
    done
    ends_with 8 sign --output folder/signature document
    ends_with 8 sign --force --output . document
    equal text "$(cat document)"
    equal "document document.p7s" "$(echo document*)"
    equal "" "$(find . -name '.*' -type f)"
}

# Somebody else makes the file while the PIN is typed.
file_that_appears_meanwhile() {
    insert cps4
    echo text >document
    at_terminal 8 "PIN (=>sh:echo theirs >document.p7s;;$pin" -- sign document
    contains screen "document.p7s already exists."
    equal theirs "$(cat document.p7s)"
    equal "" "$(find . -name '.cps*')"
}

no_document() {
    insert cps4
    ends_with 8 sign nothing
    contains err "nothing cannot be read"
    mkfifo pipe
    for name in . pipe /dev/null; do
        ends_with 8 sign --output x "$name"
        contains err "is not a file"
    done
    ends_with 64 sign
    ends_with 64 sign --key technical nothing
    echo text >document
    ends_with 8 sign --authorities nowhere document
    ends_with 8 sign --authorities document document
    contains err "There is no certificate in document."
    equal "" "$(commands '01 20')"
}

# expired_hierarchy KEY: the card's certificate has ended.
expired_hierarchy() {
    copy_hierarchy hierarchy
    hierarchy=$PWD/hierarchy
    issued=$hierarchy/cards/$serial
    openssl x509 -x509toreq -in "$issued/$1.cert.pem" -signkey "$issued/$1.key.pem" -out request
    issue_expired request "$issued/$1.cert.pem"
    openssl x509 -in "$issued/$1.cert.pem" -outform DER -out "$issued/$1.cert.der"
}

expired_certificate() {
    sample cps4
    expired_hierarchy signature
    insert cps4
    echo text >document
    ends_with 9 sign document
    contains err "The certificate expired on"
    equal "" "$(commands '01 20')"
    ends_with 0 sign --key authentication document
}

contactless_card() {
    insert contactless
    echo text >document
    ends_with 9 sign document
    contains err "This card has no signature key."
}

no_card_and_no_terminal() {
    echo text >document
    remove_card 0
    pin=1234 ends_with 3 sign document
    insert cps4
    ends_with 6 setsid --wait "$cps" sign document </dev/null
    contains err "No terminal to ask for the PIN." "--pin-stdin"
    equal document "$(echo document*)"
}

# pulled_after PATTERN: the card goes when it has got this command.
pulled_after() {
    insert cps3 --latency 200,0,0
    echo text >document
    sign "${known[@]}" document >out 2>err &
    local process=$! status=0
    wait_for card_got "$1"
    # Asked to, it would answer the commands that are on their way.
    kill -KILL "${card_process[0]}"
    wait "$process" || status=$?
    cat err
    equal 7 "$status"
    contains err "cps: The"
    equal "document" "$(echo document*)"
    equal "" "$(find . -name '.*' -type f)"
}

output_that_nobody_reads() {
    insert cps4
    echo text >document
    { wait_for test -e closed && sign --output - document || echo $? >status; } 2>err | { exec <&-; touch closed; }
    equal 8 "$(cat status)"
    contains err "could not be written"
    ends_with 8 sh -c "echo $pin | '$cps' sign --pin-stdin --output - document >/dev/full"
    equal 3 "$(counter pinTriesLeft)"
}

at_the_terminal() {
    insert "$1"
    echo text >document
    at_terminal 0 "PIN (3 of 3 tries left): =>$pin" -- sign "${known[@]}" document
    openssl_accepts document.p7s document -inform DER
    at_terminal 130 "PIN=>^C" -- sign --output other document
    at_terminal 6 "PIN=>" -- sign --output other document
    at_terminal 4 "PIN=>9999" -- sign --output other document
    lacks screen 9999
    equal 2 "$(counter pinTriesLeft)"
    [ ! -e other ]
}

speaks_french() {
    insert cps4
    echo text >document
    LC_ALL=fr_FR.UTF-8 ends_with 0 sign "${known[@]}" document
    contains out "document.p7s : signé par TEST DOC0073574, 99700735741 (numéro RPPS)."
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign document
    contains err "existe déjà" "--force le remplace"
    # The reason too, whatever translations the system has.
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign nothing
    contains err "nothing est illisible (fichier ou dossier introuvable)."
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign --output folder/signature document
    contains err "folder/signature n'a pas pu être écrit (fichier ou dossier introuvable)."
    LC_ALL=fr_FR.UTF-8 ends_with 8 sign --force --authorities nowhere document
    contains err "nowhere est illisible (fichier ou dossier introuvable)."
    LC_ALL=fr_FR.UTF-8 typed=9999 ends_with 4 sign --force document
    contains err "Le code est faux. Il reste 2 essais."
    LC_ALL=fr_FR.UTF-8 ends_with 0 "$cps" sign --help
    contains out "Signe un fichier"
}

start_pcscd
for card in cps3 cps4; do
    for key in signature authentication; do
        it "$card: the $key key signs, and OpenSSL verifies" card_signs $card $key
    done
    it "$card: a wrong PIN costs one try, others none, the last one needs a yes" wrong_pin $card
done
it "cps3: the card itself finishes the hash" last_round_is_the_cards
it "the card forgets the PIN" card_forgets_the_pin cps4
it "an authority that is not known is left out" signature_without_authorities
it "a signature in PEM, and on standard output" signature_in_pem
it "the report" report
it "an empty document, and one of 200 MB in little memory" empty_and_large_documents
it "a blocked PIN" blocked_pin
it "no file is replaced unasked, and the document never" nothing_is_replaced
it "nor one that appears while the PIN is typed" file_that_appears_meanwhile
it "what is no document is refused before the PIN is asked" no_document
it "an expired certificate signs nothing" expired_certificate
it "a contactless card has no signature key" contactless_card
it "no card; no terminal to ask on" no_card_and_no_terminal
it "the card is pulled after the PIN" pulled_after '00 20'
it "the card is pulled while it signs" pulled_after '00 22'
it "an output that nobody reads" output_that_nobody_reads
it "the PIN is typed at the terminal" at_the_terminal cps4
it "in French" speaks_french
finish
