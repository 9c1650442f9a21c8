# SPDX-License-Identifier: Apache-2.0
"""make-pdf.py WORD...: the file document.pdf, of one page. A word says what it has more.

    plain           nothing, and no library is needed
    password        a password to read it, by pyHanko
    owner           a password that nobody needs
    restricted      a password to change it
    locked CERTIFICATE KEY   its author's signature, which allows no changes
    field           a text field Signature1
"""

import sys

# Printing; and to have no message authentication code.
PRINTING = 4 | 4096
TEXT = "BT /F 18 Tf 72 760 Td (Ordonnance du DOC0073574) Tj ET"


def plain(more=""):
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{more}>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(TEXT) + 1}>>stream\n{TEXT}\n\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</FT/Tx/T(Signature1)>>",
    ]
    text, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(text)
    text += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    text += "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    text += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    return text.encode()


def encrypted(user, allowed=None):
    from pyhanko.pdf_utils.crypt.permissions import StandardPermissions
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer
    import io

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain())))
    options = {} if allowed is None else {"perms": StandardPermissions(allowed)}
    writer.encrypt(owner_pass="owner", user_pass=user, pdf_mac=False, **options)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def locked(certificate, key):
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm
    import io

    signer = signers.SimpleSigner.load(key, certificate)
    metadata = signers.PdfSignatureMetadata(field_name="Author", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    return signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plain())), metadata, signer=signer).getvalue()


kind, *words = sys.argv[1:]
content = {
    "plain": plain,
    "password": lambda: encrypted("user"),
    "owner": lambda: encrypted(""),
    "restricted": lambda: encrypted("", PRINTING),
    "locked": lambda: locked(*words),
    "field": lambda: plain("/AcroForm<</Fields[6 0 R]>>"),
}[kind]()
with open("document.pdf", "wb") as file:
    file.write(content)
