#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/cps.md, read by two people: the English part with a CPS4, the French one with a CPS3.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
for part in Tests/Command/support/command Tests/Command/support/signatures Tests/Clients/support/pages scripts/lib/private-layer; do
    # shellcheck source=/dev/null
    . "$project/$part.sh"
done

module=/usr/lib/x86_64-linux-gnu/pkcs11/libcps-pkcs11.so

# pins_presented NUMBER: since the trace was last forgotten.
pins_presented() { equal "$1" "$(commands '[0-9A-F]{2} 20 [0-9A-F]{2} [0-9A-F]{2} [0-9A-F]{2} ' | wc -l)"; }

# The signature in the file $1 holds its document.
letter_with_signature() {
    echo "two glasses of water a day" |
        openssl cms -sign -nodetach -binary -outform DER -out "$1" -signer "$issued/signature.cert.pem" \
            -inkey "$issued/signature.key.pem" -certfile "$hierarchy/intermediates.pem"
}

reads_english() {
    insert cps4
    opens_page cps.md
    echo "a document" >report.pdf
    types "cps status                 # readers" "$pin" "$pin" "$new_pin" "$new_pin" "$puk" "$pin" "$pin" "$pin"
    contains out "Holder" C_Initialize
    begins "cps status --watch" "$label"
    stops
    rm report.pdf.p7s
    letter_with_signature letter.p7m
    types "cps sign report.pdf" "$pin"
    contains out "CAdES Verification successful"
    mkdir lists
    cp "$hierarchy"/ca/*/crl.der lists 2>/dev/null || cp "$hierarchy/crls.pem" lists
    types "cps verify --crl"
    with_time_stamps
    rm report.pdf.p7s
    types "cps sign --timestamp" "$pin"
    echo "a note" >notes.txt
    types "cps cert export                                   # all" "$pin" "$pin"
    openssl x509 -inform DER -in signature.der -noout
    types $'cps doctor\ncps doctor --report report.txt'
    puts "-- firefox" "-- ssh-keygen -D $module"
    types "cps trace"
    contains trace.txt C_Finalize
    printf '%s\n' "$pin" >pin-file
    does "old=$pin new=$new_pin puk=$puk"
    types "cps info --pin-stdin"
    puts Gemalto Virtual
    types "cps info --reader"
    types "mkdir -p ~/.local"
    [ -s .local/share/bash-completion/completions/cps ]
}

# with_time_stamps: the server of the page.
with_time_stamps() {
    time_stamp_maker
    : >index
    setpriv --pdeathsig TERM python3 "$project/Tests/Command/support/authority-server.py" \
        index "$hierarchy/ca/fort-personnes/cert.pem" "$hierarchy/ca/fort-personnes/key.pem" >server.log 2>&1 &
    wait_for test -e port
    puts http://SERVER/ "http://127.0.0.1:$(cat port)/"
    cp time-root.pem tsa-root.pem
}

reads_french() {
    insert cps3
    opens_page cps.md
    types "cps status            # lecteurs" "$pin" "$pin" "$new_pin" "$new_pin" "$puk" "$pin" "$pin"
    echo "a document" >rapport.pdf
    letter_with_signature lettre.p7m
    types "cps sign rapport.pdf" "$pin"
    echo "a note" >notes.txt
    types "cps cert export                                    # tous" "$pin" "$pin"
    types $'cps doctor\ncps doctor --report rapport.txt'
    contains rapport.txt pcscd
}

start_pcscd
# What an administrator has imported.
private_layer /etc
mkdir -p /etc/cps-pkcs11/authorities
cat "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" >/etc/cps-pkcs11/authorities/igc-sante.pem
with_pages
it "the English part, with a CPS4" reads_english
it "the French part, with a CPS3" reads_french
page_is_read cps.md
finish
