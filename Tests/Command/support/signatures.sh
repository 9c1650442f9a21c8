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
    cms claim-time document.p7s "$(date --utc --date "$1" +%y%m%d%H%M%SZ)" "$issued/signature.key.pem"
}

# in_one_byte NAME: the last byte of a file is another.
in_one_byte() {
    python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[-1] ^= 1; open(sys.argv[1], "wb").write(d)' "$1"
}

# MARK: Revocation

# revoked WHEN: the index of whoever issued says so.
revoked() {
    sed -i -E "s/^V\t([^\t]*)\t\t/R\t\1\t$(date --utc --date "$1" +%y%m%d%H%M%SZ),keyCompromise\t/" index
    grep -q ^R index
}

# list NAME [OPTION...]: NAME.pem and NAME.crl, by the signer's authority and its index; the
# options are those of openssl ca -gencrl.
list() {
    local name=$1 authority=$hierarchy/ca/fort-personnes
    shift
    [ $# -gt 0 ] || set -- -crldays 2
    echo 01 >crlnumber
    openssl ca -gencrl -config ca.conf -name ca -cert "$authority/cert.pem" -keyfile "$authority/key.pem" \
        -out "$name.pem" "$@" 2>ca.log || { cat ca.log; return 1; }
    openssl crl -in "$name.pem" -outform DER -out "$name.crl"
}

# MARK: Time stamps

# time_stamp_maker: tsa.pem and what OpenSSL needs beside it, for ten years; its root is time-root.pem.
time_stamp_maker() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out time-root.pem -days 3650 -subj "/CN=TIME ROOT" 2>/dev/null
    openssl req -new -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=TIME" 2>/dev/null
    printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=critical,timeStamping >tsa.extensions
    openssl x509 -req -in tsa.csr -CA time-root.pem -CAkey root.key -set_serial 7 -days 3650 -extfile tsa.extensions \
        -out tsa.pem 2>/dev/null
    printf '%s\n' "[tsa]" serial=tsa.serial default_policy=1.2.3.4 digests=sha256 signer_digest=sha256 \
        ess_cert_id_alg=sha256 >tsa.conf
    echo 01 >tsa.serial
}

# stamped_at WHEN: document.p7s gets a time stamp, which the maker's clock made then.
stamped_at() {
    cms value document.p7s >value
    openssl ts -query -data value -sha256 -cert -out question 2>/dev/null
    faketime "$1" openssl ts -reply -config tsa.conf -section tsa -queryfile question -signer tsa.pem -inkey tsa.key \
        -token_out -out token 2>ts.log || { cat ts.log; return 1; }
    cms add document.p7s "$name_of_time_stamps" token
}

# MARK: Changes

# cms COMMAND...: what OpenSSL's command does not do with a signature.
cms() { python3 "$project/Tests/Command/support/cms.py" "$@"; }

# Names of attributes, in hexadecimal.
name_of_time_stamps=2a864886f70d010910020e
name_of_counter_signatures=2a864886f70d010906
