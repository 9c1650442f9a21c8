# SPDX-License-Identifier: Apache-2.0
"""validate-pdf.py ROOTS INTERMEDIATES TIME-ROOTS|- FILE: what pyHanko says of each signature in a PDF, as JSON.

The password of an encrypted document is empty.
"""

import json
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def certificates(path):
    if path == "-":
        return []
    with open(path, "rb") as file:
        return [x509.Certificate.load(body) for _, _, body in pem.unarmor(file.read(), multiple=True)]


def context(roots, others):
    return ValidationContext(
        trust_roots=certificates(roots), other_certs=certificates(others), allow_fetching=False, revocation_mode="soft-fail"
    )


roots, intermediates, time_roots, path = sys.argv[1:]
result = []
with open(path, "rb") as file:
    reader = PdfFileReader(file)
    if reader.encrypted:
        reader.decrypt(b"")
    for signature in reader.embedded_signatures:
        status = validate_pdf_signature(
            signature,
            context(roots, intermediates),
            ts_validation_context=context(time_roots, "-"),
            # A later signature's own field may be added after an earlier one.
        )
        stamp = status.timestamp_validity
        result.append(
            {
                "field": signature.field_name,
                "subfilter": signature.sig_object["/SubFilter"],
                "time": signature.sig_object["/M"],
                "signed": sorted(one["type"].native for one in signature.signer_info["signed_attrs"]),
                "certificates": len(signature.signed_data["certificates"]),
                "intact": status.intact,
                "valid": status.valid,
                "trusted": status.trusted,
                "bottom line": status.bottom_line,
                "coverage": status.coverage.name,
                "modification": status.modification_level and status.modification_level.name,
                "time stamp": stamp and bool(stamp.valid and stamp.trusted and stamp.intact),
            }
        )
json.dump(result, sys.stdout, indent=1)
