# SPDX-License-Identifier: Apache-2.0
"""Makes room for a signature in a PDF, for `cps sign --pdf`.

    prepare-pdf.py TIME BYTES <document.pdf

Appends a signature field to the document by an incremental update: not one byte of the document
changes, so signatures that it has stay valid. TIME is the time of signing in UTC
(2026-11-26T12:00:00Z), BYTES the greatest size of the signature. Writes to standard output one line,
and after `ready` the bytes that come after the document:

    ready START END      the offsets of the signature's place, `<` and `>` included
    missing TEXT         pyHanko is not installed, or is another version
    encrypted TEXT       the document has a password
    locked TEXT          its author allows no signature
    unreadable TEXT      pyHanko cannot read it
"""

import datetime
import io
import logging
import sys


class Refusal(Exception):
    """A reason of the list above, and words for people."""


def main():
    time = datetime.datetime.strptime(sys.argv[1], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    # The words about broken documents are in the exception, too.
    logging.disable(logging.CRITICAL)
    document = sys.stdin.buffer.read()
    try:
        start, end, update = prepared(document, time, int(sys.argv[2]))
        line = f"ready {start} {end}"
    except Refusal as refusal:
        line, update = " ".join(str(part) for part in refusal.args), b""
    except Exception as error:  # pyHanko raises many kinds for broken documents
        line, update = f"unreadable {type(error).__name__}: {error}", b""
    sys.stdout.buffer.write(" ".join(line.split()).encode() + b"\n" + update)


def prepared(document, time, size):
    try:
        from pyhanko.pdf_utils.crypt import AuthStatus
        from pyhanko.pdf_utils.crypt.permissions import StandardPermissions
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.pdf_utils.misc import PdfReadError
        from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
        from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
        from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
        from pyhanko.sign.signers.pdf_byterange import SignatureObject
    except ImportError as error:
        raise Refusal("missing", error) from error

    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    if writer.prev.encrypted:
        # Many documents have a password for changes only; the one for reading is empty.
        try:
            result = writer.encrypt(b"")
        except PdfReadError as error:
            raise Refusal("encrypted", error) from error
        if result.status == AuthStatus.FAILED:
            raise Refusal("encrypted", "it has a password")
        # A new field needs both (ISO 32000-2 table 22).
        needed = StandardPermissions.ALLOW_MODIFICATION_GENERIC | StandardPermissions.ALLOW_ANNOTS_FORM_FILLING
        if isinstance(result.permission_flags, StandardPermissions) and needed not in result.permission_flags:
            raise Refusal("locked", "the password for changes is needed")
        if getattr(writer.security_handler, "pdf_mac_enabled", False):
            raise Refusal("encrypted", "the document has a message authentication code")
    if is_locked(writer.root):
        raise Refusal("locked", "the author's signature allows no changes")

    # EN 319 142-1 §5.5 and §6.3: the extension of PDF 1.7, the format ETSI.CAdES.detached, the time in /M.
    writer.ensure_output_version((1, 7))
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)
    name = free_name(writer.root)
    # No rectangle: the signature is not shown on a page.
    steps = PdfCMSEmbedder(SigFieldSpec(name)).write_cms(name, writer)
    next(steps)
    steps.send(
        SigObjSetup(
            # Two hexadecimal digits for each byte.
            SignatureObject(timestamp=time, subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * size)
        )
    )
    digest, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    whole = output.getbuffer()
    if whole[: len(document)] != document:
        raise Refusal("unreadable", "pyHanko changed the document itself")
    return digest.reserved_region_start, digest.reserved_region_end, bytes(whole[len(document) :])


def is_locked(root):
    """Whether the author has certified the document and allows no changes (ISO 32000-2 §12.8.2.2)."""
    if "/Perms" not in root or "/DocMDP" not in root["/Perms"]:
        return False
    for reference in root["/Perms"]["/DocMDP"].get("/Reference", ()):
        reference = reference.get_object()
        if reference.get("/TransformMethod") == "/DocMDP" and reference.get("/TransformParams", {}).get("/P", 2) == 1:
            return True
    return False


def free_name(root):
    """Signature1, or the first number that no field of the document's form has."""
    fields = root["/AcroForm"].get("/Fields", ()) if "/AcroForm" in root else ()
    taken = {str(field.get_object().get("/T", "")) for field in fields}
    number = 1
    while f"Signature{number}" in taken:
        number += 1
    return f"Signature{number}"


main()
