#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps verify`: every kind of signature, and its verdict: exit status, sentences in both
# languages, report.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=SCRIPTDIR/support/signatures.sh
. "$project/Tests/Command/support/signatures.sh"

sample cps4
known=(--authorities "$hierarchy/roots.pem" --authorities "$hierarchy/intermediates.pem")

# MARK: The signatures: each writes document and document.p7s, and may change the options

right() { openssl_signs; }
attached_beside() { openssl_signs -nodetach; }

# One file, with document and signature.
attached() {
    openssl_signs -nodetach
    mv document.p7s document
}

attached_changed() {
    attached
    sed -i 's/two glasses/ten glasses/' document
}

required() {
    openssl_signs
    options+=(--require-revocation)
}

other_document() {
    openssl_signs
    echo more >>document
}

# The last byte is the RSA signature's.
changed() {
    openssl_signs
    in_one_byte document.p7s
}

unknown_authority() {
    openssl_signs
    options=(--authorities "$hierarchy/ca/racine-standard/cert.pem")
}

expired_since() {
    expired
    claims_time "3 days ago"
}

expired() {
    issue expired -startdate "$(day "9 days ago")" -enddate "$(day "1 day ago")"
    signs_with expired "$@"
}

expired_timeless() { expired -noattr; }

# A time stamp from before the certificate expired, by a maker who is known.
expired_stamped() {
    expired
    time_stamp_maker
    stamped_at "3 days ago"
    options+=(--timestamp-authorities time-root.pem)
}

expired_before_the_stamp() {
    expired_stamped
    expired
    stamped_at "1 hour ago"
}

expired_stamped_by_unknown() {
    expired_stamped
    options=("${known[@]}")
    expired_since
    stamped_at "3 days ago"
}

# A certificate of nine days ago, revoked three days ago.
revoked_certificate() {
    issue signer -startdate "$(day "9 days ago")" -enddate "$(in_ten_years)"
    revoked "3 days ago"
    list list
    signs_with signer
    options+=(--crl list.pem)
}

revoked_before() { revoked_certificate; }

revoked_after() {
    revoked_certificate
    claims_time "6 days ago"
}

revoked_after_the_stamp() {
    revoked_certificate
    time_stamp_maker
    stamped_at "6 days ago"
    options+=(--timestamp-authorities time-root.pem)
}

not_yet_valid() {
    issue future -startdate "$(day "3 days")" -enddate "$(in_ten_years)"
    signs_with future
}

not_valid_then() {
    issue young -startdate "$(day "2 days ago")" -enddate "$(in_ten_years)"
    signs_with young
    claims_time "9 days ago"
}

weak_hash() { openssl_signs -md sha1; }
no_certificate() { openssl_signs -nocerts; }

# An RSA signature that says that it is something else: 1.2.840.113549.1.1.127.
unknown_algorithm() {
    openssl_signs
    python3 - <<'PYTHON'
data = bytearray(open("document.p7s", "rb").read())
at = data.rindex(bytes.fromhex("06092a864886f70d010101")) + 10
data[at] = 0x7F
open("document.p7s", "wb").write(data)
PYTHON
}

unknown_algorithm_for_another_document() {
    unknown_algorithm
    echo more >>document
}

# The hash needs no certificate.
no_certificate_for_another_document() {
    no_certificate
    echo more >>document
}

wrong_usage() {
    issue usage -days 30 -extensions data
    signs_with usage
}

weak_certificate() {
    issue weak -days 30 -md sha1
    signs_with weak
}

# Where the certificate's own signature is.
forged_certificate() {
    issue good -days 30
    openssl x509 -in good.pem -outform DER -out forged.der
    in_one_byte forged.der
    openssl x509 -inform DER -in forged.der -out forged.pem
    signs_with forged
}

# A server that issues a certificate.
no_authority() {
    issue child -days 30 -cert "$hierarchy/server/cert.pem" -keyfile "$hierarchy/server/key.pem"
    signs_with child -certfile "$hierarchy/server/cert.pem"
}

# By both keys of the card.
several() { openssl_signs -signer "$issued/authentication.cert.pem" -inkey "$issued/authentication.key.pem"; }

# The last byte is the second signature's.
several_one_changed() {
    several
    in_one_byte document.p7s
}

# Two signers, one of whom nobody knows.
several_one_unknown() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out unknown.pem -days 2 -subj "/CN=unknown" 2>/dev/null
    openssl_signs -signer unknown.pem -inkey key.pem
}

# MARK: The table

# judged SIGNATURE STATUS VERDICT REASON ENGLISH FRENCH
judged() {
    local options=("${known[@]}") is_valid=False
    "$1"
    ends_with "$2" verify
    contains out "$5"
    LC_ALL=fr_FR.UTF-8 ends_with "$2" verify
    contains out "$6"
    ends_with "$2" verify --json
    follows_schema cps-verify-1
    [ "$3" != valid ] || is_valid=True
    json '(r["verdict"], r["valid"])' "('$3', $is_valid)"
    # Of several signers one is the reason.
    json '"'"$4"'" in [signer["reason"] for signer in r["signers"]]' True
}

verify() { timeout 60 "$cps" verify "${options[@]}" "$@" document; }

table() {
    local name status verdict reason english french
    while IFS='|' read -r name status verdict reason english french; do
        it "${name%% *}: ${verdict// /}" judged "${name// /}" "${status// /}" "${verdict// /}" "${reason// /}" \
            "${english:1:-1}" "${french:1}"
    done
}

headings() {
    local options=("${known[@]}")
    openssl_signs
    ends_with 0 verify
    contains out "document: valid signature"
    LC_ALL=fr_FR.UTF-8 ends_with 10 "$cps" verify document
    contains out "document : signature exacte, signataire non établi" "--authorities FICHIER indique les autorités"
    echo more >>document
    LC_ALL=fr_FR.UTF-8 ends_with 1 verify
    contains out "document : signature NON valable"
}

local_time() {
    local options=("${known[@]}")
    openssl_signs
    claims_time "2025-07-01 22:30:00 UTC"
    TZ='<+04>-4' ends_with 10 "$cps" verify document
    contains out "2025-07-02 02:30:00 (UTC+4), by the signer's computer"
    TZ='<-0330>3:30' LC_ALL=fr_FR.UTF-8 ends_with 10 "$cps" verify document
    contains out "01/07/2025 19:00:00 (UTC-3:30), d'après l'ordinateur du signataire"
    TZ=UTC0 ends_with 10 "$cps" verify document
    contains out "2025-07-01 22:30:00 (UTC)"
    ends_with 10 "$cps" verify --json document
    json 'r["signers"][0]["time"]' 2025-07-01T22:30:00Z
}

revocation_line() {
    local options=("${known[@]}")
    openssl_signs
    ends_with 0 verify
    contains out "Revocation   not checked"
    LC_ALL=fr_FR.UTF-8 ends_with 0 verify
    contains out "Révocation  non vérifiée"
    ends_with 0 verify --json
    json 'r["signers"][0]["revocation"]' notChecked
}

table <<'END'
right             |  0 | valid          | trusted            | a known authority vouches for the signer | une autorité connue se porte garante
attached          |  0 | valid          | trusted            | a known authority vouches for the signer | une autorité connue se porte garante
attached_beside   |  0 | valid          | trusted            | a known authority vouches for the signer | une autorité connue se porte garante
several           |  0 | valid          | trusted            | a known authority vouches for the signer | une autorité connue se porte garante
expired_stamped   |  0 | valid          | trusted            | Time stamp | Horodatage
revoked_after_the_stamp | 0 | valid     | trusted            | Time stamp | Horodatage
required          | 10 | notEstablished | revocationUnknown  | revoked is not known | on ne sait pas si le certificat a été révoqué
unknown_authority | 10 | notEstablished | unknownAuthority   | the name may be invented | le nom peut être inventé
several_one_unknown | 10 | notEstablished | unknownAuthority   | the name may be invented | le nom peut être inventé
expired_since     | 10 | notEstablished | expiredSince       | nobody confirms that time | personne ne confirme cette heure
expired           | 10 | notEstablished | expired            | nothing shows that the signature was made before | rien ne montre que la signature est antérieure
expired_timeless  | 10 | notEstablished | expired            | nothing shows that the signature was made before | rien ne montre que la signature est antérieure
expired_before_the_stamp | 10 | notEstablished | expired     | nothing shows that the signature was made before | rien ne montre que la signature est antérieure
expired_stamped_by_unknown | 10 | notEstablished | expiredSince | nobody confirms that time | personne ne confirme cette heure
revoked_after     | 10 | notEstablished | revokedSince       | nothing confirms that the signature was made before | rien ne confirme que la signature est antérieure
not_yet_valid     | 10 | notEstablished | notYetValid        | is not valid before | ne commence que le
not_valid_then    | 10 | notEstablished | notValidThen       | not valid at the time that the signature gives | n'était pas valable à l'heure indiquée
no_certificate    | 10 | notEstablished | certificateMissing | that cannot be judged | impossible à juger
unknown_algorithm | 10 | notEstablished | unknownAlgorithm   | an algorithm that this command does not know | un algorithme que cette commande ne connaît pas
other_document    |  1 | notValid       | otherDocument      | another document | un autre document
no_certificate_for_another_document | 1 | notValid | otherDocument | another document | un autre document
unknown_algorithm_for_another_document | 1 | notValid | otherDocument | another document | un autre document
attached_changed  |  1 | notValid       | otherDocument      | another document | un autre document
changed           |  1 | notValid       | wrongSignature     | The signature is wrong | La signature est fausse
several_one_changed | 1 | notValid      | wrongSignature     | The signature is wrong | La signature est fausse
revoked_before    |  1 | notValid       | revokedBefore      | Before the signature was made, the certificate was revoked | Avant que la signature ne soit faite, le certificat a été révoqué
weak_hash         |  1 | notValid       | weakHash           | a hash that can be forged | un hachage qui peut être falsifié
wrong_usage       |  1 | notValid       | wrongKeyUsage      | not for signatures | pas destiné aux signatures
weak_certificate  |  1 | notValid       | refused            | is not valid: its key or its hash can be forged | sa clé ou son hachage peut être falsifié
forged_certificate | 1 | notValid       | refused            | it is not signed by the authority that it names | l'autorité qu'il nomme ne l'a pas signé
no_authority      |  1 | notValid       | refused            | its issuer is not allowed to issue certificates | son émetteur n'a pas le droit
END
it "headings tell the three verdicts apart" headings
it "times are those of this computer's zone; in reports, universal" local_time
it "whether a revocation was looked for" revocation_line
finish
