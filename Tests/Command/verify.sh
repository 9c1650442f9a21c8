#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps verify`: who has signed, and whether that can be believed. The signatures are
# OpenSSL's, by the keys of the cards; those of the cards themselves are verified by
# sign.sh, too.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"

known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")
sample cps4

verify() { timeout 60 "$cps" verify "${known[@]}" "$@"; }

valid() {
    openssl_signs
    ends_with 0 verify document
    contains out "document: valid signature" "TEST DOC0073574" "Médecin" "a known authority vouches" \
        "TEST AC IGC-SANTE FORT PERSONNES" "TEST AC RACINE IGC-SANTE FORT" "$(date +%Y-%m-%d)"
    openssl_signs -outform PEM -out elsewhere
    ends_with 0 verify document elsewhere
    openssl_signs -nodetach
    ends_with 0 verify document
}

# invalid TEXT OPTION...: of verify.
invalid() {
    local text=$1
    shift
    ends_with 1 verify "$@"
    contains out "NO valid signature" "$text"
    equal "" "$(cat err)"
}

# unsure TEXT OPTION...: of verify.
unsure() {
    local text=$1
    shift
    ends_with 10 verify "$@"
    contains out "signer not established" "$text"
    equal "" "$(cat err)"
}

changed_document() {
    openssl_signs
    for change in 's/two/six/' 's/$/ /' '$a another line'; do
        sed "$change" document >changed
        invalid "another document, or this one was changed" changed document.p7s
    done
    : >changed
    invalid "another document, or this one was changed" changed document.p7s
}

changed_signature() {
    openssl_signs
    # The last byte is the RSA signature's.
    head -c -1 document.p7s >changed
    printf '\x00' >>changed
    cmp -s document.p7s changed && printf '\x01' | dd of=changed bs=1 seek=$(($(stat --format %s changed) - 1)) conv=notrunc status=none
    invalid "The signature is wrong" document changed
}

unknown_authority() {
    openssl_signs
    ends_with 10 "$cps" verify --authorities "$hierarchy/ca/racine-standard/cert.pem" document
    contains out "the name may be invented" "--authorities"
    # A namesake who issued a certificate to himself.
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out forged.pem -days 2 \
        -subj "/C=FR/GN=TEST/SN=DOC0073574/CN=899700735741" 2>/dev/null
    openssl cms -sign -binary -in document -signer forged.pem -inkey key.pem -outform DER -out forged.p7s
    unsure "the name may be invented" document forged.p7s
    # Two who have signed, one of whom nobody knows.
    openssl_signs -signer forged.pem -inkey key.pem
    unsure "a known authority vouches" document
}

expired() {
    openssl x509 -x509toreq -in "$issued/signature.cert.pem" -signkey "$issued/signature.key.pem" -out request
    issue_expired request expired.pem
    echo text >document
    openssl cms -sign -binary -in document -signer expired.pem -inkey "$issued/signature.key.pem" -outform DER \
        -out document.p7s
    ends_with 10 verify document
    contains out "signer not established" "the certificate expired on"
}

other_signatures() {
    openssl_signs -nocerts
    ends_with 10 verify document
    contains out "cannot be judged" "does not come with the signature"
    openssl_signs -md sha1
    invalid "can be forged" document
    echo text >document
    openssl cms -sign -binary -noattr -in document -signer "$issued/authentication.cert.pem" \
        -inkey "$issued/authentication.key.pem" -outform DER -out document.p7s
    ends_with 0 verify document
    contains out "not stated"
}

# Each differs in one thing from the signature that is valid.
wrong_certificates() {
    issue good -days 30 -extensions signatures
    signs_with good
    ends_with 0 verify document
    issue other-usage -days 30 -extensions data
    signs_with other-usage
    invalid "not for signatures" document
    # Valid now, and not yet when it was used.
    issue later -startdate "$(day "2 days ago")" -enddate "$(in_ten_years)" -extensions signatures
    signs_with later
    claims_time "9 days ago"
    unsure "not valid at the time that the signature gives" document
}

# replace OLD NEW: files; in document.p7s, once.
replace() {
    python3 - "$1" "$2" <<'END'
import sys
data, old, new = (open(name, "rb").read() for name in ["document.p7s"] + sys.argv[1:])
assert len(old) == len(new) and old in data
open("document.p7s", "wb").write(data.replace(old, new, 1))
END
}

# What the signature says of itself must fit to what it comes with.
contradictions() {
    # The same issuer, number and key in another certificate.
    local name
    for name in "" "1 day"; do
        issue "one$name" -enddate "$(in_ten_years "$name")" -extensions signatures
        openssl x509 -in "one$name.pem" -outform DER -out "one$name.der"
    done
    signs_with one -cades
    ends_with 0 verify document
    replace one.der "one1 day.der"
    invalid "names a certificate other than" document
    # The attributes speak of data, the signature of something enveloped.
    openssl_signs
    printf '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01' >data
    printf '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03' >enveloped
    replace data enveloped
    invalid "The signature is wrong" document
}

no_signature() {
    echo text >document
    ends_with 8 verify document
    contains err "document.p7s does not exist, and document is not one."
    ends_with 8 verify document nowhere
    contains err "nowhere cannot be read"
    ends_with 8 verify document document
    contains err "document is not a CMS signature."
    : >empty
    head -c 4096 /dev/urandom >random
    openssl_signs
    head -c 500 document.p7s >half
    for name in empty random half "$issued/signature.cert.pem"; do ends_with 8 verify document "$name"; done
    truncate --size 17M huge
    ends_with 8 verify document huge
    ends_with 8 verify . document.p7s
    ends_with 64 verify
}

# What OpenSSL reads may name as many hashes as it likes.
too_many_hashes() {
    openssl_signs
    python3 - <<'END'
def length(data, at):
    first = data[at]
    if first < 0x80: return first, at + 1
    count = first & 0x7F
    return int.from_bytes(data[at + 1:at + 1 + count], "big"), at + 1 + count

def element(tag, value):
    size = len(value)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits) + value

data = open("document.p7s", "rb").read()
_, at = length(data, 1)
size, oid = length(data, at + 1)
kind = data[at:oid + size]
at = oid + size
_, at = length(data, at + 1)
_, at = length(data, at + 1)
version, at = data[at:at + 3], at + 3
size, start = length(data, at + 1)
hashes = element(0x31, data[start:start + size] * 5000)
open("many", "wb").write(element(0x30, kind + element(0xA0, element(0x30, version + hashes + data[start + size:]))))
END
    ends_with 8 verify document many
    contains err "too many"
}

report() {
    openssl_signs
    ends_with 0 verify --json document
    follows_schema cps-verify-1
    json 'r["valid"]' True
    json '[(s["integrity"], s["chain"], s["namesCertificate"], len(s["authorities"])) for s in r["signers"]]' \
        "[('intact', 'trusted', True, 2)]"
    json '"DOC0073574" in r["signers"][0]["certificate"]["subject"]' True
    echo more >>document
    LC_ALL=fr_FR.UTF-8 ends_with 1 verify --json document
    follows_schema cps-verify-1
    json '(r["valid"], r["signers"][0]["integrity"])' "(False, 'otherDocument')"
    openssl cms -sign -binary -noattr -nocerts -in document -signer "$issued/signature.cert.pem" \
        -inkey "$issued/signature.key.pem" -outform DER -out document.p7s
    ends_with 10 verify --json document
    follows_schema cps-verify-1
}

# Authorities in the machine's own folder, over which there is a layer of ours.
authorities_of_the_machine() {
    mkdir -p /etc/cps-pkcs11/authorities
    openssl_signs
    ends_with 10 "$cps" verify document
    cat "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" >/etc/cps-pkcs11/authorities/all.pem
    ends_with 0 "$cps" verify document
    # Whoever may write there could let any certificate pass.
    chmod 777 /etc/cps-pkcs11/authorities
    ends_with 10 "$cps" verify document
}

output_that_nobody_reads() {
    openssl_signs
    { wait_for test -e closed && verify document || echo $? >status; } 2>err | { exec <&-; touch closed; }
    equal 8 "$(cat status)"
    ends_with 8 sh -c "'$cps' verify ${known[*]} document >/dev/full"
}

speaks_french() {
    openssl_signs
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify document
    contains out "document : signature valable" "Signé par" "une autorité connue se porte garante" "Émis par" \
        "$(date +%d/%m/%Y)"
    echo more >>document
    LC_ALL=fr_FR.UTF-8 ends_with 1 verify document
    contains out "signature NON valable" "celui-ci a été modifié depuis"
    LC_ALL=fr_FR.UTF-8 ends_with 8 verify document document
    contains err "n'est pas une signature CMS"
}

cd "$work" || exit 1
private_layer /etc
it "a valid signature: by whom, when, by which authority" valid
it "another document, or a changed one" changed_document
it "a changed signature" changed_signature
it "a signer for whom nobody vouches" unknown_authority
it "an expired certificate" expired
it "no certificate, weak hashes, no attributes" other_signatures
it "a certificate for something else, and one that began after the signature" wrong_certificates
it "a signature that contradicts what it comes with" contradictions
it "what is no signature, or no file" no_signature
it "a signature that would keep the computer busy" too_many_hashes
it "the report" report
it "the machine's authorities, unless others than root may write them" authorities_of_the_machine
it "an output that nobody reads" output_that_nobody_reads
it "in French" speaks_french
finish
