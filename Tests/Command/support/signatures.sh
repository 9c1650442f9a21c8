# SPDX-License-Identifier: Apache-2.0
# Signatures that are no card's: by the signature key of the card `sample` chose, with
# certificates of all kinds.

# openssl_signs OPTION...: document, by the card's signature key, to document.p7s.
openssl_signs() {
    echo "two glasses of water a day" >document
    openssl cms -sign -cades -binary -in document -signer "$issued/signature.cert.pem" \
        -inkey "$issued/signature.key.pem" -outform DER -out document.p7s "$@"
}

# issue NAME OPTION...: NAME.pem, for the signer's key, by an authority that is known;
# the options are those of openssl ca.
issue() {
    local name=$1
    shift
    [ -e request ] || openssl x509 -x509toreq -in "$issued/signature.cert.pem" -signkey "$issued/signature.key.pem" -out request
    : >index
    echo 77 >serial
    printf '%s\n' "[ca]" database=index serial=serial policy=any new_certs_dir=. default_md=sha256 unique_subject=no \
        "[any]" CN=optional "[data]" keyUsage=critical,dataEncipherment "[signatures]" keyUsage=critical,nonRepudiation >ca.conf
    openssl ca -batch -config ca.conf -name ca -notext -in request -out "$name.pem" -preserveDN \
        -cert "$hierarchy/ca/fort-personnes/cert.pem" -keyfile "$hierarchy/ca/fort-personnes/key.pem" "$@" 2>ca.log ||
        { cat ca.log; return 1; }
}

# signs_with NAME OPTION...: document, to document.p7s.
signs_with() {
    local name=$1
    shift
    echo text >document
    openssl cms -sign -binary -in document -signer "$name.pem" -inkey "$issued/signature.key.pem" -outform DER \
        -out document.p7s "$@"
}

# day DISTANCE: as openssl writes a time: `day "3 days ago"`.
day() { date --utc --date "$1" +%Y%m%d000000Z; }

# in_ten_years: a day, as openssl writes it.
in_ten_years() { day "10 years ${1:-}"; }

# claims_time TIME: the signer of document.p7s now says that it was then.
claims_time() {
    python3 "$project/Tests/Command/support/claim-time.py" document.p7s \
        "$(date --utc --date "$1" +%y%m%d%H%M%SZ)" "$issued/signature.key.pem"
}

# in_one_byte NAME: the last byte of a file is another.
in_one_byte() {
    python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[-1] ^= 1; open(sys.argv[1], "wb").write(d)' "$1"
}
